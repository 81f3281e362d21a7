/** What the reconciler does, and leaves alone, of unended jobs whose snapshots are lost or can't be read. */
import { expect, test } from 'vitest';
import { DamagedRecords } from '../../src/core/damaged-records.ts';
import { finishBatch } from '../../src/jobs/batch.ts';
import { itemId, itemIds } from '../../src/progress/state.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { JobWriter } from '../setup/harness.ts';
import { interrupted } from '../setup/interrupted.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';

const HOUR_MS = 3_600_000;

const keyOf = (path: JobPath, id: string): string => path.keys.project(path.projectId).job(id);
const memberOf = (path: JobPath, id: string): string => `${path.projectId}|${id}`;
const watched = (path: JobPath): Promise<string[]> => path.redis.zrange(path.keys.unended, '0', '-1');

test('a job that can’t be read at all is given up once, and kept for the retention time from then on', async () => {
  const path = await createJobPath();
  const { clock, keys, projectId, redis } = path;
  const [bad, good] = [await path.enqueue(), await path.enqueue()];
  await redis.hset(keyOf(path, bad.id), 'attempt', 'two');
  await path.queue.remove(bad.queueId);
  clock.time = Date.now() + 60_000;
  const since = clock.time;
  await path.reconciler.sweep();
  clock.time += 1_000;
  await path.reconciler.sweep();
  expect(await redis.zrange(keys.retired, '0', '-1', 'WITHSCORES')).toEqual([
    memberOf(path, bad.id),
    String(since + HOUR_MS),
  ]);
  const { active, latest } = keys.project(projectId);
  expect(await redis.smembers(active)).toEqual([good.id]);
  expect(await redis.zrange(latest, '0', '-1')).toEqual([good.id]);
  expect(await watched(path)).toEqual([memberOf(path, good.id)]);
});

test('a job that was retried and can’t be read is left alone while the entry of its retry waits', async () => {
  const path = await createJobPath();
  const { id } = await path.enqueue();
  await path.commands.cancel(path.projectId, id);
  const { queueId } = await path.commands.retry(path.projectId, id);
  await path.redis.hset(keyOf(path, id), 'metadata', '{broken');
  await path.reconciler.sweep();
  expect(await path.endings(id)).toHaveLength(1);
  expect(await watched(path)).toEqual([memberOf(path, id)]);
  await path.queue.remove(queueId);
  await path.reconciler.sweep();
  expect(await path.endings(id)).toMatchObject([{ code: 'CANCELLED' }, { code: 'RECORD_DAMAGED' }]);
});

test('one whose repair fails is told by its id, and keeps no other from its own', async () => {
  const path = await createJobPath();
  const [bad, lost] = [await path.enqueue(), await path.enqueue()];
  await path.redis.hset(keyOf(path, bad.id), 'metadata', '{broken');
  for (const { queueId } of [bad, lost]) await path.queue.remove(queueId);
  await path.redis.del(keyOf(path, lost.id));
  const err = new Error('no');
  const log = interrupted(path.log, 'append', 'before', () => Promise.reject(err));
  const logger = keepLog();
  await path.createReconciler({ log, logger }).sweep();
  expect(logger.lines).toEqual([{ level: 'error', text: 'reconciling a job failed', jobId: bad.id, err }]);
  expect(await watched(path)).toEqual([memberOf(path, bad.id)]);
});

test('a lost job is told as a damaged record, by its key', async () => {
  const path = await createJobPath();
  const { id } = await path.enqueue();
  await path.redis.del(keyOf(path, id));
  const logger = keepLog();
  await path.createReconciler({ damaged: new DamagedRecords(logger) }).sweep();
  const reason = 'expected a hash, it is gone';
  expect(logger.lines).toMatchObject([{ level: 'error', kind: 'job', key: keyOf(path, id), reason }]);
});

test('a job that is written right after it was looked for is not lost', async () => {
  const path = await createJobPath();
  const writer = new JobWriter(path.log, path.projectId);
  const { id } = writer.state;
  await path.redis.zadd(path.keys.unended, Date.now(), memberOf(path, id));
  const jobs = interrupted(path.jobs, 'loadMany', 'after', async () => {
    if ((await path.jobs.load(path.projectId, id)) === null) await writer.create();
  });
  await path.createReconciler({ jobs }).sweep();
  expect(await path.load(id)).toMatchObject({ status: 'QUEUED' });
  expect(await path.jobs.activeIds(path.projectId)).toEqual([id]);
  expect(await watched(path)).toEqual([memberOf(path, id)]);
});

test('a lost item of a batch that has ended is not made again, and what is left of it goes', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(2);
  await path.commands.cancel(path.projectId, batch.id);
  const lost = itemId(batch.id, 0);
  await path.redis.del(keyOf(path, lost));
  await path.redis.zadd(path.keys.unended, 1, memberOf(path, lost));
  const files: string[] = [];
  const removeJob = async (_projectId: string, jobId: string): Promise<void> => void files.push(jobId);
  const reconciler = path.createReconciler({ files: { removeJob } });
  for (const _ of [1, 2]) await reconciler.sweep();
  expect(files).toEqual([lost]);
  expect(await path.jobs.load(path.projectId, lost)).toBeNull();
  expect(await watched(path)).toEqual([]);
  expect(await path.queue.stateOf(batch.queueId)).toBe('missing');
});

test('a batch is cancelled with those of its items that are there and can be read', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(3);
  const [lost = '', bad = '', good = ''] = itemIds(batch);
  await path.redis.del(keyOf(path, lost));
  await path.redis.hset(keyOf(path, bad), 'metadata', '{broken');
  expect(await path.commands.cancel(path.projectId, batch.id)).toMatchObject({ status: 'CANCELLED' });
  expect(await path.load(good)).toMatchObject({ status: 'CANCELLED' });
  expect(await path.queue.stateOf(batch.queueId)).toBe('missing');
});

test('a batch that is gone is finished by nobody', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(1);
  await path.redis.del(keyOf(path, batch.id));
  const logger = keepLog();
  expect(await finishBatch({ ...path, logger }, batch)).toBeNull();
  expect(await path.endings(batch.id)).toEqual([]);
});
