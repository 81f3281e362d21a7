/** The Director's long work, one function per step: clips, lip sync, captions, the film. Files go by their stored names. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlayheadError } from '../core/errors.ts';
import type { ClipCue, ClipPlan } from './clip-plan.ts';
import { FRAMES_PER_SECOND } from './clip-plan.ts';
import { mixClip, planClip } from './clip-planning.ts';
import { type Film, sceneLength } from './film.ts';
import type { Media } from './media.ts';
import { hasMouths } from './mouth-drawing.ts';
import { runParallel } from './parallel.ts';
import { speakScene } from './scene-speech.ts';
import { encodeWav } from './wav.ts';

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
};

interface MakingOptions {
  readonly media: Media;
  readonly files: FilmFiles;
  readonly signal: AbortSignal;
}

export interface ClipMakingOptions extends MakingOptions {
  /** @param share 0..1 @param finished clips that are done */
  readonly onProgress: (share: number, finished: number) => void;
  readonly warn: (message: string) => void;
}

/** Speaking takes about this part of a clip's work, drawing the rest (measured on examples/script.txt). */
const SPEAKING_SHARE = 0.12;

/**
 * Speaks and draws every scene, as many at once as there are worker threads.
 * @throws PlayheadError as the speech provider and ffmpeg do; STORAGE_FAILED
 */
export async function makeClips(
  film: Film,
  options: ClipMakingOptions,
): Promise<{ clips: ClipFiles[]; costUsd: number }> {
  const shares = film.scenes.map(() => 0);
  const lengths = film.scenes.map(sceneLength);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  let finished = 0;
  const made = await runParallel(
    film.scenes,
    options.media.pool.size,
    options.signal,
    async (_, index, signal) => {
      const report = (share: number): void => {
        shares[index] = share;
        const done = shares.reduce((sum, one, at) => sum + one * (lengths[at] ?? 0), 0);
        options.onProgress(done / total, finished);
      };
      const clip = await makeClip(film, index, { ...options, signal }, report);
      finished += 1;
      report(1);
      return clip;
    },
  );
  return {
    clips: made.map(({ clip }) => clip),
    costUsd: made.reduce((sum, { costUsd }) => sum + costUsd, 0),
  };
}

async function makeClip(
  film: Film,
  index: number,
  { media, files, signal, warn }: ClipMakingOptions,
  report: (share: number) => void,
): Promise<{ clip: ClipFiles; costUsd: number }> {
  const scene = film.scenes[index];
  if (!scene)
    throw new RangeError(`makeClip: expected a scene below ${film.scenes.length}, received ${index}`);
  const chars = sceneLength(scene);
  let spokenChars = 0;
  const onSpoken = (more: number): void => {
    spokenChars += more;
    report((spokenChars / chars) * SPEAKING_SHARE);
  };
  const spoken = await speakScene(film, scene, { provider: media.speech, signal, onSpoken, warn });
  const plan = planClip(film, index, scene, spoken);
  const number = clipNumber(index);
  const videoPath = join(files.scratch, `clip-${number}.mp4`);
  await media.pool.run(
    'drawClip',
    { plan, tools: await media.tools(), outputPath: videoPath },
    { signal, onProgress: (frame) => report(SPEAKING_SHARE + (frame / plan.frames) * (1 - SPEAKING_SHARE)) },
  );
  const clip = {
    plan: `steps/clips/${number}.json`,
    audio: `steps/clips/${number}.wav`,
    video: `steps/clips/${number}.mp4`,
    frames: plan.frames,
  };
  await storeContent(files, clip.plan, JSON.stringify(plan));
  await storeContent(files, clip.audio, encodeWav(mixClip(plan, spoken)));
  await files.save(clip.video, videoPath);
  return { clip, costUsd: spoken.reduce((sum, line) => sum + line.costUsd, 0) };
}

function clipNumber(index: number): string {
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
    throw new PlayheadError('STORAGE_FAILED', `expected to write ${path}`, { cause });
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
 * Draws the mouths over every clip. A clip in which nobody is seen speaking stays as it is.
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
    if (!hasMouths(plan)) {
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
