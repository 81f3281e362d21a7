/** Footage of any shape and length becomes a clip of ours. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FfmpegTools, locateFfmpeg } from '../../media/ffmpeg.ts';
import { fitFootage } from '../../media/footage.ts';
import { probeMedia } from '../../media/probe.ts';
import { makeFootage } from './video-server.ts';

const signal = new AbortController().signal;
let tools: FfmpegTools;
let folder: string;

beforeAll(async () => {
  tools = await locateFfmpeg({});
  folder = await mkdtemp(join(tmpdir(), 'playhead-fit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function conform(footage: Uint8Array, frames: number): Promise<string> {
  const footagePath = join(folder, 'footage.mp4');
  const outputPath = join(folder, 'clip.mp4');
  await writeFile(footagePath, footage);
  await fitFootage(tools, { footagePath, titlePath: null, endPath: null, frames, outputPath, signal });
  return outputPath;
}

/** Mean brightness of the left edge in the middle of the clip. */
async function edgeOf(path: string, atSeconds: number): Promise<number> {
  const filter = 'crop=8:720:0:0,format=gray';
  const args = [
    '-v',
    'error',
    '-ss',
    String(atSeconds),
    '-i',
    path,
    '-vf',
    filter,
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    '-',
  ];
  const { stdout } = await promisify(execFile)(tools.ffmpegPath, args, { encoding: 'buffer' });
  return stdout.reduce((sum, value) => sum + value, 0) / stdout.length;
}

test.each([
  ['longer than the clip', 30],
  ['a little shorter', 90],
  ['much shorter', 170],
])('three seconds of footage, %s, fill %i frames', async (_, frames) => {
  const path = await conform(await makeFootage(tools, '160x96'), frames);
  const { streams, format } = await probeMedia(tools, path, signal);
  expect(format.duration).toBeCloseTo(frames / 25, 2);
  expect(streams).toMatchObject([{ width: 1280, height: 720, pix_fmt: 'yuv420p', avg_frame_rate: '25/1' }]);
});

test('nearly the same shape fills the frame, another one gets dark bars', async () => {
  const filled = await edgeOf(await conform(await makeFootage(tools, '320x192'), 40), 0.8);
  const barred = await edgeOf(await conform(await makeFootage(tools, '96x160'), 40), 0.8);
  expect(filled).toBeGreaterThan(50);
  expect(barred).toBeLessThan(20);
});

test.each([
  ['that ends in its header', (file: Buffer) => file.subarray(0, 300)],
  ['of another kind', () => Buffer.from('#EXTM3U\n#EXT-X-TARGETDURATION:1\nhttp://127.0.0.1:1/x.ts\n')],
])('a file %s is no footage', async (_, spoil) => {
  const spoilt = spoil(await makeFootage(tools, '96x64'));
  await expect(conform(spoilt, 40)).rejects.toMatchObject({
    code: 'PROVIDER_FAILED',
    details: { error_code: 'bad_footage' },
  });
});
