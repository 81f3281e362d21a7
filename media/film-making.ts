/** The Director's work on finished clips: lip sync and captions. Files are referred to by their stored names. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlayheadError, storageFailure } from 'playhead';
import type { ClipCue, ClipPlan, MouthPlace } from './clip-plan.ts';
import { FRAMES_PER_SECOND } from './clip-plan.ts';
import type { Media } from './media.ts';
import { hasMouths } from './mouth-drawing.ts';
import type { ClipMouths } from './mouth-layer.ts';
import { runParallel } from './parallel.ts';

/** A job's file storage: the part of JobFiles (jobs/contract.ts) that is used here. */
export interface FilmFiles<Saved = unknown> {
  readonly scratch: string;
  save(name: string, path: string): Promise<Saved>;
  open(name: string): Promise<string>;
}

/** The stored files of one clip. */
export type ClipFiles = {
  readonly plan: string;
  readonly audio: string;
  readonly video: string;
  readonly frames: number;
  /** Drawn here, or made by a remote model. */
  readonly footage: 'drawn' | 'remote';
};

interface MakingOptions {
  readonly media: Media;
  readonly files: FilmFiles;
  readonly signal: AbortSignal;
}

/** The number in the names of a clip's files: 0001 for the first. */
export function clipNumber(index: number): string {
  return String(index + 1).padStart(4, '0');
}

/** Writes a small file to the scratch folder and stores it. @throws PlayheadError STORAGE_FAILED */
export async function storeContent<Saved>(
  files: FilmFiles<Saved>,
  name: string,
  content: string | Uint8Array,
): Promise<Saved> {
  const path = join(files.scratch, name.replaceAll('/', '-'));
  try {
    await mkdir(files.scratch, { recursive: true });
    await writeFile(path, content);
  } catch (cause) {
    throw storageFailure(`expected to write ${path}`, cause);
  }
  return files.save(name, path);
}

/** Reads a JSON file that an earlier step has stored; T is what that step wrote. */
export async function readStoredJson<T>(files: FilmFiles, name: string): Promise<T> {
  const path = await files.open(name);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (cause) {
    throw new PlayheadError('STORAGE_FAILED', `expected JSON in ${name}`, { cause });
  }
}

/** A clip's mouths as stored: a video and, beside it, the places where it belongs. */
const MOUTHS = { video: 'mkv', places: 'json' } as const;

/**
 * Draws the mouths of every clip. A clip in which nobody is seen speaking has none, and neither has remote footage, whose faces
 * are in unknown places.
 * @returns for each clip, the stored name without extension, or null
 * @throws PlayheadError as ffmpeg does; STORAGE_FAILED
 */
export async function syncLips(
  clips: readonly ClipFiles[],
  options: MakingOptions & { readonly onProgress: (share: number) => void },
): Promise<(string | null)[]> {
  const { media, files } = options;
  const done = clips.map(() => 0);
  const total = clips.reduce((sum, { frames }) => sum + frames, 0);
  const report = (index: number, frames: number): void => {
    done[index] = frames;
    options.onProgress(done.reduce((sum, one) => sum + one, 0) / total);
  };
  return runParallel(clips, media.pool.size, options.signal, async (clip, index, signal) => {
    const plan = await readStoredJson<ClipPlan>(files, clip.plan);
    if (clip.footage === 'remote' || !hasMouths(plan)) {
      report(index, clip.frames);
      return null;
    }
    const outputPath = join(files.scratch, `lips-${clipNumber(index)}.${MOUTHS.video}`);
    const input = { plan, tools: await media.tools(), outputPath };
    const places = await media.pool.run('drawMouths', input, {
      ...{ signal, onProgress: (frame: number) => report(index, frame) },
    });
    const name = `steps/lips/${clipNumber(index)}`;
    await files.save(`${name}.${MOUTHS.video}`, outputPath);
    await storeContent(files, `${name}.${MOUTHS.places}`, JSON.stringify(places));
    return name;
  });
}

/** Opens what syncLips has stored for a clip. */
export async function openMouths(
  files: FilmFiles,
  name: string | null,
  { frames }: ClipFiles,
): Promise<ClipMouths> {
  if (name === null) return { path: null, places: [], frames };
  const places = await readStoredJson<MouthPlace[]>(files, `${name}.${MOUTHS.places}`);
  return { path: await files.open(`${name}.${MOUTHS.video}`), places, frames };
}

/** All captions of a film, on its own time line, and the second that makes its best picture. */
export async function gatherCues(
  clips: readonly ClipFiles[],
  files: FilmFiles,
): Promise<{ cues: ClipCue[]; pictureSeconds: number }> {
  const cues: ClipCue[] = [];
  let startSeconds = 0;
  let pictureSeconds: number | undefined;
  for (const clip of clips) {
    const plan = await readStoredJson<ClipPlan>(files, clip.plan);
    const turn = plan.turns.find(({ figure }) => figure !== null) ?? plan.turns[0];
    pictureSeconds ??= turn && startSeconds + (turn.from + (turn.to - turn.from) * 0.4) / FRAMES_PER_SECOND;
    for (const cue of plan.cues) {
      cues.push({
        ...cue,
        startSeconds: cue.startSeconds + startSeconds,
        endSeconds: cue.endSeconds + startSeconds,
      });
    }
    startSeconds += clip.frames / FRAMES_PER_SECOND;
  }
  return { cues, pictureSeconds: pictureSeconds ?? 0 };
}
