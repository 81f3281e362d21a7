/** The list of leases, on a real Redis: when jobs are looked at, what becomes of each, and when silence does not count. */
import type { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { LeaseWatch, startListening } from '../../src/jobs/lease-watch.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { memberOf } from '../../src/jobs/watch.ts';
import type { JobState } from '../../src/progress/state.ts';
import { connect, createEventPath, range } from '../setup/harness.ts';
import { failing, interrupted } from '../setup/interrupted.ts';
import { type KeptLog, keepLog } from '../setup/kept-log.ts';
import { createTrackedPath, STEPS, type TrackedPath, timeOf } from '../setup/tracked-harness.ts';

type Watched = Pick<JobState, 'id' | 'projectId'>;

/** When the job will be looked at (ms, Redis' clock); null: it is not on the list. */
async function lookOf({ keys, redis }: TrackedPath, job: Watched): Promise<number | null> {
  const score = await redis.zscore(keys.leases, memberOf(job));
  return score === null ? null : Number(score);
}

/** Looks at the jobs that are due, once. @returns when that was (ms, Redis' clock) */
async function sweep(
  path: TrackedPath,
  parts: Partial<ConstructorParameters<typeof LeaseWatch>[0]> = {},
): Promise<number> {
  await new LeaseWatch({ ...path, logger: silentLogger, ...parts }).sweep();
  return Number(await path.redis.hget(path.keys.leaseWatch, 'swept'));
}

describe('a job on the list of leases', () => {
  test('stands there from its beginning, for the time at which its lease ends', async () => {
    const path = await createTrackedPath();
    const { job } = await path.track({ leaseSeconds: 600 });
    const [end] = await path.jobs.leaseEnds([{ jobId: job.id, projectId: path.projectId }]);
    expect(Math.abs(Number(await lookOf(path, job)) - Number(end))).toBeLessThan(60_000);
  });

  test('that has reported since it was put there is looked at again when its lease ends', async () => {
    const path = await createTrackedPath();
    const { job } = await path.track();
    await path.redis.zadd(path.keys.leases, 1, memberOf(job));
    await sweep(path);
    const [end] = await path.jobs.leaseEnds([{ jobId: job.id, projectId: path.projectId }]);
    expect(await lookOf(path, job)).toBe(end);
  });

  test('keeps an earlier time that it was given', async () => {
    const path = await createTrackedPath();
    const { job } = await path.track();
    await path.redis.zadd(path.keys.leases, 5, memberOf(job));
    await new LeaseWatch({ ...path, logger: silentLogger }).note([job]);
    expect(await lookOf(path, job)).toBe(5);
  });

  test.each<[string, (path: TrackedPath) => Promise<Watched>]>([
    ['is gone', async ({ projectId }) => ({ id: 'gone', projectId })],
    [
      'can’t be read',
      async ({ keys, projectId, redis, track }) => {
        const { job } = await track();
        await redis.hset(keys.project(projectId).job(job.id), { steps: '{broken', leaseUntil: 1 });
        return job;
      },
    ],
    [
      'has ended',
      async ({ track, tracked }) => {
        const { holder, job } = await track();
        await tracked.reportCompletion(holder);
        return job;
      },
    ],
    ['nobody tracks', ({ enqueue }) => enqueue()],
  ])('leaves it where it %s, and nothing is told of it', async (_what, make) => {
    const path = await createTrackedPath();
    const logger = keepLog();
    const job = await make(path);
    await path.redis.zadd(path.keys.leases, 1, memberOf(job));
    const before = await path.events(job.id);
    await sweep(path, { logger });
    expect(await lookOf(path, job)).toBeNull();
    expect(logger.lines).toEqual([]);
    expect(await path.events(job.id)).toEqual(before);
  });

  test.each<[string, (path: TrackedPath, report: () => Promise<unknown>) => object, readonly object[]]>([
    [
      'its task reports meanwhile',
      ({ jobs }, report) => ({ jobs: interrupted(jobs, 'leaseEnds', 'after', report) }),
      [],
    ],
    [
      'its end can’t be written',
      ({ log }) => ({ log: failing(log, 'appendTracked') }),
      [{ level: 'error', text: 'ending a lease failed; trying again' }],
    ],
  ])('is looked at again after a second where %s', async (_what, broken, lines) => {
    const path = await createTrackedPath();
    const logger: KeptLog = keepLog();
    const begun = await path.track();
    await path.expire(begun);
    const swept = await sweep(path, {
      ...broken(path, () => path.tracked.reportProgress(begun.holder)),
      logger,
    });
    expect(await lookOf(path, begun.job)).toBe(swept + 1_000);
    expect(logger.lines).toMatchObject(lines);
    expect(await path.load(begun.job.id)).toMatchObject({ status: 'RUNNING' });
  });

  test.each([
    ['an hour', {}, 3_600_000],
    ['as long as is set', { returnMs: 5_000_000 }, 5_000_000],
  ])('that is lost waits %s for its own queue, and is looked at then', async (_what, parts, waitMs) => {
    const path = await createTrackedPath();
    const begun = await path.track({ maxAttempts: 2, leaseSeconds: 30 });
    await path.expire(begun);
    const from = await timeOf(path.redis);
    const swept = await sweep(path, parts);
    const to = await timeOf(path.redis);
    const { error, id, projectId, status } = await path.load(begun.job.id);
    expect(status).toBe('RETRYING');
    // Nothing else of it, least of all its lease.
    expect(error?.details).toEqual({ leaseSeconds: 30 });
    expect(await lookOf(path, begun.job)).toBe(swept + waitMs);
    const [end] = await path.jobs.leaseEnds([{ jobId: id, projectId }]);
    expect(end).toBeGreaterThanOrEqual(from + waitMs);
    expect(end).toBeLessThanOrEqual(to + waitMs);
  });

  test('that is lost ends as its task left it: the step that it was in has failed, and nothing is shown', async () => {
    const path = await createTrackedPath();
    const begun = await path.track({ steps: STEPS });
    const preview = { url: 'https://files.example/1.jpg', contentType: 'image/jpeg' };
    await path.tracked.reportProgress({ ...begun.holder, step: 'encode', stepProgress: 0.5, preview });
    await path.expire(begun);
    await sweep(path);
    const message = 'The process that ran this job was silent for longer than its lease';
    expect(await path.load(begun.job.id)).toMatchObject({
      ...{ status: 'FAILED', progress: 0.5, step: 'encode', preview: null },
      steps: { encode: { status: 'FAILED', finishedAt: expect.any(Number) } },
      ...{ error: { code: 'WORKER_LOST', message }, tracked: { end: 'LOST' } },
    });
    expect(await path.endings(begun.job.id)).toMatchObject([
      { code: 'WORKER_LOST', error: message, willRetry: false, remains: { progress: 0.5, step: 'encode' } },
    ]);
  });

  test('is one of all that a sweep looks at, of which it reads 500 at a time', async () => {
    const path = await createTrackedPath();
    const { keys, projectId, redis } = path;
    const members = range(1, 501).map((number) => memberOf({ id: `gone-${number}`, projectId }));
    await redis.zadd(keys.leases, ...members.flatMap((member) => [1, member]));
    const pages: unknown[] = [];
    const read = async (ends: unknown) => pages.push((ends as readonly unknown[]).length);
    await sweep(path, { jobs: interrupted(path.jobs, 'leaseEnds', 'after', read) });
    expect(pages).toEqual([500, 1]);
    expect(await redis.zcard(keys.leases)).toBe(0);
  });
});

describe('a silence', () => {
  test.each([
    ['reconcilers', 'swept', 'away', false],
    ['API processes', 'heard', 'deaf', true],
  ])(
    'counts while %s were away for 15 s; after more than that, there is a whole lease',
    async (_who, last, missed, isRemote) => {
      const path = await createTrackedPath();
      const { keys, load, projectId, redis } = path;
      const tracked = new TrackedJobs({ redis: connect(), keys, isRemote });
      const watch = new LeaseWatch({ ...path, logger: silentLogger });
      // The sweeps all take place at one moment.
      vi.useFakeTimers({ toFake: ['performance'] });
      onTestFinished(() => void vi.useRealTimers());
      await watch.sweep();
      const now = Number(await redis.hget(keys.leaseWatch, 'swept'));
      const sweepAfter = async (ms: number): Promise<JobState> => {
        const begun = await tracked.track({ projectId, taskName: 'cut', leaseSeconds: 30 });
        await path.expire(begun);
        await redis.hset(keys.leaseWatch, last, now - ms);
        await watch.sweep();
        return load(begun.job.id);
      };
      expect(await sweepAfter(15_000)).toMatchObject({ status: 'FAILED' });
      const spared = await sweepAfter(15_001);
      expect(spared).toMatchObject({ status: 'RUNNING' });
      expect(Number(await redis.hget(keys.leaseWatch, missed))).toBe(now);
      expect(await lookOf(path, spared)).toBe(now + 30_000);
    },
  );

  test('counts for a job that waits for its next attempt, whoever was away', async () => {
    const path = await createTrackedPath();
    const begun = await path.track({ maxAttempts: 3 });
    await path.tracked.reportError({ ...begun.holder, error: 'No disk', willRetry: true });
    await path.expire(begun);
    await path.redis.hset(path.keys.leaseWatch, { swept: 1, heard: 1 });
    await sweep(path);
    const message = 'The next attempt of this job was announced, and never began';
    expect(await path.load(begun.job.id)).toMatchObject({ status: 'FAILED', error: { message } });
  });
});

/** Waits for what was sent before, and for what follows from its answer. */
async function answered(redis: Redis): Promise<void> {
  for (const _ of range(1, 5)) await redis.ping();
}

test('an API process says every three seconds that it hears reports, by Redis’ clock', async () => {
  const { keys, redis } = createEventPath();
  const heard = async (): Promise<number> => Number(await redis.hget(keys.leaseWatch, 'heard'));
  const from = await timeOf(redis);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const listening = startListening({ redis, keys, logger: silentLogger });
  onTestFinished(() => listening.stop());
  vi.advanceTimersByTime(2_999);
  await answered(redis);
  expect(await heard()).toBe(0);
  vi.advanceTimersByTime(1);
  await answered(redis);
  expect(Math.abs((await heard()) - from)).toBeLessThan(60_000);
  listening.stop();
});
