/** One clip by a remote model: asked for, waited for, fetched and made to fit. */

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

/** 0..1 of the clip's pictures, and what the provider says of its own part; null behind it. */
export type RemoteShare = { readonly share: number; readonly remote: number | null };

export interface RemoteFilming {
  readonly film: Film;
  readonly scene: FilmScene;
  readonly plan: ClipPlan;
  readonly clips: ClipProvider;
  readonly media: Media;
  readonly signal: AbortSignal;
  /** Absolute paths of half-made files. */
  readonly footagePath: string;
  readonly titlePath: string;
  readonly endPath: string;
  readonly outputPath: string;
  /** A clip that an earlier attempt has begun: it is waited for in place of a new one. */
  readonly started: StartedClip | null;
  readonly idempotencyKey: string;
  readonly isGivenUp: () => boolean;
  readonly onProgress: (progress: RemoteShare) => void;
  /** Keeps what the clip is known by. */
  readonly onStarted: (clip: StartedClip) => Promise<void>;
  /** The clip will never come. */
  readonly onLost: () => Promise<void>;
}

/** The provider's part of the work; fetching and fitting is the rest. */
const PROVIDER_SHARE = 0.9;
/** Cancelling must be over in 2 s, cleaning up included. */
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
    // What stops this clip may be the loss of another one.
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
  // Before anything else can fail: it is paid for now.
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

/** A file that cannot be shown will be the same when it is fetched again. */
function isLost(error: unknown): boolean {
  if (error instanceof ClipLost) return true;
  return error instanceof PlayheadError && error.details?.['error_code'] === 'bad_footage';
}

/** Where the provider cannot stop the clip, it stays ours: it will be paid for, and a retry of the job takes it. */
async function giveUp({ clips, onLost }: RemoteFilming, started: StartedClip): Promise<void> {
  const stopped = await clips.cancel(started, AbortSignal.timeout(CANCEL_LIMIT_MS)).then(
    () => true,
    () => false,
  );
  if (stopped) await onLost();
}
