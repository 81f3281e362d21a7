/** Jobs whose queue entries are missing or have failed: when they are added again, in which trace, and what is said of it. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { installTracing, type Tracing } from '../../src/core/tracing.ts';
import type { Reconciler } from '../../src/jobs/reconcile.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { memberOf } from '../../src/jobs/watch.ts';
import { hasEnded, itemId, itemIds } from '../../src/progress/state.ts';
import { type BatchPath, createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { connect } from '../setup/harness.ts';
import { failing, interrupted } from '../setup/interrupted.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';

const TEXT = 'a job had no queue entry; added again';

/** Traces nothing but where work is done; what is made now is made at `place`. */
function traceAt(place: string | null) {
  const within: string[] = [];
  const now = { place };
  const tracing: Tracing = {
    trace: (_name, _kind, _attributes, work) => work({ set() {}, fail() {} }),
    place: () => now.place,
    within: (at, work) => {
      within.push(at);
      return work();
    },
    ids: () => undefined,
    emit() {},
    line() {},
  };
  installTracing(tracing);
  onTestFinished(() => installTracing(null));
  return { now, within };
}

/** A batch without its own entry; those of its items are there. */
async function withoutOwnEntry(path: BatchPath, count: number) {
  const batch = await path.enqueueBatch(count);
  await path.queue.remove(batch.queueId);
  expect(await path.queue.stateOf(batch.queueId)).toBe('missing');
  return batch;
}

test('a job or batch is added in the trace that made it, one that was not traced in none', async () => {
  const path = await createBatchPath();
  const { now, within } = traceAt('made');
  const job = await path.enqueue();
  now.place = 'batch';
  const batch = await withoutOwnEntry(path, 2);
  now.place = null;
  const untraced = await path.enqueue();
  for (const { queueId } of [job, untraced]) await path.queue.remove(queueId);
  now.place = 'sweep';
  await path.reconciler.sweep();
  expect(within.toSorted()).toEqual(['batch', 'made']);
  for (const { queueId } of [job, untraced]) expect(await path.queue.stateOf(queueId)).toBe('waiting');
  expect(await path.queue.stateOf(batch.queueId)).toBe('waiting-for-items');
});

test('the entries of a batch and its items are added once, in their order, and told once', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(3);
  await path.bull.obliterate({ force: true });
  // The last item has to be made again.
  const last = itemId(batch.id, 2);
  await path.redis.del(path.keys.project(path.projectId).job(last));
  await path.redis.zrem(path.keys.unended, `${path.projectId}|${last}`);
  const logger = keepLog();
  await path.createReconciler({ logger }).sweep();
  const { id: jobId, projectId } = batch;
  expect(logger.lines).toEqual([{ level: 'warn', text: TEXT, projectId, jobId }]);
  expect(await path.queue.stateOf(batch.queueId)).toBe('waiting-for-items');
  await path.startWorker({ concurrency: 1 });
  await path.ended(batch.id);
  expect(path.ran).toEqual(['0#1', '1#1', '2#1']);
});

test('an item is added again as one that its batch waits for', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(2);
  await path.queue.remove(itemId(batch.id, 0));
  await path.reconciler.sweep();
  const entry = await path.bull.getJob(itemId(batch.id, 0));
  expect(entry?.parent).toMatchObject({ id: batch.queueId });
});

/** Whoever meddles with a job between the reconciler's two looks at it. */
const MEDDLERS: readonly [string, (path: JobPath, id: string) => Promise<unknown>][] = [
  ['was cancelled', ({ commands, projectId }, id) => commands.cancel(projectId, id)],
  [
    'was cancelled and retried',
    async ({ commands, projectId }, id) => {
      if (hasEnded((await commands.cancel(projectId, id)).status)) await commands.retry(projectId, id);
    },
  ],
  [
    'was removed',
    async ({ commands, jobs, projectId }, id) => jobs.remove(await commands.cancel(projectId, id)),
  ],
];

test.each(MEDDLERS)('a job that %s meanwhile is left as it is', async (_, meddle) => {
  const path = await createJobPath();
  const { id, queueId } = await path.enqueue();
  await path.queue.remove(queueId);
  let isDone = false;
  const jobs = interrupted(path.jobs, 'load', 'before', async () => {
    if (!isDone) await meddle(path, id);
    isDone = true;
  });
  const logger = keepLog();
  await path.createReconciler({ jobs, logger }).sweep();
  expect([isDone, logger.lines]).toEqual([true, []]);
  expect(await path.queue.stateOf(queueId)).toBe('missing');
});

test('an entry that was added meanwhile is not added again', async () => {
  const path = await createJobPath();
  const job = await path.enqueue();
  await path.queue.remove(job.queueId);
  let looks = 0;
  const queue = interrupted(path.queue, 'stateOf', 'after', async () => {
    looks += 1;
    if (looks === 1) await path.queue.add(job);
  });
  const logger = keepLog();
  await path.createReconciler({ queue, logger }).sweep();
  expect([looks, logger.lines]).toEqual([2, []]);
});

