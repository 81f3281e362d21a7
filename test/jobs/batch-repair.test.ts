import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Worker } from 'bullmq';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { finishBatch } from '../../src/jobs/batch.ts';
import { queuedEvent } from '../../src/jobs/job-events.ts';
import type { ErrorEvent, JobEvent } from '../../src/progress/events.ts';
import {
  begunJob,
  endedJob,
  itemId,
  itemIds,
  type JobState,
  newJob,
  requeuedJob,
} from '../../src/progress/state.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import { type EntryData, QUEUE_NAME } from '../../src/queue/bullmq-entry.ts';
import {
  type BatchPath,
  createBatchPath,
  expectMonotonic,
  expectOneEndingPerRun,
} from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { connect, JobWriter, range } from '../setup/harness.ts';
import { failing } from '../setup/interrupted.ts';
import { away, keysOf } from '../setup/job-harness.ts';
import { tableOf } from '../setup/workflows.ts';

const HOUR_MS = 3_600_000;
/** Locks last until a test takes them away, which is noticed at once. */
const NEVER_RENEWED = {
  leaseMs: HOUR_MS,
  renewMs: HOUR_MS,
  lossCheckMs: 30,
  lookIntervalMs: 20,
} as const;

describe('what a crash leaves half-done', () => {
  /** A batch of which only the parent, and some of its items, were written. */
  async function halfMade(path: BatchPath, total: number, made: number): Promise<JobState> {
    const input = {
      maxAttempts: 3,
      items: range(0, total - 1).map((index) => ({ script: `item ${index}` })),
    };
    const fields = {
      projectId: path.projectId,
      workflow: 'LIPSYNC',
      createdAt: 1,
      table: tableOf('LIPSYNC'),
    } as const;
    const parent = new JobWriter(path.log, path.projectId);
    const { id } = parent.state;
    parent.state = newJob({ ...fields, id, taskName: 'batch_lipsync', maxAttempts: 1, itemCount: total });
    await path.redis.zadd(path.keys.unended, 1, `${path.projectId}|${id}`);
    await parent.create({ input: JSON.stringify(input) });
    for (const itemIndex of range(0, made - 1)) {
      const item = new JobWriter(path.log, path.projectId);
      const what = {
        id: itemId(id, itemIndex),
        taskName: 'lipsync',
        maxAttempts: 3,
        parentId: id,
        itemIndex,
      };
      item.state = newJob({ ...fields, ...what });
      await path.redis.zadd(path.keys.unended, 1, `${path.projectId}|${item.state.id}`);
      await item.create({ input: JSON.stringify(input.items[itemIndex]) });
    }
    return parent.state;
  }

  test.each([0, 2, 5])('a batch of 5 with %d items is filled, once, however many sweep', async (made) => {
    const path = await createBatchPath();
    const batch = await halfMade(path, 5, made);
    await Promise.all(range(1, 4).map(() => path.createReconciler().sweep()));
    await path.reconciler.sweep();
    expect(await path.statuses(batch)).toEqual(range(1, 5).map(() => 'QUEUED'));
    for (const id of itemIds(batch)) expect(await path.events(id)).toHaveLength(1);
    await path.startWorker();
    expect(await path.ended(batch.id)).toMatchObject({ result: { total: 5, succeeded: 5 } });
    expect(path.ran.toSorted()).toEqual(range(0, 4).map((index) => `${index}#1`));
    expect(await path.endings(batch.id)).toHaveLength(1);
  });

  test('a batch whose entries could not be added is answered, and gets them from the reconciler', async () => {
    const path = await createBatchPath({ commandQueue: (queue) => failing(queue, 'addBatch') });
    const batch = await path.enqueueBatch(3);
    expect(batch.status).toBe('QUEUED');
    expect(await path.statuses(batch)).toEqual(['QUEUED', 'QUEUED', 'QUEUED']);
    expect(await path.queue.stateOf(batch.id)).toBe('missing');
    await path.reconciler.sweep();
    await path.startWorker();
    expect(await path.ended(batch.id)).toMatchObject({ result: { succeeded: 3 } });
  });

  test('a retry that was only noted is carried out', async () => {
    const path = await createBatchPath();
    const worker = await path.startWorker();
    path.fail(0);
    path.fail(2);
    const batch = await path.enqueueBatch(3);
    const ended = await path.ended(batch.id);
    // The worker notes the end at its own time, and would take away what is put under watch before that.
    await until(async () => (await path.redis.zcard(path.keys.unended)) === 0);
    await path.redis.zadd(path.keys.unended, 1, `${path.projectId}|${batch.id}`);
    const retries = [0, 2].map((index) => ({ index, attempt: 2 }));
    const state = requeuedJob(ended);
    const event = { ...(await path.events(batch.id))[0], attempt: 2 } as JobEvent;
    await path.log.append({ mode: 'retry', writeId: newWriteId(), event, state, retries });
    await path.reconciler.sweep();
    expect(await path.ended(batch.id)).toMatchObject({ attempt: 2, result: { succeeded: 3, failed: 0 } });
    expect(path.ran.filter((run) => run.endsWith('#2')).toSorted()).toEqual(['0#2', '2#2']);
    expect(worker.runner.running).toEqual([]);
  });

  test('a cancellation that only reached the batch is carried through', async () => {
    const path = await createBatchPath();
    await path.startWorker({ lookIntervalMs: 20, concurrency: 1 });
    const held = path.hold(0);
    const batch = await path.enqueueBatch(3);
    const step = await held.entered();
    const state = await path.load(batch.id);
    const { projectId, taskName } = state;
    const event: ErrorEvent = {
      ...{ type: 'ErrorEvent', projectId, jobId: batch.id, taskName, attempt: 1, timestamp: '' },
      ...{ error: 'Cancelled', code: 'CANCELLED', details: null, willRetry: false, retryAfterSeconds: null },
    };
    await path.log.append({
      mode: 'close',
      writeId: newWriteId(),
      event,
      state: endedJob(state, event, Date.now()),
    });
    // A worker that takes an item before the reconciler has been there begins nothing.
    const waiting = begunJob(await path.load(itemId(batch.id, 1)), 1, Date.now());
    const begun = { ...queuedEvent(waiting, Date.now()), status: 'processing' } as const;
    const outcome = await path.log.append({
      mode: 'begin',
      writeId: newWriteId(),
      event: begun,
      state: waiting,
    });
    expect(outcome.code).toBe('ENDED');
    await path.reconciler.sweep();
    expect(await path.statuses(batch)).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
    await until(() => step.signal.aborted);
    await until(async () => (await path.bull.getJobCountByTypes('waiting', 'prioritized', 'active')) === 0);
    expect(path.ran).toEqual(['0#1']);
    for (const id of [batch.id, ...itemIds(batch)]) expect(await path.endings(id)).toHaveLength(1);
  });

  test('a batch whose own entry was lost is ended by the reconciler, once', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(2);
    await path.redis.zrem(`${path.keys.queuePrefix}:jobs:waiting-children`, batch.id);
    await path.redis.del(`${path.keys.queuePrefix}:jobs:${batch.id}`);
    await path.startWorker();
    for (const id of itemIds(batch)) await path.ended(id);
    await path.reconciler.sweep();
    expect(await path.ended(batch.id)).toMatchObject({ status: 'COMPLETED', result: { succeeded: 2 } });
    expect(await path.endings(batch.id)).toHaveLength(1);
  });

  test('a batch whose entries were all lost, one item of it running, goes on', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(3);
    const running = new JobWriter(path.log, path.projectId);
    running.state = await path.load(itemId(batch.id, 1));
    await running.begin(1);
    await path.bull.obliterate({ force: true });
    await path.reconciler.sweep();
    await path.startWorker();
    expect(await path.ended(batch.id)).toMatchObject({ result: { succeeded: 3 } });
    expect(path.ran.toSorted()).toEqual(['0#1', '1#2', '2#1']);
    expect((await running.complete()).code).toBe('ENDED');
  });

  test('a batch whose entry waits for one that is gone is ended by the reconciler', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(2);
    await path.redis.sadd(
      `${path.keys.queuePrefix}:jobs:${batch.id}:dependencies`,
      `${path.keys.queuePrefix}:jobs:gone`,
    );
    await path.startWorker();
    for (const id of itemIds(batch)) await path.ended(id);
    expect(await path.queue.stateOf(batch.id)).toBe('waiting-for-items');
    await path.reconciler.sweep();
    expect(await path.load(batch.id)).toMatchObject({ status: 'COMPLETED', result: { succeeded: 2 } });
    expect(await path.queue.stateOf(batch.id)).toBe('missing');
  });

  test('a batch’s own entry goes also while a worker still has that of its last item', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(1);
    const holding = new Worker<EntryData, void>(QUEUE_NAME, null, {
      connection: connect(),
      prefix: path.keys.queuePrefix,
    });
    onTestFinished(() => holding.close());
    await holding.getNextJob('token');
    await path.commands.cancel(path.projectId, itemId(batch.id, 0));
    expect(await path.queue.stateOf(itemId(batch.id, 0))).toBe('active');
    await path.reconciler.sweep();
    expect(await path.load(batch.id)).toMatchObject({ status: 'COMPLETED', result: { cancelled: 1 } });
    expect(await path.queue.stateOf(batch.id)).toBe('missing');
    expect(await path.redis.zcard(path.keys.unended)).toBe(0);
  });

  test('a batch whose own entry a worker has is looked at until that has gone', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(1);
    const key = `${path.keys.queuePrefix}:jobs:${batch.id}`;
    await path.commands.cancel(path.projectId, itemId(batch.id, 0));
    // As when a worker takes the entry between the reconciler's look at it and its removal.
    await path.redis.set(`${key}:lock`, 'token');
    await path.reconciler.sweep();
    expect(await path.load(batch.id)).toMatchObject({ status: 'COMPLETED', result: { cancelled: 1 } });
    expect(await path.queue.stateOf(batch.id)).not.toBe('missing');
    expect(await path.redis.zcard(path.keys.unended)).toBe(1);
    await path.redis.del(`${key}:lock`);
    await path.reconciler.sweep();
    expect(await path.queue.stateOf(batch.id)).toBe('missing');
    expect(await path.redis.zcard(path.keys.unended)).toBe(0);
  });

  test('a batch that is cancelled while a worker has its own entry is looked at until that has gone', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(1);
    const key = `${path.keys.queuePrefix}:jobs:${batch.id}`;
    await path.redis.set(`${key}:lock`, 'token');
    await path.commands.cancel(path.projectId, batch.id);
    expect(await path.statuses(batch)).toEqual(['CANCELLED']);
    const watched = (): Promise<string[]> => path.redis.zrange(path.keys.unended, '0', '-1');
    expect(await watched()).toEqual([`${path.projectId}|${batch.id}`]);
    await path.redis.del(`${key}:lock`);
    await path.reconciler.sweep();
    expect(await path.queue.stateOf(batch.id)).toBe('missing');
    expect(await watched()).toEqual([]);
  });

  test('a batch whose entry failed is not lost: it goes on with its items, and ends when they have', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(2);
    const [first = '', second = ''] = itemIds(batch);
    // As when its workers died each time that they took the woken entry.
    await path.redis.zrem(`${path.keys.queuePrefix}:jobs:waiting-children`, batch.id);
    await path.redis.zadd(`${path.keys.queuePrefix}:jobs:failed`, 1, batch.id);
    await path.commands.cancel(path.projectId, first);
    await path.reconciler.sweep();
    await path.reconciler.sweep();
    expect(await path.queue.stateOf(batch.id)).toBe('waiting-for-items');
    expect(await path.load(second)).toMatchObject({ status: 'QUEUED' });
    await path.startWorker();
    expect(await path.ended(batch.id)).toMatchObject({ result: { succeeded: 1, cancelled: 1 } });
    expect(await path.endings(batch.id)).toHaveLength(1);
  });

  test('a worker that dies between the last item and the batch’s end, or right behind it: one ending (G3)', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(2);
    for (const id of itemIds(batch)) await path.commands.cancel(path.projectId, id);
    // Takes the batch's entry, writes the end, and dies before it has told BullMQ.
    const dying = new Worker<EntryData, void>(QUEUE_NAME, null, {
      connection: connect(),
      prefix: path.keys.queuePrefix,
      lockDuration: 50,
    });
    onTestFinished(() => dying.close());
    const taken = await dying.getNextJob('token');
    expect(taken?.id).toBe(batch.id);
    const parts = { jobs: path.jobs, log: path.log, clock: systemClock, logger: silentLogger };
    const finished = await Promise.all(range(1, 3).map(() => finishBatch(parts, batch)));
    for (const state of finished) expect(state).toMatchObject({ status: 'COMPLETED' });
    await path.startWorker({ lossCheckMs: 30, maxLosses: 3 });
    await until(async () => (await path.queue.stateOf(batch.id)) === 'missing');
    expect(await path.endings(batch.id)).toMatchObject([{ result: { total: 2, cancelled: 2 } }]);
  });

  test('an item whose workers died is counted as failed, and the batch waits for that', async () => {
    const path = await createBatchPath();
    await path.startWorker({ ...NEVER_RENEWED, maxLosses: 0 });
    const held = path.hold(1);
    const batch = await path.enqueueBatch(2);
    const step = await held.entered();
    await path.loseLock(itemId(batch.id, 1));
    await until(async () => (await path.queue.stateOf(itemId(batch.id, 1))) === 'failed');
    // Woken, and waits again, since the item has no end yet.
    await until(async () => (await path.queue.stateOf(batch.id)) === 'delayed');
    expect((await path.load(batch.id)).status).toBe('RUNNING');
    await path.reconciler.sweep();
    await path.reconciler.sweep();
    expect(await path.load(itemId(batch.id, 1))).toMatchObject({ error: { code: 'WORKER_LOST' } });
    expect(await path.ended(batch.id)).toMatchObject({ result: { succeeded: 1, failed: 1 } });
    await until(() => step.signal.aborted);
    expect(await path.endings(batch.id)).toHaveLength(1);
  });
});

