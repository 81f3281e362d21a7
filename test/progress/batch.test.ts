import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { EventLog } from '../../src/log/log.ts';
import { BatchProgressTracker, reportOnce } from '../../src/progress/batch.ts';
import type { BatchRef } from '../../src/progress/event-writer.ts';
import type { JobEvent, ProgressEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { itemId, type JobState, newJob, requeuedJob } from '../../src/progress/state.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import { until } from '../setup/deadline.ts';
import {
  connect,
  createEventPath,
  type EventPath,
  JobWriter,
  OwnRedis,
  range,
  unique,
} from '../setup/harness.ts';
import { tableOf } from '../setup/workflows.ts';

const NEVER_MS = 3_600_000;

interface BatchPath {
  readonly path: EventPath;
  readonly ref: BatchRef;
  readonly parent: JobWriter;
  /** Writers of the items' own events. */
  readonly items: readonly JobWriter[];
  load(): Promise<JobState>;
  /** The batch's events behind the first. */
  events(): Promise<readonly JobEvent[]>;
  /** As another process has it, on a connection of its own. */
  tracker(parts?: Partial<ConstructorParameters<typeof BatchProgressTracker>[1]>): BatchProgressTracker;
}

async function createBatch(total: number, url?: string): Promise<BatchPath> {
  const path = createEventPath(url === undefined ? {} : { url });
  const projectId = unique('project');
  const id = unique('batch');
  const fields = {
    projectId,
    workflow: 'LIPSYNC',
    maxAttempts: 3,
    createdAt: 1,
    table: tableOf('LIPSYNC'),
  } as const;
  const parent = new JobWriter(path.log, projectId, id);
  parent.state = newJob({ ...fields, id, taskName: 'batch_lipsync', itemCount: total });
  await parent.create();
  const items = range(0, total - 1).map((itemIndex) => {
    const writer = new JobWriter(path.log, projectId);
    const item = { id: itemId(id, itemIndex), taskName: 'lipsync', parentId: id, itemIndex };
    writer.state = newJob({ ...fields, ...item });
    return writer;
  });
  for (const item of items) expect((await item.create()).code).toBe('OK');
  const ref: BatchRef = { projectId, id, workflow: 'LIPSYNC', taskName: 'batch_lipsync', attempt: 1 };
  return {
    path,
    ref,
    parent,
    items,
    load: async () => {
      const state = await path.jobs.load(projectId, id);
      if (state === null) throw new Error('expected the batch');
      return state;
    },
    events: async () =>
      (await path.log.readAfter(projectId, ORIGIN, 10_000))
        .map(({ event }) => event)
        .filter(({ jobId }) => jobId === id)
        .slice(1),
    tracker: (parts) =>
      new BatchProgressTracker(ref, {
        log: new EventLog(connect(url), path.keys),
        clock: systemClock,
        logger: silentLogger,
        minIntervalMs: 0,
        ...parts,
      }),
  };
}

async function progressOf(batch: BatchPath): Promise<number[]> {
  return (await batch.events()).map((event) => (event as ProgressEvent).progress);
}

function sorted(numbers: readonly number[]): number[] {
  return numbers.toSorted((one, other) => one - other);
}

describe('the progress of a batch', () => {
  test('is the mean over its items, whichever process reports them', async () => {
    const batch = await createBatch(4);
    const [one, other] = [batch.tracker(), batch.tracker()];
    one.updateItem(0, 0.5, 'processing', 'half');
    await one.settled();
    other.updateItem(3, 0.3, 'processing', 'a third');
    await other.settled();
    expect(await batch.events()).toMatchObject([
      { type: 'ProgressEvent', progress: 0.125, status: 'processing', message: '#1 half', attempt: 1 },
      { progress: 0.2, message: '#4 a third', taskName: 'batch_lipsync', step: null },
    ]);
    expect(await batch.load()).toMatchObject({
      progress: 0.2,
      message: '#4 a third',
      metadata: { itemIndex: 3, itemStatus: 'processing', completed: 0, failed: 0, cancelled: 0, total: 4 },
    });
  });

  test('never goes back, in whatever order many processes report, retries of items included (G5)', async () => {
    const batch = await createBatch(7);
    const trackers = range(1, 5).map(() => batch.tracker());
    const highest = range(0, 6).map(() => 0);
    for (const round of range(1, 300)) {
      const index = Math.floor(Math.random() * 7);
      // Of an item's later attempt that begins anew, or of a report that was overtaken.
      const progress = Math.round(Math.random() * 1e6) / 1e6;
      highest[index] = Math.max(highest[index] ?? 0, progress);
      trackers[round % 5]?.updateItem(index, progress, 'processing', `round ${round}`);
      if (round % 3 === 0) await new Promise(setImmediate);
    }
    await Promise.all(trackers.map((tracker) => tracker.settled()));
    const progress = await progressOf(batch);
    expect(progress.length).toBeGreaterThan(5);
    expect(progress).toEqual(sorted(progress));
    const mean = highest.reduce((sum, value) => sum + value, 0) / 7;
    expect(progress.at(-1)).toBeCloseTo(mean, 5);
    expect((await batch.load()).progress).toBe(progress.at(-1));
  });

  test('counts an item that has ended as done, whatever its end, and says how they ended', async () => {
    const batch = await createBatch(4);
    const tracker = batch.tracker();
    const [first, second, third] = batch.items;
    await first?.begin();
    await first?.complete();
    tracker.updateItem(0, 1, 'completed', 'Done');
    await tracker.settled();
    await second?.fail('close');
    tracker.updateItem(1, 0.2, 'failed', 'broken');
    await tracker.settled();
    await third?.fail('close', 'CANCELLED');
    tracker.updateItem(2, 0, 'cancelled', 'Cancelled');
    await tracker.settled();
    expect(await batch.events()).toMatchObject([
      { progress: 0.25, metadata: { itemIndex: 0, completed: 1, failed: 0, cancelled: 0, total: 4 } },
      { progress: 0.5, metadata: { itemIndex: 1, completed: 1, failed: 1, cancelled: 0 } },
      { progress: 0.75, metadata: { itemIndex: 2, itemStatus: 'cancelled', failed: 1, cancelled: 1 } },
    ]);
  });

  test('is reported without a tracker when an item ends whose own event has counted it', async () => {
    const batch = await createBatch(2);
    await batch.items[1]?.fail('close', 'CANCELLED');
    const end = { index: 1, status: 'cancelled', message: 'Cancelled' } as const;
    const now = Date.now();
    expect((await reportOnce(batch.path.log, batch.ref, end, now)).code).toBe('OK');
    expect(await batch.events()).toMatchObject([
      {
        ...{ type: 'ProgressEvent', progress: 0.5, message: '#2 Cancelled' },
        timestamp: new Date(now).toISOString(),
        metadata: { itemIndex: 1, itemStatus: 'cancelled', cancelled: 1, failed: 0, total: 2 },
      },
    ]);
  });

  test('is RUNNING from its first report on, and keeps when it began', async () => {
    const batch = await createBatch(2);
    expect(await batch.load()).toMatchObject({ status: 'QUEUED', startedAt: null });
    const tracker = batch.tracker();
    tracker.updateItem(1, 0, 'processing', 'Starting');
    await tracker.settled();
    const begun = await batch.load();
    expect(begun).toMatchObject({ status: 'RUNNING', startedAt: expect.any(Number) });
    tracker.updateItem(1, 0.5, 'processing', 'on it');
    await tracker.settled();
    expect((await batch.load()).startedAt).toBe(begun.startedAt);
    expect(await batch.path.jobs.list(batch.ref.projectId, { statuses: ['RUNNING'] }, null, 9)).toEqual([
      batch.ref.id,
    ]);
  });

  test.each([-0.1, 1.1, Number.NaN])('refuses the progress %d', async (progress) => {
    const batch = await createBatch(1);
    expect(() => batch.tracker().updateItem(0, progress, 'processing', '')).toThrow(/expected 0\.\.1/);
  });
});

describe('reports cost next to nothing', () => {
  test('what is reported while one is under way goes out together; the end of an item does not wait', async () => {
    const batch = await createBatch(3);
    const tracker = batch.tracker({ minIntervalMs: NEVER_MS });
    tracker.updateItem(0, 0.1, 'processing', 'first');
    for (const number of range(1, 100_000))
      tracker.updateItem(number % 3, number / 100_000, 'processing', 'busy');
    await tracker.settled();
    expect(await progressOf(batch)).toHaveLength(1);
    tracker.updateItem(2, 1, 'completed', 'Done');
    await until(async () => (await batch.events()).length === 2);
    // With what was held back of the others.
    expect((await progressOf(batch))[1]).toBeCloseTo((0.99999 + 0.99998 + 1) / 3, 4);
    tracker.release();
    await tracker.settled();
    // Nothing older is said behind it.
    expect(await batch.load()).toMatchObject({ message: '#3 Done', metadata: { itemStatus: 'completed' } });
    expect(await progressOf(batch)).toHaveLength(2);
  });

  test('what was held back goes out by itself when its turn comes', async () => {
    const batch = await createBatch(2);
    const tracker = batch.tracker({ minIntervalMs: 20 });
    tracker.updateItem(0, 0.2, 'processing', 'one');
    tracker.updateItem(0, 0.4, 'processing', 'two');
    tracker.updateItem(1, 0.6, 'processing', 'three');
    await until(async () => (await progressOf(batch)).at(-1) === 0.5);
    expect(await progressOf(batch)).toEqual([0.1, 0.5]);
  });

  test.each(['while it waits for its turn', 'while another is under way'])(
    'what was held back goes out at once when the tracker is released %s',
    async (when) => {
      const batch = await createBatch(2);
      const tracker = batch.tracker({ minIntervalMs: NEVER_MS });
      tracker.updateItem(0, 0.2, 'processing', 'one');
      if (when === 'while it waits for its turn') await tracker.settled();
      tracker.updateItem(1, 0.6, 'processing', 'two');
      tracker.release();
      await until(async () => (await progressOf(batch)).length === 2);
      expect(await progressOf(batch)).toEqual([0.1, 0.4]);
      // A report that comes behind the release has nobody who would send it later.
      await tracker.settled();
      tracker.updateItem(0, 0.4, 'processing', 'three');
      await until(async () => (await progressOf(batch)).length === 3);
    },
  );

  test('every end of an item has its own event, also when many end at once', async () => {
    const batch = await createBatch(10);
    const tracker = batch.tracker({ minIntervalMs: NEVER_MS });
    for (const index of range(0, 9)) tracker.updateItem(index, 1, 'failed', 'broken');
    await until(async () => (await batch.events()).length === 10);
    const indexes = (await batch.events()).map((event) => (event as ProgressEvent).metadata?.['itemIndex']);
    expect(indexes).toEqual(range(0, 9));
  });

  test('nothing waits for Redis while it is away, and the newest goes out when it is back (G6)', async () => {
    const own = await OwnRedis.launch();
    const batch = await createBatch(2, own.url);
    const tracker = batch.tracker();
    tracker.updateItem(0, 0.1, 'processing', 'before');
    await tracker.settled();
    await own.stop();
    for (const number of range(1, 1_000)) tracker.updateItem(0, number / 2_000, 'processing', `${number}`);
    tracker.updateItem(1, 1, 'completed', 'Done');
    await own.start();
    await until(async () => (await progressOf(batch)).at(-1) === 0.75);
    expect((await batch.events()).length).toBeLessThanOrEqual(4);
  });

  test('a report that can never succeed is given up, and its items’ progress goes out with the next one', async () => {
    const batch = await createBatch(2);
    const log = new EventLog(connect(), batch.path.keys);
    let refused = 0;
    const tracker = batch.tracker({
      maxTries: 2,
      log: {
        finish: log.finish.bind(log),
        report: async (ref, report) => {
          if (report.event.message !== '#1 poison') return log.report(ref, report);
          refused += 1;
          throw new Error('ERR user_script:1: Expected value but found invalid token');
        },
      },
    });
    tracker.updateItem(0, 1, 'failed', 'poison');
    tracker.updateItem(1, 0.5, 'processing', 'half');
    await until(async () => (await batch.events()).length === 1);
    expect(refused).toBe(2);
    expect(await progressOf(batch)).toEqual([0.75]);
  });

  test('half a character in a message does not hold up the batch; event and snapshot say the same', async () => {
    const batch = await createBatch(2);
    const tracker = batch.tracker();
    tracker.updateItem(0, 1, 'failed', 'cut \ud83c');
    await tracker.settled();
    const [event] = await batch.events();
    expect(event).toMatchObject({ message: '#1 cut \ufffd', progress: 0.5 });
    expect(await batch.load()).toMatchObject({ message: '#1 cut \ufffd', progress: 0.5 });
  });

  test('a report whose answer is lost is sent again as the same event, once in the log', async () => {
    const batch = await createBatch(2);
    let lost = 3;
    const log = new EventLog(connect(), batch.path.keys);
    const tracker = batch.tracker({
      log: {
        finish: log.finish.bind(log),
        report: async (...args) => {
          const outcome = await log.report(...args);
          if (lost-- > 0) throw new Error('no answer');
          return outcome;
        },
      },
    });
    tracker.updateItem(0, 0.5, 'processing', 'once');
    await tracker.settled();
    expect(lost).toBe(-1);
    expect(await progressOf(batch)).toEqual([0.25]);
    // It was not refused, so the batch is reported on.
    tracker.updateItem(0, 0.8, 'processing', 'again');
    await tracker.settled();
    expect(await progressOf(batch)).toEqual([0.25, 0.4]);
  });
});

describe('the end of a batch', () => {
  async function endItems(batch: BatchPath): Promise<void> {
    for (const [index, item] of batch.items.entries()) {
      await item.begin();
      await (index === 0 ? item.fail('end') : item.complete());
    }
  }

  test('is accepted when no item is left, with the true counts, once (G3)', async () => {
    const batch = await createBatch(3);
    const result = { total: 3, succeeded: 2, failed: 1, cancelled: 0 };
    expect(await batch.tracker().complete(result)).toBe(false);
    await endItems(batch);
    expect(await batch.tracker().complete({ ...result, succeeded: 3, failed: 0 })).toBe(false);
    const answers = await Promise.all(range(1, 5).map(() => batch.tracker().complete(result)));
    expect(answers.filter((accepted) => accepted)).toHaveLength(1);
    expect(await batch.events()).toMatchObject([
      { type: 'CompletionEvent', attempt: 1, result: { type: 'BatchResult', ...result } },
    ]);
    expect(await batch.load()).toMatchObject({
      status: 'COMPLETED',
      progress: 1,
      message: 'Done',
      result: { type: 'BatchResult', ...result },
      finishedAt: expect.any(Number),
    });
    expect(await batch.path.jobs.activeIds(batch.ref.projectId)).toEqual([]);
  });

  test('comes behind what was reported before it, and nothing comes behind it', async () => {
    const batch = await createBatch(2);
    await endItems(batch);
    const [tracker, other] = [batch.tracker({ minIntervalMs: NEVER_MS }), batch.tracker()];
    tracker.updateItem(0, 1, 'failed', 'broken');
    tracker.updateItem(1, 1, 'completed', 'Done');
    expect(await tracker.complete({ total: 2, succeeded: 1, failed: 1, cancelled: 0 })).toBe(true);
    other.updateItem(1, 1, 'completed', 'too late');
    await other.settled();
    other.updateItem(1, 1, 'completed', 'too late again');
    await other.settled();
    expect((await batch.events()).map(({ type }) => type)).toEqual([
      'ProgressEvent',
      'ProgressEvent',
      'CompletionEvent',
    ]);
  });

  test('comes behind what was held back until its turn', async () => {
    const batch = await createBatch(2);
    const tracker = batch.tracker({ minIntervalMs: NEVER_MS });
    tracker.updateItem(0, 0.2, 'processing', 'first');
    await tracker.settled();
    tracker.updateItem(1, 0.5, 'processing', 'held back');
    await endItems(batch);
    expect(await tracker.complete({ total: 2, succeeded: 1, failed: 1, cancelled: 0 })).toBe(true);
    expect(await batch.events()).toMatchObject([
      { type: 'ProgressEvent', message: '#1 first' },
      { type: 'ProgressEvent', message: '#2 held back' },
      { type: 'CompletionEvent' },
    ]);
  });

  test('takes no item up again, and makes none, but by a retry of the batch', async () => {
    const batch = await createBatch(2);
    await endItems(batch);
    await batch.tracker().complete({ total: 2, succeeded: 1, failed: 1, cancelled: 0 });
    const [failed] = batch.items;
    expect((await failed?.retry())?.code).toBe('STALE');
    const late = new JobWriter(batch.path.log, batch.ref.projectId);
    late.state = { ...(failed?.state as JobState), id: itemId(batch.ref.id, 2), itemIndex: 2 };
    expect((await late.create()).code).toBe('STALE');
  });

  test('is followed by a retry that begins with what is kept, and refuses reports of before (G5)', async () => {
    const batch = await createBatch(4);
    await endItems(batch);
    await batch.tracker().complete({ total: 4, succeeded: 3, failed: 1, cancelled: 0 });
    const requeued = requeuedJob(await batch.load());
    const event = batch.parent.progressEvent(0, 'queued', 2);
    const retries = [{ index: 0, attempt: 2 }];
    const command = { mode: 'retry', writeId: newWriteId(), event, state: requeued, retries } as const;
    expect((await batch.path.log.append(command)).code).toBe('OK');
    expect(await batch.path.jobs.itemRetries(batch.ref.projectId, batch.ref.id)).toEqual(retries);
    expect(await batch.load()).toMatchObject({ status: 'QUEUED', attempt: 2, progress: 0.75, result: null });
    expect((await batch.items[0]?.retry())?.code).toBe('OK');

    const late = batch.tracker();
    late.updateItem(0, 0.9, 'processing', 'of the first attempt');
    await late.settled();
    expect(await batch.load()).toMatchObject({ status: 'QUEUED', progress: 0.75 });
    const now = new BatchProgressTracker(
      { ...batch.ref, attempt: 2 },
      { log: batch.path.log, clock: systemClock, logger: silentLogger },
    );
    now.updateItem(0, 0.4, 'retrying', 'again');
    await now.settled();
    expect((await batch.events()).slice(-2)).toMatchObject([
      { attempt: 2, status: 'queued', progress: 0.75 },
      { attempt: 2, progress: 0.85, metadata: { completed: 3, failed: 0, total: 4 } },
    ]);
  });
});
