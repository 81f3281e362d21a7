/** When trackers send, how often they try again and what they hold meanwhile, on a log that answers when the test says. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { BatchProgressTracker, toItemReport } from '../../src/progress/batch.ts';
import type { BatchRef, BatchReport, EventWrite, WriteOutcome } from '../../src/progress/event-writer.ts';
import type { Eta, ProgressEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import type { RunSoFar } from '../../src/progress/run-so-far.ts';
import { newJob } from '../../src/progress/state.ts';
import { ProgressTracker, type Refusal } from '../../src/progress/tracker.ts';
import { range, SetClock } from '../setup/harness.ts';
import { tableOf } from '../setup/workflows.ts';

// A run of mutants has one process for all files: what another file has loaded there would keep its own pause.
vi.hoisted(() => vi.resetModules());
// By the timers that a test can move: those of node:timers/promises go on by themselves.
vi.mock('../../src/core/pause.ts', () => ({
  pause: (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs)),
}));

const OK: WriteOutcome = { code: 'OK', position: ORIGIN, version: 1 };
const BATCH: BatchRef = {
  projectId: 'project',
  id: 'batch',
  workflow: 'LIPSYNC',
  taskName: 'batch_lipsync',
  attempt: 1,
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A log that keeps what is written; an answer waits while it is shut. */
class HeldLog {
  readonly reports: BatchReport[] = [];
  readonly writes: EventWrite[] = [];
  /** Thrown instead of an answer, as often as there are some. */
  readonly faults: Error[] = [];
  outcome = OK;
  #opened: PromiseWithResolvers<void> | null = null;

  shut(): void {
    this.#opened = Promise.withResolvers();
  }

  open(): void {
    this.#opened?.resolve();
    this.#opened = null;
  }

  async report(_batch: BatchRef, report: BatchReport): Promise<WriteOutcome> {
    this.reports.push(report);
    return this.#answer();
  }

  async finish(): Promise<WriteOutcome> {
    return this.#answer();
  }

  async append(write: EventWrite): Promise<WriteOutcome> {
    this.writes.push(write);
    return this.#answer();
  }

  async #answer(): Promise<WriteOutcome> {
    await this.#opened?.promise;
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
    return this.outcome;
  }
}

/** Lets go on whatever waits for nothing but answers. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** The waits before each of the next tries, in ms. */
async function waitsOf(tries: () => number, count: number): Promise<number[]> {
  const waits: number[] = [];
  while (waits.length < count) {
    const before = tries();
    let waited = 0;
    while (tries() === before && waited < 10_000) {
      await vi.advanceTimersByTimeAsync(50);
      waited += 50;
    }
    expect(waited).toBeLessThan(10_000);
    waits.push(waited);
  }
  return waits;
}