describe('whatever is done to a batch at the same time', () => {
  /** Cancels, retries and repairs at random, three at a time. */
  async function meddle(path: BatchPath, ids: readonly string[]): Promise<void> {
    const { commands, projectId, reconciler } = path;
    const pick = <T>(choice: readonly T[]): T => choice[Math.floor(Math.random() * choice.length)] as T;
    const acts = [
      () => commands.cancel(projectId, pick(ids)),
      () => commands.retry(projectId, pick(ids)),
      () => commands.retry(projectId, ids[0] ?? ''),
      () => reconciler.sweep(),
    ];
    for (const _ of range(1, 15)) {
      // Refusals (ended, not retryable) are as good as acceptance.
      await Promise.allSettled(range(1, 3).map(() => pick(acts)()));
    }
  }

  /** Resolves when the batch and all its items have ended. */
  async function settled(path: BatchPath, batch: JobState): Promise<JobState> {
    const over = async (): Promise<JobState | false> => {
      await path.reconciler.sweep();
      const state = await path.load(batch.id);
      const statuses = [state.status, ...(await path.statuses(batch))];
      return statuses.every((status) => /COMPLETED|FAILED|CANCELLED/.test(status)) && state;
    };
    return until(over, { what: 'the batch and its items have ended' });
  }

  test.each(range(1, 5))('it ends, once a run, with the counts of its items (%d)', async () => {
    const path = await createBatchPath();
    for (const _ of range(1, 3)) await path.startWorker({ concurrency: 2, lookIntervalMs: 20 });
    for (const index of range(0, 9)) {
      for (const error of [undefined, undefined, away()]) if (Math.random() < 0.5) path.fail(index, error);
    }
    const batch = await path.enqueueBatch(10);
    const ids = [batch.id, ...itemIds(batch)];
    await meddle(path, ids);
    const state = await settled(path, batch);
    const statuses = await path.statuses(batch);
    const count = (status: string): number => statuses.filter((each) => each === status).length;
    const counts = { succeeded: count('COMPLETED'), failed: count('FAILED'), cancelled: count('CANCELLED') };
    expect(await path.jobs.itemCounts(path.projectId, batch.id)).toEqual(counts);
    const result = state.status === 'COMPLETED' ? { type: 'BatchResult', total: 10, ...counts } : null;
    expect(state.result).toEqual(result);
    await expectOneEndingPerRun(path, ids);
    for (const attempt of range(1, state.attempt)) await expectMonotonic(path, batch, attempt);
  });
});

