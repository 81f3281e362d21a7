import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { Reconciler } from '../../src/jobs/reconcile.ts';
import { until } from '../setup/deadline.ts';
import { JobWriter, range, writeJob } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';
import { STAGED_WORKFLOWS } from '../setup/workflows.ts';

const HOUR_MS = 3_600_000;

/** Every key whose name or members contain the job's id. */
async function traces(path: JobPath, jobId: string): Promise<string[]> {
  const prefix = path.keys.unended.replace(/:unended$/, '');
  const found: string[] = [];
  for (const key of await path.redis.keys(`*${prefix}*`)) {
    const type = await path.redis.type(key);
    const members =
      type === 'zset'
        ? await path.redis.zrange(key, '0', '-1')
        : type === 'set'
          ? await path.redis.smembers(key)
          : [];
    if ([key, ...members].some((text) => text.includes(jobId))) found.push(key);
  }
  return found;
}

describe('the reconciler', () => {
  test('adds the entry of a queued job that has none, once, however many workers sweep', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue();
    await (await path.bull.getJob(id))?.remove();
    await Promise.all(range(1, 4).map(() => path.createReconciler().sweep()));
    expect(await path.bull.getJobCountByTypes('prioritized')).toBe(1);
    await path.startWorker();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  });

  test('adds the entry of a job that was running, which goes on as the next attempt (G4)', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue();
    const running = new JobWriter(path.log, path.projectId, id);
    running.state = await path.load(id);
    await running.begin(1);
    await (await path.bull.getJob(id))?.remove();
    const logger = keepLog();
    await path.createReconciler({ logger }).sweep();
    const { projectId } = path;
    const text = 'a job had no queue entry; added again';
    expect(logger.lines).toEqual([{ level: 'warn', text, projectId, jobId: id }]);
    await path.startWorker();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect((await running.complete()).code).toBe('ENDED');
  });

  test('leaves alone what waits, runs or is about to be tried again', async () => {
    const path = await createJobPath();
    const waiting = await path.enqueue();
    await path.reconciler.sweep();
    expect(await path.bull.getJobCountByTypes('prioritized')).toBe(1);
    await path.startWorker();
    await path.ended(waiting.id);
    const held = path.stage.hold('start');
    const { id } = await path.enqueue();
    await held.entered();
    await path.reconciler.sweep();
    held.release();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    expect(await path.endings(id)).toHaveLength(1);
  });

  test('ends a job that failed by the stall limit, as WORKER_LOST, once, and stops what is left of it (G3)', async () => {
    const path = await createJobPath();
    const worker = await path.startWorker({
      leaseMs: HOUR_MS,
      renewMs: HOUR_MS,
      lossCheckMs: 30,
      maxLosses: 0,
      lookIntervalMs: 20,
    });
    const held = path.stage.hold('analyze_audio');
    const { id } = await path.enqueue();
    const { step } = await held.entered();
    await path.loseLock(id);
    await until(async () => (await path.queue.stateOf(id)) === 'failed');
    expect((await path.load(id)).status).toBe('RUNNING');
    const logger = keepLog();
    await Promise.all(range(1, 3).map(() => path.createReconciler({ logger }).sweep()));
    const reason = expect.stringContaining('stalled') as string;
    expect(await path.load(id)).toMatchObject({
      status: 'FAILED',
      error: {
        ...{ code: 'WORKER_LOST', details: { reason } },
        message: 'The workers that ran this job died or stalled too often',
      },
    });
    const text = 'a job lost its workers';
    expect(logger.lines).toEqual([{ level: 'error', text, projectId: path.projectId, jobId: id, reason }]);
    await until(() => step.signal.aborted);
    await until(() => worker.runner.running.length === 0);
    expect(await path.endings(id)).toMatchObject([{ code: 'WORKER_LOST', willRetry: false }]);
    expect(await path.redis.zscore(path.keys.unended, `${path.projectId}|${id}`)).toBeNull();

    await path.commands.retry(path.projectId, id);
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  });

  test('forgets an id whose job was never written', async () => {
    const path = await createJobPath();
    await path.redis.zadd(path.keys.unended, 1, `${path.projectId}|never`);
    await path.reconciler.sweep();
    expect(await path.redis.zcard(path.keys.unended)).toBe(0);
  });

  test('gets to every job, also when one fails each time and there are more than fit a page', async () => {
    const path = await createJobPath();
    const jobs = await Promise.all(range(1, 600).map(() => writeJob(path.log, path.projectId, 2)));
    const pipeline = path.redis.pipeline();
    for (const { state } of jobs) pipeline.zadd(path.keys.unended, 1, `${path.projectId}|${state.id}`);
    await pipeline.exec();
    const broken = jobs[100]?.state.id ?? '';
    // Its queue entry is no hash, so every look at it fails.
    await path.redis.set(`${path.keys.queuePrefix}:jobs:${broken}`, 'broken');
    await path.reconciler.sweep();
    await path.reconciler.sweep();
    await until(async () => (await path.bull.getJobCountByTypes('prioritized')) === 599);
  });

  test('gets to a job behind thousands that have ended in the same sweep', async () => {
    const path = await createJobPath();
    const ended = await Promise.all(
      range(1, 2_000).map(async () => {
        const job = new JobWriter(path.log, path.projectId);
        await job.create();
        await job.fail('close', 'CANCELLED');
        return job.state;
      }),
    );
    await path.redis.zadd(path.keys.unended, ...ended.flatMap(({ id }) => [1, `${path.projectId}|${id}`]));
    const { id } = await path.enqueue();
    await (await path.bull.getJob(id))?.remove();
    await path.createReconciler({ sweepMs: HOUR_MS }).sweep();
    expect(await path.queue.stateOf(id)).toBe('waiting');
    expect(await path.redis.zcard(path.keys.unended)).toBe(1);
    expect(await path.redis.zcard(path.keys.retired)).toBe(2_000);
  });

  test('leaves a job that is younger than three seconds to the mutation that makes it', async () => {
    const path = await createJobPath();
    const { clock, files, jobs, keys, log, queue, redis, usage } = path;
    const reconciler = new Reconciler({
      ...{ clock, files, jobs, keys, log, queue, redis, usage },
      ...{ logger: silentLogger, retentionMs: HOUR_MS, workflows: STAGED_WORKFLOWS },
    });
    const { id } = await path.enqueue();
    await (await path.bull.getJob(id))?.remove();
    await redis.zadd(keys.unended, clock.time, `${path.projectId}|${id}`);
    clock.time += 2_999;
    await reconciler.sweep();
    expect(await queue.stateOf(id)).toBe('missing');
    clock.time += 1;
    await reconciler.sweep();
    expect(await queue.stateOf(id)).toBe('waiting');
  });

  test('gets to a job whose clock was ahead', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue();
    await (await path.bull.getJob(id))?.remove();
    await path.redis.zadd(path.keys.unended, Date.now() + HOUR_MS, `${path.projectId}|${id}`);
    await path.createReconciler({ graceMs: 5_000 }).sweep();
    expect(await path.queue.stateOf(id)).toBe('waiting');
  });

  /**
   * A job whose first attempt has failed, and which waits for its second: at least until `release`, since the only worker is
   * busy with another job until then.
   */
  async function retrying(path: JobPath, waitSeconds: number): Promise<{ id: string; release: () => void }> {
    path.stage.fail(
      'start',
      new PlayheadError('PROVIDER_FAILED', 'away', { retryAfterSeconds: waitSeconds }),
    );
    const other = path.stage.hold('start');
    const { id } = await path.enqueue();
    await path.enqueue();
    await path.startWorker({ concurrency: 1 });
    await other.entered();
    expect(await path.queue.stateOf(id)).toBe('delayed');
    return { id, release: () => other.release() };
  }

  /** Until when a delayed entry waits; BullMQ keeps it in 4,096ths of a millisecond. */
  const delayUntil = (path: JobPath, id: string, time: number): Promise<unknown> =>
    path.redis.zadd(path.bull.toKey('delayed'), 'XX', time * 4_096, id);

  test.each(['once, by an hour', 'again and again, by a little'])(
    'lets a retry wait no longer than was announced when the clock is set back %s',
    async (how) => {
      const path = await createJobPath();
      const { id, release } = await retrying(path, 0.2);
      const reconciler = path.createReconciler();
      await reconciler.sweep();
      if (how === 'once, by an hour') await delayUntil(path, id, Date.now() + HOUR_MS);
      await until(async () => {
        if (how === 'again and again, by a little') await delayUntil(path, id, Date.now() + 200);
        release();
        await reconciler.sweep();
        return (await path.load(id)).status === 'COMPLETED';
      });
      expect(await path.load(id)).toMatchObject({ attempt: 2 });
    },
  );

  test('lets a retry wait as long as was announced, also when the clock is set back by an hour', async () => {
    const path = await createJobPath();
    const { id } = await retrying(path, 600);
    const reconciler = path.createReconciler();
    await reconciler.sweep();
    await delayUntil(path, id, Date.now() + HOUR_MS);
    for (const _ of range(1, 3)) await reconciler.sweep();
    expect(await path.queue.stateOf(id)).toBe('delayed');
  });

  test('repairs go on while the files of an ended job do not go, and what was held up is not made up for', async () => {
    const path = await createJobPath();
    const hanging = Promise.withResolvers<void>();
    let removals = 0;
    await path.redis.zadd(path.keys.retired, 1, `${path.projectId}|gone`);
    const reconciler = path.createReconciler({
      files: {
        removeJob: () => {
          removals += 1;
          return hanging.promise;
        },
      },
      patienceMs: HOUR_MS,
    });
    const sweeps = reconciler.start(1);
    onTestFinished(() => sweeps.stop());
    await until(() => removals === 1);
    for (const _ of range(1, 3)) {
      const { id } = await path.enqueue();
      await (await path.bull.getJob(id))?.remove();
      await until(async () => (await path.queue.stateOf(id)) === 'waiting');
    }
    expect(removals).toBe(1);
    hanging.resolve();
    await until(async () => (await path.redis.zcard(path.keys.retired)) === 0);
    expect(removals).toBe(1);
  });
});

