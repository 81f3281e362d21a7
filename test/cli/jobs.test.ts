/** The commands with a real worker: a video from a file, and a batch of speech with an item that fails. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unique } from '../setup/harness.ts';
import { ApiProcess, WorkerProcess } from '../web/processes.ts';
import { run, startOnTerminal } from './playhead.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-cli-jobs-'));
const options = { prefix: unique('cli'), dataDir };
const api = new ApiProcess(options);
const worker = new WorkerProcess(options);

beforeAll(() => Promise.all([api.start(), worker.start()]));
afterAll(async () => {
  await Promise.all([api.kill(), worker.kill('SIGTERM')]);
  rmSync(dataDir, { recursive: true, force: true });
});

test('video FILE ends with 0 and plain lines when piped; download fetches what it made', async () => {
  const at = { url: api.url, project: unique('cli') };
  writeFileSync(join(dataDir, 'script.txt'), 'MIRA: Hello.');
  const made = await run(['video', join(dataDir, 'script.txt'), '--title', 'Hello'], at);
  expect([made.code, made.err]).toEqual([0, '']);
  expect(made.out).toMatch(/^ 85 % {2}render/m);
  expect(made.out).toContain('Done in');
  const [, id = ''] = /^Job (\S+)/.exec(made.out) ?? [];
  const fetched = await run(['download', id, '--to', join(dataDir, 'here')], at);
  expect(fetched.code).toBe(0);
  expect(
    readFileSync(join(dataDir, 'here', 'video.mp4'))
      .subarray(4, 8)
      .toString(),
  ).toBe('ftyp');
  expect(readFileSync(join(dataDir, 'here', 'subtitles.vtt'), 'utf8')).toContain('WEBVTT');
});

test('several texts are a batch with a bar per item; one that fails makes exit code 1', async () => {
  const at = { url: api.url, project: unique('cli') };
  const command = startOnTerminal(
    ['audio', 'Good morning.', 'Xyzzy qwghlm frobnitz.', '--max-tries', '1'],
    at,
  );
  const { code, out } = await command.ended();
  expect(out).toMatch(/#1 {4}█{24} 100% {2}done/);
  expect(out).toMatch(/#2 .*failed: NOT_VERIFIED/);
  expect(out).toMatch(/total .* 100% {2}1 of 2 done, 1 failed/);
  expect(out).toContain('1 of 2 done, 1 failed in');
  expect(out).not.toContain('Done');
  expect(code).toBe(1);
});
