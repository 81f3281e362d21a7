/**
 * A Redis Cluster, where a job is made in several steps: what is left behind of one that is refused, and how jobs whose
 * place under watch was lost in a failover get it back.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PATIENT, RedisCluster } from '../faults/kit/cluster.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { range } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await RedisCluster.launch(PATIENT);
});

afterAll(() => cluster.remove());

test('a job or batch for which a project has no room is refused, and nobody watches for it', async () => {
  const path = await createBatchPath({ url: cluster.url, maxQueuedJobs: 3 });
  const { keys, projectId, redis } = path;
  const refusal = {
    code: 'QUOTA_EXCEEDED',
    message:
      'expected at most 3 unfinished jobs in a project (PLAYHEAD_MAX_QUEUED_JOBS), this would be more: wait until some have ended, or cancel some',
  };
  const { createdAt, id } = await path.enqueue({ idempotencyKey: 'once' });
  expect(await redis.zscore(keys.unended, `${projectId}|${id}`)).toBe(String(createdAt));
  // It counts with its items.
  await expect(path.enqueueBatch(2)).rejects.toMatchObject(refusal);
  const batch = await path.enqueueBatch(1);
  await expect(path.enqueue()).rejects.toMatchObject(refusal);
  const other = path.enqueue({ idempotencyKey: 'once', input: { script: 'goodbye' } });
  await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', details: { jobId: id } });
  expect((await path.enqueue({ idempotencyKey: 'once' })).id).toBe(id);
  const watched = [id, batch.id, `${batch.id}-0000`].map((jobId) => `${projectId}|${jobId}`);
  expect((await redis.zrange(keys.unended, '0', '-1')).toSorted()).toEqual(watched.toSorted());
});

test('a job for whose files a project has no room is refused, and nobody watches for it', async () => {
  const limitBytes = 1_048_576;
  const diskLimits = { maxJobBytes: limitBytes, maxProjectBytes: limitBytes };
  const path = await createJobPath({ url: cluster.url, diskLimits });
  const { keys, projectId, redis } = path;
  const { id } = await path.enqueue();
  await redis.hset(keys.project(projectId).usage, ':total', limitBytes);
  await expect(path.enqueue()).rejects.toMatchObject({
    code: 'QUOTA_EXCEEDED',
    details: { scope: 'project', usedBytes: limitBytes, limitBytes },
  });
  expect(await redis.zrange(keys.unended, '0', '-1')).toEqual([`${projectId}|${id}`]);
});

/** A sweep that only puts jobs under watch: all of them are too young to be looked at. */
const YOUNG = { graceMs: 3_600_000 };

/** Who is under watch, and since when. */
async function watched({ keys, redis }: JobPath): Promise<Record<string, number>> {
  const found = await redis.zrange(keys.unended, '0', '-1', 'WITHSCORES');
  return Object.fromEntries(
    range(0, found.length / 2 - 1).map((at) => [found[2 * at] ?? '', Number(found[2 * at + 1])]),
  );
}

test('a job that lost its place under watch has it again with the next sweep, and its queue entry too', async () => {
  const path = await createBatchPath({ url: cluster.url });
  const { clock, keys, projectId, redis } = path;
  const [lost, kept] = [await path.enqueue(), await path.enqueue()];
  await redis.zrem(keys.unended, `${projectId}|${lost.id}`);
  const since = (await watched(path))[`${projectId}|${kept.id}`];
  clock.time = Date.now() + 60_000;
  await path.createReconciler(YOUNG).sweep();
  expect(await watched(path)).toEqual({
    [`${projectId}|${lost.id}`]: clock.time,
    [`${projectId}|${kept.id}`]: since,
  });
  await path.queue.remove(lost.queueId);
  clock.time += 1;
  await path.reconciler.sweep();
  expect(await path.queue.stateOf(lost.queueId)).toBe('waiting');
});

test('the project of every batch and retry is noted with its time', async () => {
  const path = await createBatchPath({ url: cluster.url });
  const { keys, projectId, redis } = path;
  const noted = async (): Promise<number> => Number(await redis.zscore(keys.projects, projectId));
  const before = Date.now();
  const { id } = await path.enqueueBatch(2);
  expect(await noted()).toBeGreaterThanOrEqual(before);
  await path.commands.cancel(projectId, id);
  await redis.zadd(keys.projects, 1, projectId);
  await path.commands.retry(projectId, id);
  expect(await noted()).toBeGreaterThanOrEqual(before);
  expect(await redis.zcard(keys.projects)).toBe(1);
});

test('a project that has had no new job for eight days is no longer looked at', async () => {
  const path = await createJobPath({ url: cluster.url });
  const { clock, keys, redis } = path;
  clock.time = Date.now() + 60_000;
  const before = clock.time - 8 * 86_400_000;
  await redis.zadd(keys.projects, before, 'old', before + 1, 'young', clock.time, 'empty');
  for (const project of ['old', 'young']) await redis.sadd(keys.project(project).active, 'job');
  await path.createReconciler(YOUNG).sweep();
  expect(await redis.zrange(keys.projects, '0', '-1')).toEqual(['young', 'empty']);
  expect(await watched(path)).toEqual({ 'young|job': clock.time });
});

test('each sweep looks at the next twenty projects, and begins anew behind the last', async () => {
  const path = await createJobPath({ url: cluster.url });
  const { keys, redis } = path;
  const projects = range(10, 50).map((number) => `project-${number}`);
  for (const project of projects) await redis.sadd(keys.project(project).active, 'job');
  await redis.zadd(keys.projects, ...projects.flatMap((project, at) => [Date.now() + at, project]));
  const reconciler = path.createReconciler(YOUNG);
  const members = projects.map((project) => `${project}|job`);
  for (const page of [members.slice(0, 20), members.slice(20, 40), members.slice(40), members.slice(0, 20)]) {
    await redis.del(keys.unended);
    await reconciler.sweep();
    expect(Object.keys(await watched(path)).toSorted()).toEqual(page);
  }
});

test('all jobs of a project come back under watch, however many they are', async () => {
  const path = await createJobPath({ url: cluster.url });
  const { keys, projectId, redis } = path;
  await redis.zadd(keys.projects, Date.now(), projectId);
  await redis.sadd(keys.project(projectId).active, ...range(1, 1_001).map((number) => `job-${number}`));
  await path.createReconciler(YOUNG).sweep();
  expect(await redis.zcard(keys.unended)).toBe(1_001);
});
