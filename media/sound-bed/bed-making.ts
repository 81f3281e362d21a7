/** The sound bed of a film: the room tone of each scene's place, and music if requested. */
import { join } from 'node:path';
import { type ClipPlan, FRAMES_PER_SECOND } from '../clip-plan.ts';
import type { FfmpegTools } from '../ffmpeg.ts';
import type { ClipFiles } from '../film-making.ts';
import { LOUDNESS_TARGET_LUFS, measureLoudness } from '../loudness.ts';
import type { Media } from '../media.ts';
import type { SoundBed } from './bed.ts';
import type { MusicMood } from './music.ts';
import { TONE_SECONDS, toneOf } from './room-tone.ts';

/** How much quieter music is than speech. */
const MUSIC_BELOW_LU = 18;

export interface BedWish {
  /** In order; each clip's plan gives its place. */
  readonly clips: readonly (Pick<ClipFiles, 'frames'> & Pick<ClipPlan, 'backdrop'>)[];
  readonly music: MusicMood | 'none';
}

/**
 * Makes each loop that a film needs, once.
 * @throws PlayheadError as ffmpeg and the media processes do
 */
export async function makeSoundBed(
  media: Media,
  tools: FfmpegTools,
  { clips, music }: BedWish,
  { scratch, signal }: { readonly scratch: string; readonly signal: AbortSignal },
): Promise<SoundBed> {
  const pathOf = (name: string): string => join(scratch, `bed-${name}.wav`);
  const tones = [...new Set(clips.map(({ backdrop }) => toneOf(backdrop)))];
  const musicPath = pathOf('music');
  await media.pool.run(
    'makeBed',
    {
      tones: tones.map((tone) => ({ tone, path: pathOf(tone) })),
      music: music === 'none' ? null : { mood: music, path: musicPath },
    },
    { signal },
  );
  return {
    tones: clips.flatMap(({ frames, backdrop }) =>
      repeat(pathOf(toneOf(backdrop)), frames / FRAMES_PER_SECOND),
    ),
    music: music === 'none' ? null : { path: musicPath, gainDb: await findGain(tools, musicPath, signal) },
  };
}

/** Repeats a loop to fill a time, the last time only in part. */
function repeat(path: string, seconds: number): SoundBed['tones'] {
  return Array.from({ length: Math.ceil(seconds / TONE_SECONDS) }, (_, index) => ({
    path,
    seconds: Math.min(TONE_SECONDS, seconds - index * TONE_SECONDS),
  }));
}

async function findGain(tools: FfmpegTools, path: string, signal: AbortSignal): Promise<number> {
  const loudness = await measureLoudness(tools, { input: ['-i', path], signal });
  return LOUDNESS_TARGET_LUFS - MUSIC_BELOW_LU - (loudness ?? LOUDNESS_TARGET_LUFS);
}
