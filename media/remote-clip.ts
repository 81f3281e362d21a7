/** One clip by a remote model: requested, waited for, fetched and made to fit. */

import { rm } from 'node:fs/promises';
import { PlayheadError } from 'playhead';
import {
  type ClipPlan,
  FRAME_HEIGHT_PX,
  FRAME_WIDTH_PX,
  FRAMES_PER_SECOND,
  sceneEnd,
  sceneStart,
} from './clip-plan.ts';
import { writeClipPrompt } from './clip-prompt.ts';
import type { Film, FilmScene } from './film.ts';
import { fitFootage } from './footage.ts';
import type { Media } from './media.ts';
import { ClipLost, type ClipProvider, type StartedClip } from './providers/clip.ts';

/** The progress of the clip's pictures, 0..1, and the provider's own progress; null once its part is over. */
export type RemoteShare = { readonly share: number; readonly remote: number | null };

export interface RemoteFilming {
  readonly film: Film;
  readonly scene: FilmScene;
  readonly plan: ClipPlan;
  readonly clips: ClipProvider;
  readonly media: Media;
  readonly signal: AbortSignal;
  /** Absolute paths of temporary files. */
  readonly footagePath: string;
  readonly titlePath: string;
  readonly endPath: string;
  readonly outputPath: string;
  /** A clip that an earlier attempt has started: it is waited for instead of starting a new one. */
  readonly started: StartedClip | null;
  readonly idempotencyKey: string;
  readonly isGivenUp: () => boolean;
  readonly onProgress: (progress: RemoteShare) => void;
  /** Stores what identifies the clip. */
  readonly onStarted: (clip: StartedClip) => Promise<void>;
  /** Called when the clip will never arrive. */
  readonly onLost: () => Promise<void>;
}

/** The provider's share of the work; the rest is fetching and fitting. */
const PROVIDER_SHARE = 0.9;
/** Cancelling must be over within 2 s, including clean-up. */
const CANCEL_LIMIT_MS = 1_000;

/**
 * Makes the clip's pictures: the cards are drawn here, the scene comes from the model.
 * @throws PlayheadError as the provider, ffmpeg and the media processes do
 */
export async function filmRemotely(filming: RemoteFilming): Promise<{ costUsd: number }> {
  const { clips, signal, onProgress } = filming;
  onProgress({ share: 0, remote: 0 });
  const started = filming.started ?? (await start(filming));
  try {
    const { costUsd } = await clips.finish(started, {
      outputPath: filming.footagePath,
      signal,
      onProgress: (share) => onProgress({ share: share * PROVIDER_SHARE, remote: share }),
    });
    onProgress({ share: PROVIDER_SHARE, remote: null });
    await conform(filming);
    return { costUsd };
  } catch (error) {
    // This clip may have been stopped by the loss of another one.
    if (isLost(error) && error !== signal.reason) await filming.onLost();
    else if (signal.aborted && filming.isGivenUp()) await giveUp(filming, started);
    throw error;
  }
}

async function start({ film, scene, plan, clips, signal, idempotencyKey, onStarted }: RemoteFilming) {
  const started = await clips.start(
    {
      prompt: writeClipPrompt(film, scene),
      seconds: (sceneEnd(plan) - sceneStart(plan)) / FRAMES_PER_SECOND,
      widthPx: FRAME_WIDTH_PX,
      heightPx: FRAME_HEIGHT_PX,
      idempotencyKey,
    },
    signal,
  );
  // Before anything else can fail, since the clip is now paid for.
  await onStarted(started);
  return started;
}

async function conform(filming: RemoteFilming): Promise<void> {
  const { plan, media, footagePath, outputPath, signal } = filming;
  const tools = await media.tools();
  const drawPart = async (from: number, to: number, path: string): Promise<string | null> => {
    if (from === to) return null;
    const card = { plan, part: { from, to }, withMouths: false, tools, outputPath: path };
    await media.pool.run('drawClip', card, { signal });
    return path;
  };
  const titlePath = await drawPart(0, sceneStart(plan), filming.titlePath);
  const endPath = await drawPart(sceneEnd(plan), plan.frames, filming.endPath);
  const frames = sceneEnd(plan) - sceneStart(plan);
  await fitFootage(tools, { footagePath, outputPath, signal, titlePath, endPath, frames });
  const made = [footagePath, titlePath, endPath].filter((path) => path !== null);
  await Promise.all(made.map((path) => rm(path, { force: true })));
}

/** A file that cannot be shown would be the same if it were fetched again. */
function isLost(error: unknown): boolean {
  if (error instanceof ClipLost) return true;
  return error instanceof PlayheadError && error.details?.['error_code'] === 'bad_footage';
}

/** If the provider cannot stop the clip, it is kept: it will be charged, and a retry of the job uses it. */
async function giveUp({ clips, onLost }: RemoteFilming, started: StartedClip): Promise<void> {
  const stopped = await clips.cancel(started, AbortSignal.timeout(CANCEL_LIMIT_MS)).then(
    () => true,
    () => false,
  );
  if (stopped) await onLost();
}
