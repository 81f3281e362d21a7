/** Tracked jobs whose tasks are silent for longer than their lease. */
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { LeaseWatch } from '../../src/jobs/lease-watch.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { memberOf } from '../../src/jobs/watch.ts';
import { until } from '../setup/deadline.ts';
import { createTrackedPath, REFUSED } from '../setup/tracked-harness.ts';

describe('a task that is silent for longer than its lease', () => {
  test('fails with WORKER_LOST, and is refused when it comes back', async () => {
    const { endings, expire, load, reconciler, track, tracked } = await createTrackedPath();
    const begun = await track({ externalId: '7' });
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'RUNNING' });
    await expire(begun);
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'FAILED', error: { code: 'WORKER_LOST' } });
    expect(await tracked.reportProgress({ ...begun.holder, progress: 1 })).toMatchObject(REFUSED);
    expect(await tracked.reportError({ ...begun.holder, error: 'x' })).toMatchObject(REFUSED);
    expect(await tracked.reportCompletion(begun.holder)).toMatchObject(REFUSED);
    expect(await endings(begun.job.id)).toHaveLength(1);
  });

  test('waits for its next attempt while some are left, for a time', async () => {
    const { createReconciler, endings, expire, load, track, tracked } = await createTrackedPath();
    const reconciler = createReconciler({ returnMs: 1_000_000 });
    const begun = await track({ externalId: '7', maxAttempts: 2, leaseSeconds: 30 });
    await expire(begun);
    await reconciler.sweep();
    const { error, status } = await load(begun.job.id);
    expect([status, error]).toMatchObject([
      'RETRYING',
      { code: 'WORKER_LOST', details: { leaseSeconds: 30 } },
    ]);
    expect(error?.message).toContain('silent for longer than its lease');
    expect(await tracked.reportProgress(begun.holder)).toMatchObject(REFUSED);
    const second = await track({ externalId: '7', maxAttempts: 2 });
    expect(second.attempt).toBe(2);
    await tracked.reportError({ ...second.holder, error: 'x', willRetry: true });
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'RETRYING', error: { code: 'TASK_FAILED' } });
    await expire(begun);
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({
      status: 'FAILED',
      error: { code: 'WORKER_LOST', message: expect.stringContaining('announced, and never began') },
    });
    expect(await tracked.reportError({ ...second.holder, error: 'x', willRetry: true })).toMatchObject({
      accepted: true,
    });
    expect(await endings(begun.job.id)).toHaveLength(1);
  });

  test.each([
    ['no reconciler has looked for a while', { swept: -20_000 }, false],
    ['no API process has served for a while', { heard: -20_000 }, true],
  ])('is not lost while it could not be heard: %s', async (_what, times, isRemote) => {
    const { expire, keys, load, projectId, reconciler, redis, track } = await createTrackedPath();
    const [seconds] = await redis.time();
    for (const [name, ago] of Object.entries(times)) {
      await redis.hset(keys.leaseWatch, name, Number(seconds) * 1_000 + ago);
    }
    const remote = new TrackedJobs({ redis, keys, isRemote });
    const begun = await remote.track({ projectId, taskName: 'cut' });
    await expire(begun);
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'RUNNING' });
    // A task that needs no API process is heard all the same.
    const local = await track();
    if (isRemote) {
      await expire(local);
      await reconciler.sweep();
      expect(await load(local.job.id)).toMatchObject({ status: 'FAILED' });
    }
    // It has a whole lease from the moment at which it could be heard again.
    await redis.hset(keys.leaseWatch, 'heard', Number(seconds) * 1_000);
    await expire(begun);
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'RUNNING' });
    await redis.hset(keys.leaseWatch, { away: 1, deaf: 1 });
    await expire(begun);
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'FAILED', error: { code: 'WORKER_LOST' } });
  });

  test('is not lost when a heartbeat comes between the look and the end', async () => {
    const { expire, jobs, load, log, createReconciler, track, tracked } = await createTrackedPath();
    const begun = await track();
    await expire(begun);
    // What a reconciler has read is out of date when it writes.
    const late = Object.create(jobs, {
      leaseEnds: {
        value: async (ids: Parameters<typeof jobs.leaseEnds>[0]) => {
          const ends = await jobs.leaseEnds(ids);
          await tracked.reportProgress(begun.holder);
          return ends;
        },
      },
      loadMany: { value: jobs.loadMany.bind(jobs) },
    }) as typeof jobs;
    await createReconciler({ jobs: late, log }).sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'RUNNING' });
  });

  test('is looked at when its lease ends, not before, also where a crash has left out to note that', async () => {
    const path = await createTrackedPath();
    const { keys, projectId, redis, track } = path;
    const { job } = await track();
    await redis.del(keys.leases);
    await new LeaseWatch({ ...path, logger: silentLogger }).note([job]);
    const leaseUntil = await redis.hget(keys.project(projectId).job(job.id), 'leaseUntil');
    expect(await redis.zscore(keys.leases, memberOf(job))).toBe(leaseUntil);
  });

  test('is found whatever a crash has left undone, and by two reconcilers once', async () => {
    const { createReconciler, endings, keys, projectId, reconciler, redis, track } =
      await createTrackedPath();
    const begun = await track();
    await redis.del(keys.leases);
    await redis.hset(keys.project(projectId).job(begun.job.id), 'leaseUntil', 1);
    await until(
      async () => {
        await Promise.all([reconciler.sweep(), createReconciler().sweep()]);
        return (await endings(begun.job.id)).length > 0 || undefined;
      },
      { what: 'the lease has ended' },
    );
    await reconciler.sweep();
    expect(await endings(begun.job.id)).toMatchObject([{ code: 'WORKER_LOST' }]);
    expect(await redis.zcard(keys.leases)).toBe(0);
  });
});
