/** Until when ended jobs are kept, and what becomes of those that are noted for removal and can't go. */
import { expect, test } from 'vitest';
import { DamagedRecords } from '../../src/core/damaged-records.ts';
import { itemId, type JobState } from '../../src/progress/state.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A path whose clock stands still, a minute ahead. */
async function aMinuteAhead<T extends JobPath>(created: Promise<T>): Promise<T> {
  const path = await created;
  path.clock.time = Date.now() + MINUTE_MS;
  return path;
}

/** The members of a sorted set with their scores. */
async function scoresOf(path: JobPath, key: string): Promise<Record<string, number>> {
  const found = await path.redis.zrange(key, '0', '-1', 'WITHSCORES');
  return Object.fromEntries(
    found.flatMap((member, at) => (at % 2 === 0 ? [[member, Number(found[at + 1])]] : [])),
  );
}

async function cancelled(path: JobPath): Promise<JobState> {
  const { id } = await path.enqueue();
  return path.commands.cancel(path.projectId, id);
}

/** Makes a job one that is due. */
async function makeDue({ keys, projectId, redis }: JobPath, jobId: string): Promise<string> {
  const member = `${projectId}|${jobId}`;
  await redis.zadd(keys.retired, 1, member);
  return member;
}

test('a job is kept from its end on, a batch with its items, which are not noted by themselves', async () => {
  const path = await aMinuteAhead(createBatchPath());
  const single = await cancelled(path);
  const batch = await path.enqueueBatch(2);
  const ended = await path.commands.cancel(path.projectId, batch.id);
  await path.redis.del(path.keys.retired);
  await path.reconciler.retire(await path.items(batch));
  expect(await path.redis.exists(path.keys.retired)).toBe(0);
  await path.reconciler.retire([single, ended]);
  expect(await scoresOf(path, path.keys.retired)).toEqual({
    [`${path.projectId}|${single.id}`]: Number(single.finishedAt) + HOUR_MS,
    [`${path.projectId}|${batch.id}`]: Number(ended.finishedAt) + HOUR_MS,
  });
  expect(await path.redis.zcard(path.keys.unended)).toBe(0);
});

test.each([
  ['when it ended', 'finishedAt'],
  ['something else', 'metadata'],
])(
  'an ended job of which %s can’t be read is kept as long as others, as far as is known',
  async (_, field) => {
    const path = await aMinuteAhead(createJobPath());
    const { id, finishedAt } = await cancelled(path);
    const member = `${path.projectId}|${id}`;
    await path.redis.hset(path.keys.project(path.projectId).job(id), field, '{broken');
    await path.redis.del(path.keys.retired);
    await path.redis.zadd(path.keys.unended, 1, member);
    await path.reconciler.sweep();
    const since = field === 'finishedAt' ? path.clock.time : Number(finishedAt);
    expect(await scoresOf(path, path.keys.retired)).toEqual({ [member]: since + HOUR_MS });
    expect(await path.redis.zcard(path.keys.unended)).toBe(0);
  },
);

test('of jobs that were thought to have ended, one that was retried is watched, one that is gone is not', async () => {
  const path = await aMinuteAhead(createJobPath());
  const [gone, retried, ended] = [await cancelled(path), await cancelled(path), await cancelled(path)];
  await path.commands.retry(path.projectId, retried.id);
  await path.jobs.remove(gone);
  await path.redis.del(path.keys.unended, path.keys.retired);
  await path.reconciler.retire([gone, retried, ended]);
  const member = `${path.projectId}|${retried.id}`;
  expect(await scoresOf(path, path.keys.unended)).toEqual({ [member]: path.clock.time });
  expect(Object.keys(await scoresOf(path, path.keys.retired)).toSorted()).toEqual(
    [gone, ended].map(({ id }) => `${path.projectId}|${id}`).toSorted(),
  );
});

test('an item that is due waits for its batch: until that goes, or without a time while it has not ended', async () => {
  const path = await aMinuteAhead(createBatchPath());
  const [open, over] = [await path.enqueueBatch(2), await path.enqueueBatch(1)];
  const item = await path.commands.cancel(path.projectId, itemId(open.id, 0));
  const { finishedAt } = await path.commands.cancel(path.projectId, over.id);
  const other = itemId(over.id, 0);
  await path.redis.del(path.keys.retired);
  for (const id of [item.id, other]) await makeDue(path, id);
  await path.reconciler.sweep();
  expect(await scoresOf(path, path.keys.retired)).toEqual({
    [`${path.projectId}|${other}`]: Number(finishedAt) + HOUR_MS,
  });
  for (const id of [item.id, other]) expect(await path.load(id)).toMatchObject({ status: 'CANCELLED' });
});

test('an item whose batch can’t be read stays, and so does one that has not ended without its batch', async () => {
  const path = await aMinuteAhead(createBatchPath());
  const { job } = path.keys.project(path.projectId);
  const [damaged, lost] = [await path.enqueueBatch(1), await path.enqueueBatch(1)];
  await path.commands.cancel(path.projectId, damaged.id);
  await path.redis.del(path.keys.retired);
  await path.redis.hset(job(damaged.id), 'metadata', '{broken');
  await path.redis.del(job(lost.id));
  await path.redis.del(path.keys.unended);
  const logger = keepLog();
  const reconciler = path.createReconciler({ logger });
  const line = { text: 'removing ended jobs failed; trying again later', failed: 1 };
  const errors = [
    { code: 'RECORD_DAMAGED' },
    { message: 'expected an item whose batch is gone to have ended, which the reconciler sees to' },
  ];
  for (const [at, { id }] of [damaged, lost].entries()) {
    const member = await makeDue(path, itemId(id, 0));
    await reconciler.sweep();
    expect(logger.lines[at]).toMatchObject({ ...line, member, err: errors[at] });
    expect(await scoresOf(path, path.keys.retired)).toMatchObject({ [member]: path.clock.time + MINUTE_MS });
    expect(await path.redis.exists(job(itemId(id, 0)))).toBe(1);
  }
  expect(logger.lines).toHaveLength(2);
});

test('a job whose queue entry a worker has is put off, and the log says so', async () => {
  const path = await aMinuteAhead(createJobPath());
  const { id } = await path.enqueue();
  await path.redis.set(`${path.bull.toKey(id)}:lock`, 'token');
  await path.commands.cancel(path.projectId, id);
  const member = await makeDue(path, id);
  const logger = keepLog();
  await path.createReconciler({ logger }).sweep();
  const message = `expected the queue entry ${id} of an ended job to be free, a worker has it`;
  expect(logger.lines).toMatchObject([{ member, failed: 1, err: { message } }]);
  expect(await scoresOf(path, path.keys.retired)).toEqual({ [member]: path.clock.time + MINUTE_MS });
});

test('a job that has lost its snapshot is told as damaged when it goes, one that was deleted is not', async () => {
  const path = await aMinuteAhead(createJobPath());
  const [lost, deleted] = [await cancelled(path), await cancelled(path)];
  const key = path.keys.project(path.projectId).job(lost.id);
  await path.redis.del(key);
  await makeDue(path, lost.id);
  await path.commands.remove(path.projectId, deleted.id);
  const logger = keepLog();
  await path.createReconciler({ damaged: new DamagedRecords(logger) }).sweep();
  expect(logger.lines).toMatchObject([{ kind: 'job', key, reason: 'expected a hash, it is gone' }]);
  expect(await path.redis.zcard(path.keys.retired)).toBe(0);
});