describe('the state of an ended batch (G9)', () => {
  test('is kept with its items for the retention time, then everything of it goes', async () => {
    const path = await createBatchPath({ retentionMs: HOUR_MS });
    await path.startWorker();
    path.fail(1);
    const batch = await path.enqueueBatch(3, { idempotencyKey: 'order' });
    await path.ended(batch.id);
    await until(async () => {
      await path.reconciler.sweep();
      return (await path.redis.zcard(path.keys.unended)) === 0;
    });
    const artifact = path.stored(itemId(batch.id, 0), 'video.mp4');
    await mkdir(dirname(artifact), { recursive: true });
    await writeFile(artifact, 'video');

    path.clock.time = Date.now() + HOUR_MS - 60_000;
    await path.reconciler.sweep();
    expect(await path.items(batch)).toHaveLength(3);

    path.clock.time = Date.now() + HOUR_MS + 60_000;
    await path.reconciler.sweep();
    expect(await path.jobs.load(path.projectId, batch.id)).toBeNull();
    expect(await path.items(batch)).toEqual([]);
    expect(await path.exists(dirname(artifact))).toBe(false);
    expect(await path.jobs.list(path.projectId, { items: true }, null, 9)).toEqual([]);
    expect((await keysOf(path)).filter((key) => key.includes(batch.id) && !key.includes(':jobs:'))).toEqual(
      [],
    );
  });
});
