import { expect, test } from 'vitest';
import { locateFfmpeg, runFfmpeg } from '../../media/ffmpeg.ts';
import { runParallel } from '../../media/parallel.ts';
import { runTool, type ToolRun, writeChunk } from '../../media/tool.ts';
import { telling } from './telling-guard.ts';

const node = (code: string, more: Partial<ToolRun> = {}): ToolRun => ({
  name: 'node',
  path: process.execPath,
  args: ['-e', code],
  signal: new AbortController().signal,
  ...more,
});
const FOREVER = 'setInterval(() => {}, 1000); console.log("up")';

test('a tool that is not there is TOOL_MISSING', async () => {
  await expect(runTool(node('', { path: '/nowhere/ffmpeg' }))).rejects.toMatchObject({
    code: 'TOOL_MISSING',
  });
  await expect(locateFfmpeg({ ffmpegPath: '/nowhere/ffmpeg' })).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    message: expect.stringContaining('PLAYHEAD_FFMPEG'),
  });
});

test('a tool that fails is PROVIDER_FAILED with the end of what it said', async () => {
  const run = runTool(node('console.error("x".repeat(5000) + "the reason"); process.exit(3)'));
  await expect(run).rejects.toMatchObject({
    code: 'PROVIDER_FAILED',
    details: { exitCode: 3, stderr: expect.stringMatching(/^x{1989}the reason$/) },
  });
});

test('a tool that is killed, as by a system that is out of memory, says so', async () => {
  const run = runTool(node(FOREVER, { guard: telling((pid) => process.kill(pid, 'SIGKILL')) }));
  await expect(run).rejects.toMatchObject({
    code: 'PROVIDER_FAILED',
    message: expect.stringContaining('node: killed (SIGKILL), perhaps out of memory'),
    details: { signal: 'SIGKILL' },
  });
});

test('a tool that a signal ends names it', async () => {
  const run = runTool(node('process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)'));
  await expect(run).rejects.toMatchObject({ message: 'node: ended by the signal SIGSEGV' });
});

test.each([
  ['No space left on device', 'STORAGE_FAILED', 'the disk is full (ENOSPC)'],
  ['Disk quota exceeded', 'STORAGE_FAILED', 'the disk quota of this user is used up'],
  ['x265: Cannot allocate memory', 'PROVIDER_FAILED', 'out of memory (PLAYHEAD_TOOL_MEMORY_MB)'],
])('a tool that says "%s" fails as %s: %s', async (said, code, message) => {
  const run = runTool(node(`console.error(${JSON.stringify(said)}); process.exit(1)`));
  await expect(run).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

test('a tool of a setting that is not there, or no absolute path, is named by the setting', async () => {
  await expect(locateFfmpeg({ ffprobePath: '/nowhere/ffprobe' })).rejects.toThrow(
    'ffprobe: expected a program at /nowhere/ffprobe (PLAYHEAD_FFPROBE)',
  );
  await expect(locateFfmpeg({ ffmpegPath: '/bin/true' })).rejects.toThrow(
    'ffmpeg: expected FFmpeg 5 or later with libx264 and libass, received /bin/true (PLAYHEAD_FFMPEG): version unknown',
  );
  await expect(locateFfmpeg({ ffprobePath: 'ffprobe' })).rejects.toThrow(
    'ffprobe: expected an absolute path in PLAYHEAD_FFPROBE, received ffprobe',
  );
});

test('an abort kills the tool, and the process is gone when the promise settles', async () => {
  const stop = new AbortController();
  let pid = 0;
  const run = runTool(
    node(FOREVER, {
      signal: stop.signal,
      onLine: () => stop.abort(),
      guard: telling((id) => {
        pid = id;
      }),
    }),
  );
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a tool has a process group of its own, so that Ctrl-C in a terminal does not reach it', async () => {
  const stop = new AbortController();
  const started = Promise.withResolvers<number>();
  const run = runTool(node(FOREVER, { signal: stop.signal, guard: telling(started.resolve) }));
  const pid = await started.promise;
  // Throws when there is no group of that id.
  expect(process.kill(-pid, 0)).toBe(true);
  stop.abort();
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('a tool that takes too long is killed with TIMED_OUT', async () => {
  await expect(runTool(node(FOREVER, { timeLimitMs: 50 }))).rejects.toMatchObject({ code: 'TIMED_OUT' });
});

test('a tool that stops reading ends with its own error, not with a broken pipe', async () => {
  const run = runTool(
    node('process.stdin.once("data", () => { console.error("enough"); process.exit(4) })', {
      feed: async (stdin) => {
        for (;;) await writeChunk(stdin, new Uint8Array(100_000));
      },
    }),
  );
  await expect(run).rejects.toMatchObject({
    code: 'PROVIDER_FAILED',
    details: { exitCode: 4, stderr: 'enough' },
  });
});

const silence = ['-f', 'lavfi', '-t', '0.1', '-i', 'anullsrc'];
test.each([
  ['the first input', ['-i', 'http://127.0.0.1:1/x']],
  ['the second input', [...silence, '-i', 'http://127.0.0.1:1/x']],
  ['an input behind options', ['-stream_loop', '1', '-ss', '0', '-i', 'http://127.0.0.1:1/x']],
])('ffmpeg reads %s from files and pipes only, without being asked to', async (_name, inputs) => {
  const tools = await locateFfmpeg({});
  const args = [...inputs, '-f', 'null', '-'];
  await expect(runFfmpeg(tools, { args, signal: new AbortController().signal })).rejects.toMatchObject({
    details: { stderr: expect.stringContaining("not on whitelist 'file,pipe'") },
  });
});

test.each(['-protocol_whitelist', '-protocol_blacklist'])('nobody sets %s by himself', async (option) => {
  const tools = await locateFfmpeg({});
  const args = [...silence, option, 'http', '-f', 'null', '-'];
  expect(() => runFfmpeg(tools, { args, signal: new AbortController().signal })).toThrow(/protocols/);
});

test('parallel work is bounded, and one failure stops the rest before it is reported', async () => {
  let running = 0;
  let most = 0;
  let ended = 0;
  const never = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const run = runParallel([0, 1, 2, 3, 4], 2, new AbortController().signal, async (item, _, signal) => {
    running += 1;
    most = Math.max(most, running);
    try {
      if (item === 3) throw new RangeError('three');
      if (item === 2) await never(signal);
    } finally {
      running -= 1;
      ended += 1;
    }
  });
  await expect(run).rejects.toThrow('three');
  expect([running, most, ended]).toEqual([0, 2, 4]);
});