describe('the reports of a batch', () => {
  function setUp(options: { minIntervalMs?: number; maxTries?: number } = {}) {
    const log = new HeldLog();
    const clock = new SetClock();
    const tracker = new BatchProgressTracker(BATCH, { log, clock, logger: silentLogger, ...options });
    const pass = async (ms: number): Promise<void> => {
      clock.time += ms;
      await vi.advanceTimersByTimeAsync(ms);
    };
    return { log, clock, tracker, pass };
  }

  test('go out at most every 100 ms, with what came meanwhile', async () => {
    const { log, tracker, pass } = setUp();
    tracker.updateItem(0, 0.1, 'processing', 'first');
    await settle();
    tracker.updateItem(0, 0.2, 'processing', 'second');
    tracker.updateItem(1, 0.3, 'processing', 'third');
    await pass(99);
    expect(log.reports).toHaveLength(1);
    await pass(1);
    expect(log.reports).toHaveLength(2);
    expect(log.reports[1]?.event.message).toBe('#2 third');
    expect(log.reports[1]?.items).toEqual([
      { index: 0, progress: 0.2 },
      { index: 1, progress: 0.3 },
    ]);
  });

  test('go out at once when the clock was set back, at the latest after their interval', async () => {
    const { log, tracker, clock } = setUp();
    tracker.updateItem(0, 0.1, 'processing', 'first');
    await settle();
    clock.time -= 3_600_000;
    tracker.updateItem(0, 0.2, 'processing', 'second');
    await vi.advanceTimersByTimeAsync(100);
    expect(log.reports).toHaveLength(2);
  });

  test('wait no more for their turn once the batch is released, neither before it nor behind it', async () => {
    const { log, tracker } = setUp({ minIntervalMs: 3_600_000 });
    tracker.updateItem(0, 0.1, 'processing', 'first');
    await settle();
    tracker.updateItem(0, 0.2, 'processing', 'held back');
    await settle();
    expect(log.reports).toHaveLength(1);
    tracker.release();
    await settle();
    expect(log.reports.at(-1)?.event.message).toBe('#1 held back');
    log.shut();
    tracker.updateItem(1, 0.3, 'processing', 'under way');
    tracker.updateItem(2, 0.4, 'processing', 'behind it');
    await settle();
    log.open();
    await settle();
    expect(log.reports.map(({ event }) => event.message)).toEqual([
      '#1 first',
      '#1 held back',
      '#2 under way',
      '#3 behind it',
    ]);
    await tracker.settled();
  });

  test('of 64 ends wait one by one, of more together; no item’s progress is lost', async () => {
    const { log, tracker } = setUp();
    log.shut();
    for (const index of range(0, 69)) tracker.updateItem(index, 0.5, 'failed', 'broken');
    log.open();
    await vi.advanceTimersByTimeAsync(1_000);
    const told = log.reports.map(({ event }) => event.metadata['itemIndex']);
    // The first is under way; behind it wait 64, and the newest of the rest.
    expect(told).toEqual([...range(0, 64), 69]);
    const items = log.reports.flatMap((report) => report.items);
    expect(items.map(({ index }) => index).sort((a, b) => a - b)).toEqual(range(0, 69));
    expect(items.every(({ progress }) => progress === 1)).toBe(true);
  });

  test('an end takes along what was held back, so that nothing older is told behind it', async () => {
    const { log, tracker, pass } = setUp();
    tracker.updateItem(0, 0.1, 'processing', 'first');
    await settle();
    tracker.updateItem(0, 0.9, 'processing', 'held back');
    tracker.updateItem(1, 0.5, 'cancelled', 'gone');
    await pass(1_000);
    expect(log.reports.map(({ event }) => event.message)).toEqual(['#1 first', '#2 gone']);
    expect(log.reports[1]?.items).toEqual([
      { index: 0, progress: 0.9 },
      { index: 1, progress: 1 },
    ]);
  });

  test('are tried again after 100 ms, then twice as long each time, up to 2 s; the eighth fault is the last', async () => {
    const { log, tracker } = setUp();
    log.faults.push(...range(1, 8).map(() => new Error('a fault of ours')));
    tracker.updateItem(0, 0.7, 'processing', 'told');
    await settle();
    expect(await waitsOf(() => log.reports.length, 7)).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    expect(new Set(log.reports.map(({ writeId }) => writeId)).size).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log.reports).toHaveLength(8);
    // What it told goes out with the next, raised but never lowered.
    tracker.updateItem(0, 0.2, 'processing', 'again');
    tracker.updateItem(1, 0.4, 'processing', 'and another');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log.reports.slice(8).flatMap(({ items }) => items)).toEqual([
      { index: 0, progress: 0.7 },
      { index: 1, progress: 0.4 },
    ]);
  });

  test('are given up though Redis is away, when the batch was released meanwhile', async () => {
    const { log, tracker } = setUp({ maxTries: 3 });
    const away = (): Error => Object.assign(new Error('Connection is closed.'), { code: 'ECONNREFUSED' });
    log.faults.push(...range(1, 100).map(away));
    tracker.updateItem(0, 0.7, 'processing', 'told');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(log.reports.length).toBeGreaterThan(3);
    tracker.release();
    await vi.advanceTimersByTimeAsync(2_000);
    const tries = log.reports.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log.reports).toHaveLength(tries);
    await tracker.settled();
  });

  test('end with a refusal: nobody waits for this attempt any more', async () => {
    const { log, tracker, pass } = setUp();
    log.outcome = { code: 'STALE', position: ORIGIN, version: 1 };
    tracker.updateItem(0, 0.1, 'processing', 'refused');
    tracker.updateItem(1, 1, 'completed', 'not sent');
    await pass(1_000);
    tracker.updateItem(2, 0.5, 'processing', 'not taken');
    await pass(1_000);
    expect(log.reports.map(({ event }) => event.message)).toEqual(['#1 refused']);
  });
});

