/** What the events and snapshots of an attempt carry, on a log that keeps what is written. */
import { describe, expect, test } from 'vitest';
import type { EventWrite, WriteOutcome } from '../../src/progress/event-writer.ts';
import type { Eta, Preview, ProgressEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import type { RunSoFar } from '../../src/progress/run-so-far.ts';
import { newJob } from '../../src/progress/state.ts';
import { ProgressTracker } from '../../src/progress/tracker.ts';
import { until } from '../setup/deadline.ts';
import { SetClock } from '../setup/harness.ts';
import { keepLog } from '../setup/kept-log.ts';
import { tableOf } from '../setup/workflows.ts';

type Parts = ConstructorParameters<typeof ProgressTracker>[1];

const PREVIEW: Preview = { name: 'a.jpg', path: 'p/j/a.jpg', contentType: 'image/jpeg', sizeBytes: 9 };
const ETA: Eta = { remainingSeconds: 4, lowSeconds: 2, highSeconds: 8, finishesAt: 5_000 };

function setUp(parts: Partial<Parts> = {}) {
  const writes: EventWrite[] = [];
  const clock = new SetClock();
  clock.time = 1_000;
  const logger = keepLog();
  const state = newJob({
    ...{ id: 'job', projectId: 'project', workflow: 'LIPSYNC', taskName: 'lipsync' },
    ...{ table: tableOf('LIPSYNC'), maxAttempts: 3, createdAt: 1_000 },
  });
  const append = async (write: EventWrite): Promise<WriteOutcome> => {
    writes.push(write);
    return { code: 'OK', position: { ...ORIGIN, seq: writes.length }, version: writes.length };
  };
  const onRefused = (): void => {};
  const tracker = new ProgressTracker(state, {
    ...{ log: { append }, clock, logger, onRefused, minIntervalMs: 0 },
    ...parts,
  });
  const last = (): ProgressEvent => writes.at(-1)?.event as ProgressEvent;
  return {
    clock,
    last,
    logger,
    tracker,
    writes,
    written: (count: number) => until(() => writes.length === count),
  };
}

describe('an attempt', () => {
  test('begins, reports, and ends or is released, each by a write of that name', async () => {
    const { tracker, writes, written } = setUp();
    await tracker.begin(1);
    tracker.update(0.1, 'processing', 'working');
    await written(2);
    await tracker.error('busy', { code: 'PROVIDER_FAILED', willRetry: true });
    await tracker.begin(2);
    await tracker.complete({ clips: 1 });
    expect(writes.map(({ mode }) => mode)).toEqual(['begin', 'event', 'release', 'begin', 'end']);
    expect(tracker.state).toMatchObject({ last: { seq: 5 }, version: 5 });
  });

  test('names its worker with its first event only', async () => {
    const { tracker, last, written } = setUp({ worker: 'host-1' });
    await tracker.begin(1);
    expect(last()).toMatchObject({ worker: 'host-1' });
    tracker.update(0.1, 'processing', 'working');
    await written(2);
    expect(last()).not.toHaveProperty('worker');
  });

  test('leaves out the worker, the time and the preview that there are not', async () => {
    const { tracker, last, logger } = setUp();
    await tracker.begin(1);
    for (const name of ['worker', 'eta', 'preview']) expect(last()).not.toHaveProperty(name);
    expect(logger.lines).toEqual([]);
  });

  test('is "retrying" in its first event, and "processing" from then on', async () => {
    const { tracker, writes, written } = setUp();
    await tracker.begin(2);
    tracker.preview(PREVIEW);
    await written(2);
    tracker.enterStep('start', 0, 'Starting');
    await written(3);
    expect(writes.map(({ event }) => (event as ProgressEvent).status)).toEqual([
      ...['retrying', 'processing', 'processing'],
    ]);
  });

  test('that fails says what its error says, and no details when there are none', async () => {
    const details = { clip: 3 };
    for (const [report, expected] of [
      [
        { code: 'PROVIDER_FAILED', details },
        { willRetry: false, details },
      ],
      [{ code: 'PROVIDER_FAILED' }, { willRetry: false, details: null, retryAfterSeconds: null }],
    ] as const) {
      const { tracker, last } = setUp();
      await tracker.begin(1);
      await tracker.error('broken', report);
      expect(last()).toMatchObject({ type: 'ErrorEvent', error: 'broken', ...expected });
    }
  });

  test('that is refused leaves the job as it was', async () => {
    const { tracker } = setUp({ log: { append: async () => ({ code: 'FENCED', position: null }) as never } });
    expect(await tracker.begin(1)).toBe(false);
    expect(await tracker.complete(null)).toBe(false);
    expect(tracker.state).toMatchObject({ status: 'RUNNING', result: null });
  });
});

test('a step that begins ends the one before it, and tells when it had done half of its own', async () => {
  const { clock, tracker } = setUp();
  await tracker.begin(1);
  const [first, second] = tableOf('LIPSYNC');
  if (first === undefined || second === undefined) throw new Error('expected steps');
  tracker.enterStep(first.name, first.from, 'first');
  clock.time = 2_000;
  tracker.update((first.from + first.to) / 2, 'processing', 'half');
  clock.time = 3_000;
  tracker.enterStep(second.name, second.from, 'second');
  expect(tracker.state.steps).toEqual({
    [first.name]: { status: 'COMPLETED', startedAt: 1_000, halfAt: 2_000, finishedAt: 3_000 },
    [second.name]: { status: 'RUNNING', startedAt: 3_000, finishedAt: null },
  });
  await tracker.close();
});

test('a preview goes out by itself and with every event after it, until the attempt ends', async () => {
  const { last, tracker, written } = setUp();
  await tracker.begin(1);
  tracker.preview(PREVIEW);
  await written(2);
  expect(last()).toMatchObject({ preview: PREVIEW });
  tracker.update(0.5, 'processing', 'working');
  await written(3);
  expect(last()).toMatchObject({ preview: PREVIEW, message: 'working' });
  await tracker.complete(null);
  expect(tracker.state.preview).toBeNull();
});

test('a preview goes out behind the event that is on its way', async () => {
  const { last, tracker, written, writes } = setUp();
  await tracker.begin(1);
  tracker.update(0.5, 'processing', 'working');
  tracker.preview(PREVIEW);
  await written(3);
  expect(writes[1]?.event).not.toHaveProperty('preview');
  expect(last()).toMatchObject({ preview: PREVIEW });
});

test('what is measured adds to what was, and waits for the next event', async () => {
  const { tracker, writes } = setUp();
  await tracker.begin(1);
  tracker.measure({ clips: 3 });
  tracker.measure({ seconds: 12 });
  expect(tracker.state.size).toEqual({ clips: 3, seconds: 12 });
  expect(writes).toHaveLength(1);
});

test('metadata over 16 KB is left out, and from the snapshot too', async () => {
  const { last, tracker, written, writes } = setUp();
  await tracker.begin(1);
  // With its name, braces and quotation marks it is of 16,384 characters.
  const most = { text: 'x'.repeat(16_384 - '{"text":""}'.length) };
  tracker.update(0.1, 'processing', 'as much as may be', most);
  await written(2);
  expect(last().metadata).toEqual(most);
  tracker.update(0.2, 'processing', 'too much', { text: `${most.text}x` });
  await written(3);
  expect(last().metadata).toEqual({ truncated: true });
  expect(writes.at(-1)?.state.metadata).toEqual({ truncated: true });
});

describe('the remaining time', () => {
  test('is predicted of the run for each event, from what the event before showed', async () => {
    const shown: (Eta | null)[] = [];
    const runs: RunSoFar[] = [];
    const { last, tracker, written } = setUp({
      predict: (run, before) => {
        runs.push(run);
        shown.push(before);
        return ETA;
      },
    });
    await tracker.begin(1);
    expect(last()).toMatchObject({ eta: ETA });
    tracker.enterStep('start', 0, 'Starting');
    await written(2);
    expect(last()).toMatchObject({ eta: ETA });
    expect(shown).toEqual([null, ETA]);
    expect(runs).toHaveLength(2);
    expect(runs.every((run) => typeof run === 'object')).toBe(true);
  });

  test.each([
    ['completes', (tracker: ProgressTracker) => tracker.complete(null)],
    ['fails for good', (tracker: ProgressTracker) => tracker.error('broken', { code: 'INVALID_INPUT' })],
  ])('is none when the job %s', async (_, end) => {
    const { tracker } = setUp({ predict: () => ETA });
    await tracker.begin(1);
    await end(tracker);
    expect(tracker.state.eta).toBeNull();
  });

  test('of an attempt that will be followed by another holds the wait for it', async () => {
    const { tracker, writes } = setUp({ predict: () => ETA });
    await tracker.begin(1);
    await tracker.error('busy', { code: 'PROVIDER_FAILED', willRetry: true, retryAfterSeconds: 3 });
    const eta = { remainingSeconds: 7, lowSeconds: 5, highSeconds: 11, finishesAt: 8_000, waitSeconds: 3 };
    expect(writes.at(-1)).toMatchObject({ event: { remains: { eta } }, state: { eta } });
  });

  test('is none, and the job goes on, when the prediction fails', async () => {
    const { last, logger, tracker } = setUp({
      predict: () => {
        throw new Error('no numbers');
      },
    });
    expect(await tracker.begin(1)).toBe(true);
    expect(last()).not.toHaveProperty('eta');
    expect(logger.lines).toMatchObject([{ level: 'error', jobId: 'job', err: { message: 'no numbers' } }]);
  });
});
