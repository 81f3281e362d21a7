/** When the lines of an attempt's steps are written, and as what. */
import { beforeEach, expect, test, vi } from 'vitest';
import type { StepLine } from '../../src/core/step-lines.ts';
import { LineKeeper } from '../../src/jobs/line-keeper.ts';
import { type JobLine, MAX_LINE_CHARS, MAX_LINES } from '../../src/progress/job-line.ts';
import { range, SetClock } from '../setup/harness.ts';
import { keepLog } from '../setup/kept-log.ts';

const JOB = { projectId: 'project', jobId: 'job', attempt: 2 };
const LINE: StepLine = { level: 'info', source: null, text: '', durationMs: null };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  return () => void vi.useRealTimers();
});

/** A keeper; each write that it makes waits for the test. */
function keeping() {
  const writes: { readonly lines: readonly JobLine[]; end(error?: Error): void }[] = [];
  const logger = keepLog();
  const add = (projectId: string, jobId: string, lines: readonly JobLine[]): Promise<void> => {
    expect({ projectId, jobId }).toEqual({ projectId: 'project', jobId: 'job' });
    const { promise, reject, resolve } = Promise.withResolvers<void>();
    writes.push({ lines, end: (error) => (error === undefined ? resolve() : reject(error)) });
    return promise;
  };
  const keeper = new LineKeeper({ lines: { add }, clock: new SetClock(7), logger }, JOB);
  const say = (...texts: string[]): void => {
    for (const text of texts) keeper.keep('start', { ...LINE, text });
  };
  const written = (): string[][] => writes.map(({ lines }) => lines.map(({ text }) => text));
  /** Ends the latest write, and lets the keeper notice. */
  const end = async (error?: Error): Promise<void> => {
    writes.at(-1)?.end(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { end, keeper, logger, say, writes, written };
}

test('a line is kept trimmed and shortened, without secrets, with its whole milliseconds', () => {
  const { keeper, writes } = keeping();
  const secret = 'ph_0123456789ab_0123456789012345678901234567890123456789012';
  keeper.keep('start', { level: 'warn', source: 'sh', text: ` the key is ${secret}\n`, durationMs: 1.6 });
  keeper.keep('end', { ...LINE, text: ` ${'x'.repeat(MAX_LINE_CHARS + 1)}` });
  keeper.flush();
  const text = 'the key is ph_0123456789ab_[secret]';
  expect(writes[0]?.lines).toEqual([
    { at: 7, attempt: 2, step: 'start', level: 'warn', source: 'sh', text, durationMs: 2 },
    { ...LINE, at: 7, attempt: 2, step: 'end', text: `${'x'.repeat(MAX_LINE_CHARS - 1)}…` },
  ]);
});

test('lines are gathered for half a second from the first, and written together', async () => {
  const { end, say, written } = keeping();
  say('one');
  vi.advanceTimersByTime(499);
  say('two');
  expect(written()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(written()).toEqual([['one', 'two']]);
  await end();
  vi.advanceTimersByTime(500);
  expect(written()).toHaveLength(1);
  say('three');
  vi.advanceTimersByTime(499);
  expect(written()).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(written()).toEqual([['one', 'two'], ['three']]);
});

test('while lines are being written, the next ones wait: the newest 500 of them', async () => {
  const { end, keeper, say, written } = keeping();
  say('one');
  keeper.flush();
  say(...range(1, MAX_LINES + 2).map(String));
  vi.advanceTimersByTime(10_000);
  expect(written()).toEqual([['one']]);
  await end();
  vi.advanceTimersByTime(499);
  expect(written()).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(written()[1]).toEqual(range(3, MAX_LINES + 2).map(String));
});

test('lines are written at once when that is asked for, and then not again', () => {
  const { keeper, say, written } = keeping();
  say('one');
  keeper.flush();
  keeper.flush();
  expect(written()).toEqual([['one']]);
  expect(vi.getTimerCount()).toBe(0);
});

test('lines that could not be written are gone, the log says so, and later ones are written', async () => {
  const { end, keeper, logger, say, written } = keeping();
  say('one');
  keeper.flush();
  const err = new Error('away');
  await end(err);
  expect(logger.lines).toEqual([{ level: 'warn', text: 'keeping what a step has said failed', ...JOB, err }]);
  expect(vi.getTimerCount()).toBe(0);
  say('two');
  vi.advanceTimersByTime(500);
  expect(written()).toEqual([['one'], ['two']]);
});
