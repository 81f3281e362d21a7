/** What sounds below the speech: room tone that is hardly there, music as much quieter as it should be. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FfmpegTools } from '../../media/ffmpeg.ts';
import { LOUDNESS_TARGET_LUFS, measureLoudness } from '../../media/loudness.ts';
import { createMedia, type Media } from '../../media/media.ts';
import { renderFilm } from '../../media/render.ts';
import { makeSoundBed } from '../../media/sound-bed/bed-making.ts';
import { MUSIC_MOODS, playMusic } from '../../media/sound-bed/music.ts';
import { makeTone, toneOf } from '../../media/sound-bed/room-tone.ts';
import { encodeWav } from '../../media/wav.ts';
import { scriptInputSchema } from '../../media/workflows/director/input.ts';

let media: Media;
let tools: FfmpegTools;
let scratch: string;
const signal = new AbortController().signal;
const SECONDS = 24;

beforeAll(async () => {
  media = createMedia({ workers: 1 });
  tools = await media.tools();
  scratch = await mkdtemp(join(tmpdir(), 'playhead-bed-'));
});
afterAll(async () => {
  await media.close();
  await rm(scratch, { recursive: true, force: true });
});

test('music is made of sound, each mood of its own, and the same each time', () => {
  const [calm, bright] = MUSIC_MOODS.map((mood) => playMusic(mood).samples);
  expect(calm).not.toEqual(bright);
  expect(playMusic('calm').samples).toEqual(calm);
  for (const samples of [calm, bright]) {
    expect(Math.max(...(samples ?? []).filter((_, index) => index % 7 === 0))).toBeGreaterThan(8_000);
    // The loop has no seam: its last sample leads to its first.
    expect(Math.abs((samples?.[0] ?? 0) - (samples?.at(-1) ?? 0))).toBeLessThan(2_000);
  }
});

test.each(['park', 'beach', 'beach-night', 'studio', 'street-night', 'kitchen', 'street'] as const)(
  'the room tone of a %s is 48 to 60 dB below full scale',
  (place) => {
    const { samples } = makeTone(toneOf(place));
    const power = samples.reduce((sum, value) => sum + (value / 32_768) ** 2, 0) / samples.length;
    expect(10 * Math.log10(power)).toBeGreaterThan(-60);
    expect(10 * Math.log10(power)).toBeLessThan(-48);
  },
);

/** The loudness of a film of silence with this music: what is heard is the bed. */
async function loudnessOf(music: 'none' | 'calm' | 'bright'): Promise<number | null> {
  const folder = await mkdtemp(join(scratch, 'film-'));
  const videoPath = join(folder, 'clip.mp4');
  const audioPath = join(folder, 'clip.wav');
  const source = ['-f', 'lavfi', '-i', `color=s=64x64:r=25:d=${SECONDS}`, '-c:v', 'mpeg4', videoPath];
  await promisify(execFile)(tools.ffmpegPath, ['-v', 'error', ...source]);
  await writeFile(audioPath, encodeWav({ samples: new Int16Array(SECONDS * 24_000), sampleRateHz: 24_000 }));
  const clips = [
    { frames: 10 * 25, backdrop: 'park' } as const,
    { frames: 14 * 25, backdrop: 'studio' } as const,
  ];
  const bed = await makeSoundBed(media, tools, { clips, music }, { scratch: folder, signal });
  const outputPath = join(folder, 'film.mp4');
  const film = { videoPaths: [videoPath], mouths: [], audioPaths: [audioPath], bed, captionsPath: null };
  await renderFilm(
    tools,
    { ...film, scratch: folder, outputPath, durationSeconds: SECONDS, title: 'T', language: 'en' },
    { signal, onProgress: () => {} },
  );
  return measureLoudness(tools, { input: ['-i', outputPath], signal });
}

test('music is 18 LU quieter than speech', async () => {
  for (const mood of MUSIC_MOODS) {
    const loudness = (await loudnessOf(mood)) ?? Number.NEGATIVE_INFINITY;
    expect(Math.abs(loudness - (LOUDNESS_TARGET_LUFS - 18))).toBeLessThan(1);
  }
});

test('without music there is the room alone, far below', async () => {
  expect((await loudnessOf('none')) ?? -70).toBeLessThan(LOUDNESS_TARGET_LUFS - 30);
});

test('music is asked for by name, and is none otherwise', () => {
  expect(scriptInputSchema.parse({ script: 'A: x' }).music).toBe('none');
  expect(scriptInputSchema.parse({ script: 'A: x', music: 'bright' }).music).toBe('bright');
  expect(() => scriptInputSchema.parse({ script: 'A: x', music: 'loud' })).toThrow(/none, calm, bright/);
});