describe('jobs whose files cannot be removed', () => {
  const store = (removeJob: (jobId: string) => Promise<void>) => ({
    files: { removeJob: (_project: string, jobId: string) => removeJob(jobId) },
  });

  /** Puts jobs among those that are due, the first one first. */
  async function retired(path: JobPath, ids: readonly string[]): Promise<void> {
    await path.redis.zadd(path.keys.retired, ...ids.flatMap((id, at) => [1 + at, `${path.projectId}|${id}`]));
  }

  test('do not keep others from going, and are tried again', async () => {
    const path = await createJobPath();
    path.clock.time = Date.now() + HOUR_MS;
    await retired(path, [...range(1, 600).map((number) => `bad-${number}`), 'good']);
    const gone: string[] = [];
    let isAway = true;
    const logger = keepLog();
    const err = new Error('no permission');
    const reconciler = path.createReconciler({
      ...store(async (jobId) => {
        if (isAway && jobId !== 'good') throw err;
        gone.push(jobId);
      }),
      logger,
    });
    await reconciler.sweep();
    expect(gone).toEqual(['good']);
    expect(await path.redis.zcard(path.keys.retired)).toBe(600);
    // One line a page.
    const line = { level: 'error', text: 'removing ended jobs failed; trying again later', err };
    expect(logger.lines).toEqual([
      { ...line, member: `${path.projectId}|bad-1`, failed: 500 },
      { ...line, member: `${path.projectId}|bad-501`, failed: 100 },
    ]);
    isAway = false;
    path.clock.time += 59_999;
    await reconciler.sweep();
    expect(gone).toHaveLength(1);
    path.clock.time += 1;
    await reconciler.sweep();
    expect(gone).toHaveLength(601);
    expect(await path.redis.zcard(path.keys.retired)).toBe(0);
  });

  test('or take long, are not waited for, nor asked for twice', async () => {
    const path = await createJobPath();
    path.clock.time = Date.now() + HOUR_MS;
    await retired(path, ['slow', 'good']);
    const asked: string[] = [];
    const slow = Promise.withResolvers<void>();
    const reconciler = path.createReconciler({
      ...store(async (jobId) => {
        asked.push(jobId);
        if (jobId === 'slow') await slow.promise;
      }),
      patienceMs: 1,
    });
    await reconciler.sweep();
    await until(() => asked.includes('slow') && asked.includes('good'));
    path.clock.time += 120_000;
    await reconciler.sweep();
    expect(asked.filter((jobId) => jobId === 'slow')).toHaveLength(1);
    slow.resolve();
    await until(async () => (await path.redis.zcard(path.keys.retired)) === 0);
  });

  test('are no longer asked for when eight take long: the store is away', async () => {
    const path = await createJobPath();
    path.clock.time = Date.now() + HOUR_MS;
    await retired(
      path,
      range(1, 10).map((number) => `slow-${number}`),
    );
    const asked: string[] = [];
    const away = Promise.withResolvers<void>();
    const logger = keepLog();
    const reconciler = path.createReconciler({
      ...store((jobId) => {
        asked.push(jobId);
        return away.promise;
      }),
      patienceMs: 1,
      logger,
    });
    await reconciler.sweep();
    // A removal that is not waited for has yet to get from Redis to the store.
    await until(() => asked.length === 8);
    expect(asked).toEqual(range(1, 8).map((number) => `slow-${number}`));
    path.clock.time += 60_000;
    await reconciler.sweep();
    expect(asked).toHaveLength(8);
    away.resolve();
    await until(async () => {
      await reconciler.sweep();
      return (await path.redis.zcard(path.keys.retired)) === 0;
    });
    expect(asked.toSorted()).toEqual(
      range(1, 10)
        .map((number) => `slow-${number}`)
        .toSorted(),
    );
  });

  test('are removed one after the other, however often somebody sweeps', async () => {
    const path = await createJobPath();
    path.clock.time = Date.now() + HOUR_MS;
    await retired(path, ['first', 'second', 'third']);
    let now = 0;
    let most = 0;
    const reconciler = path.createReconciler({
      ...store(async () => {
        now += 1;
        most = Math.max(most, now);
        await path.redis.ping();
        now -= 1;
      }),
      patienceMs: HOUR_MS,
    });
    await Promise.all(range(1, 5).map(() => reconciler.sweep()));
    expect(most).toBe(1);
    expect(await path.redis.zcard(path.keys.retired)).toBe(0);
  });
});

