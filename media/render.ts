/** The last pass: joins the clips, burns the captions in, levels the sound, encodes for the web. */

import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storageFailure } from 'playhead';
import { placeCaptionFonts } from './caption-fonts.ts';
import { type FfmpegTools, runFfmpeg } from './ffmpeg.ts';
import { levelFilter, measureLoudness } from './loudness.ts';

export interface RenderInput {
  /** Absolute paths, in order. */
  readonly videoPaths: readonly string[];
  /** Absolute paths of WAV files; joined they are as long as the videos. */
  readonly audioPaths: readonly string[];
  /** Null: no captions. */
  readonly captionsPath: string | null;
  /** Absolute path of a folder for half-made files. */
  readonly scratch: string;
  readonly outputPath: string;
  /** The length of the whole film. */
  readonly durationSeconds: number;
  readonly title: string;
  readonly language: string;
}

export interface RenderOptions {
  readonly signal: AbortSignal;
  /** 0..1 of the whole pass. */
  readonly onProgress: (share: number) => void;
}

/** Part of the pass that measuring the loudness takes. */
const MEASURING_SHARE = 0.02;

/**
 * Renders the film: H.264 yuv420p, AAC 48 kHz stereo, index in front (faststart). File names reach ffmpeg only as
 * relative names in the scratch folder and in list files, so no path can be read as filter syntax.
 * @throws PlayheadError as runFfmpeg does
 */
export async function renderFilm(
  tools: FfmpegTools,
  input: RenderInput,
  options: RenderOptions,
): Promise<void> {
  const { scratch, durationSeconds } = input;
  const { signal, onProgress } = options;
  await prepareFolder(input);
  const loudness = await measureLoudness(tools, {
    cwd: scratch,
    input: listInput('sounds.txt'),
    signal,
    onOutTime: (seconds) => onProgress((seconds / durationSeconds) * MEASURING_SHARE),
  });
  await runFfmpeg(tools, {
    cwd: scratch,
    signal,
    onOutTime: (seconds) =>
      onProgress(MEASURING_SHARE + Math.min(1, seconds / durationSeconds) * (1 - MEASURING_SHARE)),
    args: [
      ...listInput('videos.txt'),
      ...listInput('sounds.txt'),
      ...['-map', '0:v:0', '-map', '1:a:0'],
      ...['-vf', `${input.captionsPath === null ? '' : 'ass=captions.ass:fontsdir=fonts,'}format=yuv420p`],
      ...['-af', levelFilter(loudness)],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-profile:v', 'high'],
      ...['-r', '25', '-g', '50', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709'],
      ...['-c:a', 'aac', '-b:a', '128k', '-ar', '48000', '-ac', '2'],
      ...['-map_metadata', '-1', '-metadata', `title=${input.title}`],
      ...['-metadata:s:a:0', `language=${input.language === 'ko' ? 'kor' : 'eng'}`],
      ...['-movflags', '+faststart', '-f', 'mp4', input.outputPath],
    ],
  });
}

function listInput(name: string): string[] {
  return ['-f', 'concat', '-safe', '0', '-i', name];
}

async function prepareFolder(input: RenderInput): Promise<void> {
  const { scratch, videoPaths, audioPaths, captionsPath } = input;
  try {
    if (captionsPath !== null) {
      await placeCaptionFonts(join(scratch, 'fonts'));
      await symlink(captionsPath, join(scratch, 'captions.ass'));
    }
    await writeFile(join(scratch, 'videos.txt'), writeList(videoPaths));
    await writeFile(join(scratch, 'sounds.txt'), writeList(audioPaths));
  } catch (cause) {
    throw storageFailure(`expected to write to ${scratch}`, cause);
  }
}

/** A list for ffmpeg's concat input; in its quotes only the quote itself is special. */
function writeList(paths: readonly string[]): string {
  return paths.map((path) => `file '${path.replaceAll("'", "'\\''")}'\n`).join('');
}

/**
 * Takes one picture out of a film.
 * @throws PlayheadError as runFfmpeg does
 */
export async function takeThumbnail(
  tools: FfmpegTools,
  videoPath: string,
  atSeconds: number,
  outputPath: string,
  signal: AbortSignal,
): Promise<void> {
  await runFfmpeg(tools, {
    signal,
    args: [
      ...['-ss', atSeconds.toFixed(3), '-i', videoPath],
      ...['-frames:v', '1', '-q:v', '3', '-f', 'image2', '-update', '1', outputPath],
    ],
  });
}