test.each(['the entry', 'a list of the queue'])(
  'a job is left as it is, and nothing said of it, while %s can’t be read',
  async (what) => {
    const path = await createJobPath();
    const { id, queueId } = await path.enqueue();
    await path.queue.remove(queueId);
    await path.redis.set(path.bull.toKey(what === 'the entry' ? queueId : 'active'), 'of another type');
    const logger = keepLog();
    await path.createReconciler({ logger }).sweep();
    expect(logger.lines).toEqual([]);
    expect(await path.load(id)).toMatchObject({ status: 'QUEUED' });
    await path.redis.del(path.bull.toKey(queueId), path.bull.toKey('active'));
    await path.reconciler.sweep();
    expect(await path.queue.stateOf(queueId)).toBe('waiting');
  },
);

/** Makes an entry one that has failed, of which nothing tells why. */
async function failEntry(path: JobPath, id: string): Promise<void> {
  await path.redis.zrem(path.bull.toKey('prioritized'), id);
  await path.redis.zadd(path.bull.toKey('failed'), 1, id);
}

test('a job whose entry failed without a reason is told to have lost its workers all the same', async () => {
  const path = await createJobPath();
  const { id } = await path.enqueue();
  await failEntry(path, id);
  await path.reconciler.sweep();
  expect(await path.load(id)).toMatchObject({
    error: { code: 'WORKER_LOST', details: { reason: 'unknown' } },
  });
});

test('a batch is told that an item lost its workers', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(2);
  await failEntry(path, itemId(batch.id, 1));
  await path.reconciler.sweep();
  expect((await path.events(batch.id)).at(-1)).toMatchObject({
    message: '#2 The workers that ran this job died or stalled too often',
    metadata: { itemIndex: 1, itemStatus: 'failed', failed: 1 },
  });
});

test('a batch that lost its own entry waits for its open items, not for one whose entry failed', async () => {
  const path = await createBatchPath();
  const batch = await withoutOwnEntry(path, 3);
  const [over = '', failed = '', open = ''] = itemIds(batch);
  await path.commands.cancel(path.projectId, over);
  await failEntry(path, failed);
  const log = interrupted(path.log, 'append', 'before', () => Promise.reject(new Error('too early')));
  await path.createReconciler({ log }).sweep();
  const waited = await path.redis.smembers(`${path.bull.toKey(batch.queueId)}:dependencies`);
  expect(waited).toEqual([path.bull.toKey(open)]);
});

test('a batch whose record can’t be read at all loses no item, and their entries are added again', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(2);
  await path.redis.hset(path.keys.project(path.projectId).job(batch.id), 'attempt', 'two');
  await path.queue.remove(itemId(batch.id, 0));
  const logger = keepLog();
  await path.createReconciler({ logger }).sweep();
  const jobId = itemId(batch.id, 0);
  expect(logger.lines).toEqual([{ level: 'warn', text: TEXT, projectId: path.projectId, jobId }]);
  expect(await path.queue.stateOf(jobId)).toBe('waiting');
  expect(await path.statuses(batch)).toEqual(['QUEUED', 'QUEUED']);
});

test('a job that a worker may run is on no list of leases, and on a single server its project on none', async () => {
  const path = await createBatchPath();
  await path.enqueueBatch(1);
  await path.reconciler.sweep();
  expect(await path.redis.exists(path.keys.leases, path.keys.projects)).toBe(0);
});

test('a tracked job that has ended is put on no list of leases again', async () => {
  const path = await createJobPath();
  const { keys, projectId, redis } = path;
  const { job } = await new TrackedJobs({ redis: connect(), keys }).track({ projectId, taskName: 'cut' });
  await path.commands.cancel(projectId, job.id);
  await redis.del(keys.leases);
  await redis.zadd(keys.unended, 1, memberOf(job));
  await path.reconciler.sweep();
  expect(await redis.exists(keys.leases, keys.unended)).toBe(0);
});

/** A reconciler of which one pass fails, and its log. */
function failingPass(path: JobPath): { readonly reconciler: Reconciler; readonly lines: readonly object[] } {
  const logger = keepLog();
  const usage = failing(path.usage, 'recountDue');
  return { reconciler: path.createReconciler({ usage, logger }), lines: logger.lines };
}

test('a pass that fails is told, whether it was asked for or not, and keeps no other from its work', async () => {
  const path = await createJobPath();
  const job = await path.enqueue();
  await path.queue.remove(job.queueId);
  const { lines, reconciler } = failingPass(path);
  await expect(reconciler.sweep()).rejects.toThrow('recountDue fails');
  expect(await path.queue.stateOf(job.queueId)).toBe('waiting');
  const sweeps = reconciler.start(1);
  onTestFinished(() => sweeps.stop());
  await until(() => lines.length > 1);
  const err = expect.objectContaining({ message: 'recountDue fails' }) as Error;
  expect(lines[1]).toEqual({ level: 'warn', text: 'reconciling failed', err });
});

test('a reconciler that is stopped sweeps no more', async () => {
  const { createReconciler } = await createJobPath();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const before = vi.getTimerCount();
  const sweeps = createReconciler().start(1_000);
  expect(vi.getTimerCount()).toBe(before + 4);
  sweeps.stop();
  expect(vi.getTimerCount()).toBe(before);
});