describe('the state of an ended job (G9)', () => {
  test('outlives BullMQ’s record for the retention time, then everything of it goes', async () => {
    const path = await createJobPath({ retentionMs: HOUR_MS });
    await path.startWorker();
    const { id } = await path.enqueue({ idempotencyKey: 'order' });
    await path.ended(id);
    await until(async () => (await path.queue.stateOf(id)) === 'missing');
    await until(async () => (await path.redis.zscore(path.keys.retired, `${path.projectId}|${id}`)) !== null);
    const artifact = path.stored(id, 'video.mp4');
    await mkdir(dirname(artifact), { recursive: true });
    await writeFile(artifact, 'video');

    path.clock.time = Date.now() + HOUR_MS - 60_000;
    await path.reconciler.sweep();
    expect(await path.load(id)).toMatchObject({ status: 'COMPLETED' });
    expect(await path.exists(artifact)).toBe(true);

    path.clock.time = Date.now() + HOUR_MS + 60_000;
    await path.reconciler.sweep();
    expect(await path.jobs.load(path.projectId, id)).toBeNull();
    expect(await path.exists(dirname(artifact))).toBe(false);
    expect(await traces(path, id)).toEqual([]);
    expect(await path.jobs.list(path.projectId, {}, null, 10)).toEqual([]);

    const next = await path.enqueue({ idempotencyKey: 'order' });
    expect(next.id).not.toBe(id);
  });

  test('goes with what a failed run left in the queue, where its input stands', async () => {
    const path = await createJobPath({ retentionMs: HOUR_MS });
    const { id } = await path.enqueue({ input: { script: 'nobody should read this' }, maxAttempts: 1 });
    path.stage.fail('start', new Error('no'));
    await path.startWorker();
    expect(await path.ended(id)).toMatchObject({ status: 'FAILED' });
    await until(async () => (await path.redis.zscore(path.keys.retired, `${path.projectId}|${id}`)) !== null);
    await path.reconciler.sweep();
    await until(async () => (await path.queue.stateOf(id)) === 'failed');
    path.clock.time = Date.now() + HOUR_MS + 60_000;
    await path.reconciler.sweep();
    expect(await path.queue.stateOf(id)).toBe('missing');
    expect(await traces(path, id)).toEqual([]);
  });

  test('is retired also when the worker died right after the ending', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue();
    await path.commands.cancel(path.projectId, id);
    await path.reconciler.sweep();
    const member = `${path.projectId}|${id}`;
    expect(await path.redis.zscore(path.keys.unended, member)).toBeNull();
    expect(Number(await path.redis.zscore(path.keys.retired, member))).toBeGreaterThan(Date.now());
  });

  test('goes only with its queue entry, which a worker may still have', async () => {
    const path = await createJobPath({ retentionMs: HOUR_MS });
    const { id } = await path.enqueue();
    const key = `${path.keys.queuePrefix}:jobs:${id}`;
    await path.redis.set(`${key}:lock`, 'token');
    await path.commands.cancel(path.projectId, id);
    path.clock.time = Date.now() + HOUR_MS + 60_000;
    await path.reconciler.sweep();
    expect(await path.redis.zrange(path.keys.retired, '0', '-1')).toEqual([`${path.projectId}|${id}`]);
    await path.redis.del(`${key}:lock`);
    path.clock.time += 60_000;
    await path.reconciler.sweep();
    expect(await path.redis.zcard(path.keys.retired)).toBe(0);
    expect(await traces(path, id)).toEqual([]);
  });

  test('goes in one sweep, however many are due', async () => {
    const path = await createJobPath();
    const members = range(1, 1_001).map((index) => `${path.projectId}|gone-${index}`);
    await path.redis.zadd(path.keys.retired, ...members.flatMap((member) => [1, member]));
    await path.reconciler.sweep();
    expect(await path.redis.zcard(path.keys.retired)).toBe(0);
  });

  test('is kept when the job was retried before the retention time was over', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue();
    await path.commands.cancel(path.projectId, id);
    await path.reconciler.sweep();
    await path.commands.retry(path.projectId, id);
    await path.redis.zadd(path.keys.retired, 1, `${path.projectId}|${id}`);
    await path.reconciler.sweep();
    expect(await path.load(id)).toMatchObject({ status: 'QUEUED', attempt: 2 });
    await path.startWorker();
    expect((await path.ended(id)).status).toBe('COMPLETED');
  });
});