test('an item’s own event says to its batch what became of it', () => {
  const fields = { projectId: 'project', jobId: 'item', taskName: 'lipsync', attempt: 1, timestamp: '' };
  const failed = (code: string, willRetry: boolean): ReturnType<typeof toItemReport> =>
    toItemReport(3, {
      ...{ type: 'ErrorEvent', ...fields, error: 'why', code, details: null },
      ...{ willRetry, retryAfterSeconds: null },
    });
  const about = { progress: 0.4, status: 'retrying', step: null, message: 'now', metadata: null } as const;
  expect([
    toItemReport(3, { type: 'ProgressEvent', ...fields, ...about }),
    toItemReport(3, { type: 'CompletionEvent', ...fields, result: null }),
    failed('PROVIDER_FAILED', true),
    failed('PROVIDER_FAILED', false),
    failed('CANCELLED', false),
  ]).toEqual([
    { index: 3, progress: 0.4, status: 'retrying', message: 'now' },
    { index: 3, progress: 1, status: 'completed', message: 'Done' },
    { index: 3, progress: 0, status: 'retrying', message: 'why' },
    { index: 3, progress: 0, status: 'failed', message: 'why' },
    { index: 3, progress: 0, status: 'cancelled', message: 'why' },
  ]);
});

describe('the events of an attempt', () => {
  function setUp(
    options: {
      predict?: (run: RunSoFar, shown: Eta | null, now: number) => Eta | null;
      minIntervalMs?: number;
    } = {},
  ) {
    const log = new HeldLog();
    const clock = new SetClock(1_000_000);
    const refusals: Refusal[] = [];
    const state = newJob({
      id: 'job',
      projectId: 'project',
      workflow: 'DIRECTOR',
      taskName: 'video_generation',
      table: tableOf('DIRECTOR'),
      maxAttempts: 3,
      createdAt: 1,
    });
    const onRefused = (refusal: Refusal): void => void refusals.push(refusal);
    const tracker = new ProgressTracker(state, { log, clock, logger: silentLogger, onRefused, ...options });
    const pass = async (ms: number): Promise<void> => {
      clock.time += ms;
      await vi.advanceTimersByTimeAsync(ms);
    };
    const messages = (): string[] => log.writes.map(({ event }) => (event as ProgressEvent).message);
    return { log, clock, tracker, refusals, pass, messages };
  }

  test('go out at most every 100 ms; a step that begins does not wait', async () => {
    const { tracker, pass, messages } = setUp();
    await tracker.begin(1, 'begun');
    tracker.update(0.1, 'processing', 'first');
    await settle();
    tracker.update(0.2, 'processing', 'second');
    await pass(99);
    expect(messages()).toEqual(['begun', 'first']);
    await pass(1);
    expect(messages()).toEqual(['begun', 'first', 'second']);
    tracker.enterStep('finalize', 0.9, 'a step');
    await settle();
    expect(messages().at(-1)).toBe('a step');
    await tracker.close();
  });

  test('are tried again after 100 ms, then twice as long each time, up to 2 s; the eighth fault is the last', async () => {
    const { log, tracker } = setUp();
    await tracker.begin(1);
    log.faults.push(...range(1, 8).map(() => new Error('a fault of ours')));
    tracker.update(0.7, 'processing', 'told');
    await settle();
    expect(await waitsOf(() => log.writes.length, 7)).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log.writes).toHaveLength(9);
    await tracker.close();
  });

  test('of 32 steps wait one by one, of more only the newest', async () => {
    const { log, tracker, messages } = setUp();
    await tracker.begin(1, 'begun');
    log.shut();
    for (const number of range(0, 39)) tracker.enterStep(`step ${number}`, 0, `step ${number}`);
    log.open();
    await vi.advanceTimersByTimeAsync(10_000);
    const expected = ['begun', ...range(0, 32).map((number) => `step ${number}`), 'step 39'];
    expect(messages()).toEqual(expected);
    await tracker.close();
  });

  test('leave out metadata from 16,385 characters on', async () => {
    const { log, tracker } = setUp({ minIntervalMs: 0 });
    await tracker.begin(1);
    const overhead = JSON.stringify({ text: '' }).length;
    for (const length of [16_384, 16_385]) {
      tracker.update(0.1, 'processing', '', { text: 'x'.repeat(length - overhead) });
      await vi.advanceTimersByTimeAsync(1);
    }
    const [kept, left] = log.writes.slice(1).map(({ event }) => (event as ProgressEvent).metadata);
    expect(JSON.stringify(kept)).toHaveLength(16_384);
    expect(left).toEqual({ truncated: true });
    await tracker.close();
  });

  test('note once when a step has reported half of its part, and never for one without width', async () => {
    const { clock, tracker } = setUp({ minIntervalMs: 0 });
    await tracker.begin(1);
    const halfAt = (step: string): number | undefined => tracker.state.steps[step]?.halfAt;
    tracker.enterStep('parse_script', 0.1, 'parsing');
    tracker.update(0.1, 'processing', 'parsed');
    expect(halfAt('parse_script')).toBeUndefined();
    // From 0.1 to 0.6 of the job.
    tracker.enterStep('generate_videos', 0.1, 'generating');
    clock.time += 1_000;
    tracker.update(0.349, 'processing', 'nearly');
    expect(halfAt('generate_videos')).toBeUndefined();
    clock.time += 1_000;
    tracker.update(0.35, 'processing', 'half');
    expect(halfAt('generate_videos')).toBe(1_002_000);
    clock.time += 1_000;
    tracker.update(0.5, 'processing', 'more');
    expect(halfAt('generate_videos')).toBe(1_002_000);
    tracker.enterStep('a step of no table', 0.6, 'more');
    tracker.update(1, 'processing', 'all');
    expect(halfAt('a step of no table')).toBeUndefined();
    await tracker.close();
  });

  test('predict for a failed attempt the work to come, as much later as the next one begins', async () => {
    const runs: RunSoFar[] = [];
    const eta = { remainingSeconds: 10, lowSeconds: 5, highSeconds: 20, finishesAt: 0 };
    let predicts = true;
    const { log, tracker, clock } = setUp({
      predict: (run) => {
        runs.push(run);
        return predicts ? eta : null;
      },
    });
    await tracker.begin(1);
    clock.time += 7_000;
    await tracker.error('away', { code: 'PROVIDER_FAILED', willRetry: true, retryAfterSeconds: 30 });
    expect(runs.at(-1)).toMatchObject({ elapsedSeconds: 0, current: null });
    const later = { remainingSeconds: 40, lowSeconds: 35, highSeconds: 50, finishesAt: 1_047_000 };
    expect(log.writes.at(-1)?.state.eta).toEqual({ ...later, waitSeconds: 30 });
    expect(log.writes.at(-1)?.event).toMatchObject({ remains: { eta: { ...later, waitSeconds: 30 } } });

    const other = setUp({ predict: () => (predicts ? eta : null) });
    await other.tracker.begin(1);
    predicts = false;
    await other.tracker.error('away', { code: 'PROVIDER_FAILED', willRetry: true });
    // Without a new prediction the one that was shown goes on.
    expect(other.log.writes.at(-1)?.state.eta).toMatchObject({ remainingSeconds: 10, waitSeconds: 0 });
  });

  test('of an attempt that was refused are no more; the steps that waited go before the ending otherwise', async () => {
    const { log, tracker, refusals, messages } = setUp();
    await tracker.begin(1, 'begun');
    log.shut();
    tracker.enterStep('start', 0, 'one');
    tracker.enterStep('load_character', 0.05, 'two');
    const ended = tracker.error('broken', { code: 'PROVIDER_FAILED' });
    log.open();
    expect(await ended).toBe(true);
    expect(messages().slice(0, 3)).toEqual(['begun', 'one', 'two']);
    expect(log.writes.at(-1)?.event).toMatchObject({ type: 'ErrorEvent', error: 'broken' });
    expect(log.writes.at(-1)?.event).not.toHaveProperty('remains.eta');
    expect(log.writes.map(({ mode }) => mode)).toEqual(['begin', 'event', 'event', 'end']);

    const refused = setUp();
    await refused.tracker.begin(1);
    refused.log.outcome = { code: 'FENCED', position: ORIGIN, version: 1 };
    refused.tracker.update(0.1, 'processing', 'refused');
    refused.tracker.enterStep('start', 0, 'not sent');
    expect(await refused.tracker.complete(null)).toBe(false);
    expect(refused.refusals).toEqual(['FENCED']);
    expect(refused.log.writes).toHaveLength(2);
    expect(refusals).toEqual([]);
  });

  test('that are refused together stop the work once', async () => {
    const { log, tracker, refusals } = setUp();
    log.outcome = { code: 'GONE', position: ORIGIN, version: 0 };
    log.shut();
    const begun = tracker.begin(1);
    tracker.enterStep('start', 0, 'one');
    log.open();
    expect(await begun).toBe(false);
    await settle();
    expect(log.writes).toHaveLength(2);
    expect(refusals).toEqual(['GONE']);
  });
});
