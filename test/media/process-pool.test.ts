/** Media processes: what breaks in one costs a task its time, and none outlives its worker. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProcessPool, type ProcessPool } from '../../media/process-pool.ts';
import { PlayheadError } from '../../src/core/errors.ts';
import { until } from '../setup/deadline.ts';
import { isAlive } from '../setup/processes.ts';

const VOICE = { name: 'slt', pitch: 1, pace: 1 } as const;
const TEXT = 'The harbour was quiet, and the boats were coming home. ';

let pool: ProcessPool;
beforeEach(() => {
  pool = createProcessPool(1);
});
afterEach(() => pool.close());

const speak = (signal = new AbortController().signal) =>
  pool.run('speak', { text: TEXT, voice: VOICE }, { signal });
/** Long enough for its process to be found and killed before it ends. */
const speakAtLength = (signal = new AbortController().signal, times = 60) =>
  pool.run('speak', { text: TEXT.repeat(times), voice: VOICE }, { signal });

test('a task whose process dies is begun once more', async () => {
  const task = speakAtLength();
  process.kill(await mediaProcess(), 'SIGKILL');
  expect((await task).samples.length).toBeGreaterThan(16_000);
});

test('a task whose process dies twice fails with what has ended it, and the next task has a new one', async () => {
  // It is never done: each of its processes is killed, however late.
  const task = speakAtLength(undefined, 3_000).catch((error: unknown) => error);
  const first = await mediaProcess();
  process.kill(first, 'SIGKILL');
  process.kill(await mediaProcess({ otherThan: first }), 'SIGTRAP');
  const error = await task;
  expect(error).toBeInstanceOf(PlayheadError);
  expect(error).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('SIGTRAP') });
  expect((await speak()).samples.length).toBeGreaterThan(16_000);
});

test('a task that is stopped is not begun again, though its process is killed for it', async () => {
  const stop = new AbortController();
  const task = speakAtLength(stop.signal).catch((error: unknown) => error);
  const first = await mediaProcess();
  stop.abort(new PlayheadError('TIMED_OUT', 'too long'));
  process.kill(first, 'SIGKILL');
  expect(await task).toMatchObject({ code: 'TIMED_OUT' });
  await until(() => !isAlive(first));
  expect(await mediaProcesses()).toEqual([]);
});

test('signals that end a worker in order leave its media process to it', async () => {
  const task = speak();
  const id = await mediaProcess();
  await task;
  process.kill(id, 'SIGTERM');
  process.kill(id, 'SIGINT');
  await speak();
  // With work to do, lest it ends because it has none.
  const next = speakAtLength(undefined, 5);
  expect(await mediaProcesses()).toEqual([id]);
  await next;
});

test('a process with nothing to do is ended when its memory is wanted, one at work is not', async () => {
  const task = speakAtLength();
  const id = await mediaProcess();
  pool.endIdle();
  await task;
  pool.endIdle();
  // Asked for while the other ends.
  const next = speakAtLength(undefined, 5);
  await mediaProcess({ otherThan: id });
  expect((await next).samples.length).toBeGreaterThan(16_000);
  await until(() => !isAlive(id));
});

test('a pool can be closed by a process that has nothing else to do', async () => {
  const program = `
import { createProcessPool } from ${JSON.stringify(new URL('../../media/process-pool.ts', import.meta.url).href)};
const pool = createProcessPool(1);
await pool.run('speak', ${JSON.stringify({ text: TEXT, voice: VOICE })}, { signal: new AbortController().signal });
await pool.close();
console.log('closed');`;
  const ended = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect((await ended).stdout).toBe('closed\n');
});

test.each(['SIGKILL', 'SIGSTOP'] as const)('a media process does not outlive its worker: %s', async (end) => {
  const owner = spawn(process.execPath, [fileURLToPath(new URL('pool-owner.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(owner, 'exit');
  const { pid = 0 } = owner;
  try {
    await once(owner.stdout, 'data');
    const id = await mediaProcess({ of: pid });
    owner.kill(end);
    await until(() => !isAlive(id));
  } finally {
    owner.kill('SIGKILL');
    await exited;
  }
});

interface Which {
  /** Its parent; default: this process. */
  readonly of?: number;
  readonly otherThan?: number;
}

/** Waits for a media process. @returns its id */
const mediaProcess = ({ of = process.pid, otherThan }: Which = {}): Promise<number> =>
  until(async () => (await mediaProcesses(of)).find((id) => id !== otherThan));

async function mediaProcesses(parent = process.pid): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args='], { maxBuffer: 10_000_000 });
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, ppid, ...args]) => Number(ppid) === parent && args.some((arg) => arg.endsWith('/task-process.ts')),
    )
    .map(([pid]) => Number(pid));
}
