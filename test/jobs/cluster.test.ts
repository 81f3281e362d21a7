/** What a Redis Cluster, where a job is made in several steps, leaves behind of one that is refused. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RedisCluster } from '../faults/kit/cluster.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { createJobPath } from '../setup/job-harness.ts';

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await RedisCluster.launch();
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
