/** The Director's work on clips that are made: lip sync, captions. Files go by their stored names. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlayheadError, storageFailure } from 'playhead';
import type { ClipCue, ClipPlan } from './clip-plan.ts';
import { FRAMES_PER_SECOND } from './clip-plan.ts';
import type { Media } from './media.ts';
import { hasMouths } from './mouth-drawing.ts';
import { runParallel } from './parallel.ts';

/** Where a job's files are kept; what JobFiles of the jobs' contract offers. */
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

/** How a clip's files are named: 0001 for the first. */
export function clipNumber(index: number): string {
  return String(index + 1).padStart(4, '0');
}

/** Writes a small file aside and stores it. @throws PlayheadError STORAGE_FAILED */
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

/** Reads a JSON file that a step before has stored; T is what that step wrote. */
export async function readStoredJson<T>(files: FilmFiles, name: string): Promise<T> {
  const path = await files.open(name);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (cause) {
    throw new PlayheadError('STORAGE_FAILED', `expected JSON in ${name}`, { cause });
  }
}

/**
 * Draws the mouths over every clip. A clip in which nobody is seen speaking stays as it is, and so does remote footage:
 * nobody knows where its faces are.
 * @returns the stored names of the videos, in order
 * @throws PlayheadError as ffmpeg does; STORAGE_FAILED
 */
export async function syncLips(
  clips: readonly ClipFiles[],
  options: MakingOptions & { readonly onProgress: (share: number) => void },
): Promise<string[]> {
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
      return clip.video;
    }
    const outputPath = join(files.scratch, `lips-${clipNumber(index)}.mp4`);
    const input = { plan, tools: await media.tools(), clipPath: await files.open(clip.video), outputPath };
    await media.pool.run('drawMouths', input, { signal, onProgress: (frame) => report(index, frame) });
    const name = `steps/lips/${clipNumber(index)}.mp4`;
    await files.save(name, outputPath);
    return name;
  });
}

/** All captions of a film, on its own time line, with the second that makes the best picture of it. */
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
