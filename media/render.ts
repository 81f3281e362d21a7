/** The last pass: joins the clips, burns the captions in, levels the sound, encodes for the web. */

import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storageFailure } from 'playhead';
import { placeCaptionFonts } from './captions/caption-fonts.ts';
import { type FfmpegTools, runFfmpeg } from './ffmpeg.ts';
import { concatLine } from './ffmpeg-input.ts';
import { levelFilter, measureLoudness } from './loudness.ts';
import { type ClipMouths, listMouths, mouthFilter } from './mouth-layer.ts';
import type { SoundBed } from './sound-bed/bed.ts';

export interface RenderInput {
  /** Absolute paths, in order. */
  readonly videoPaths: readonly string[];
  /** One for each video; empty: the videos include their mouths. */
  readonly mouths: readonly ClipMouths[];
  /** Absolute paths of WAV files; joined, they are as long as the videos. */
  readonly audioPaths: readonly string[];
  /** The sound below the speech, shorter or longer than the film; null: none. */
  readonly bed: SoundBed | null;
  /** Null: no captions. */
  readonly captionsPath: string | null;
  /** Absolute path of a folder for temporary files. */
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

/** The share of measuring the loudness in the pass. */
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
  const hasMouths = input.mouths.some(({ path }) => path !== null);
  await prepareFolder(input);
  if (hasMouths) {
    const list = await listMouths(tools, input.mouths, { scratch, signal });
    await writeScratch(scratch, 'mouths.txt', list);
  }
  const loudness = await measureLoudness(tools, {
    cwd: scratch,
    input: listInput('sounds.txt'),
    signal,
    onOutTime: (seconds) => onProgress((seconds / durationSeconds) * MEASURING_SHARE),
  });
  const picture = hasMouths ? mouthFilter(input.mouths) : '[0:v]null';
  const captions = input.captionsPath === null ? '' : ',ass=captions.ass:fontsdir=fonts';
  const filters = [
    `${picture}${captions},format=yuv420p[v]`,
    soundFilter(levelFilter(loudness), hasMouths ? 2 : 1, input),
  ];
  await runFfmpeg(tools, {
    cwd: scratch,
    signal,
    onOutTime: (seconds) =>
      onProgress(MEASURING_SHARE + Math.min(1, seconds / durationSeconds) * (1 - MEASURING_SHARE)),
    args: [
      ...[
        ...listInput('videos.txt'),
        ...(hasMouths ? listInput('mouths.txt') : []),
        ...listInput('sounds.txt'),
      ],
      ...bedInputs(input.bed),
      ...['-filter_complex', filters.join(';'), '-map', '[v]', '-map', '[a]'],
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
      await placeCaptionFonts(join(scratch, 'fonts'), await readFile(captionsPath, 'utf8'));
      await symlink(captionsPath, join(scratch, 'captions.ass'));
    }
  } catch (cause) {
    throw storageFailure(`expected to write to ${scratch}`, cause);
  }
  await writeScratch(scratch, 'videos.txt', videoPaths.map(concatLine).join(''));
  await writeScratch(scratch, 'sounds.txt', audioPaths.map(concatLine).join(''));
  if (input.bed !== null) await writeScratch(scratch, 'tones.txt', listTones(input.bed));
}

async function writeScratch(scratch: string, name: string, text: string): Promise<void> {
  try {
    await writeFile(join(scratch, name), text);
  } catch (cause) {
    throw storageFailure(`expected to write to ${scratch}`, cause);
  }
}

function listTones({ tones }: SoundBed): string {
  return tones.map(({ path, seconds }) => `${concatLine(path)}outpoint ${seconds.toFixed(3)}\n`).join('');
}

function bedInputs(bed: SoundBed | null): string[] {
  if (bed === null) return [];
  const music = bed.music === null ? [] : ['-stream_loop', '-1', '-i', bed.music.path];
  return [...listInput('tones.txt'), ...music];
}

/** Music fades in gradually, and has faded out by the last picture. */
const MUSIC_IN_SECONDS = 2;
const MUSIC_OUT_SECONDS = 3;

/**
 * The part of a filter graph that makes `[a]`: speech at its level, with the bed below it. @param speech the number of its
 * input
 */
function soundFilter(level: string, speech: number, { bed, durationSeconds }: RenderInput): string {
  if (bed === null) return `[${speech}:a]${level}[a]`;
  const music =
    bed.music === null
      ? ''
      : `[${speech + 2}:a]volume=${bed.music.gainDb.toFixed(2)}dB,atrim=end=${durationSeconds.toFixed(3)},` +
        `afade=t=in:d=${MUSIC_IN_SECONDS},` +
        `afade=t=out:st=${Math.max(0, durationSeconds - MUSIC_OUT_SECONDS).toFixed(3)}:d=${MUSIC_OUT_SECONDS}[m];`;
  const parts = `[s][t]${music === '' ? '' : '[m]'}`;
  return (
    `[${speech}:a]${level}[s];[${speech + 1}:a]anull[t];${music}` +
    `${parts}amix=inputs=${music === '' ? 2 : 3}:duration=first:normalize=0[a]`
  );
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
