/** What the log says of work that fails behind a job's back: the job goes on, and somebody repairs or tries again. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { startListening } from '../../src/jobs/lease-watch.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { memberOf } from '../../src/jobs/watch.ts';
import { itemId } from '../../src/progress/state.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { connect, createEventPath } from '../setup/harness.ts';
import { failing } from '../setup/interrupted.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { type KeptLog, keepLog } from '../setup/kept-log.ts';

const err = expect.any(Error) as Error;

/** The lines of warnings and errors. */
function troublesOf(logger: KeptLog): readonly object[] {
  return logger.lines.filter((line) => 'level' in line && ['warn', 'error'].includes(String(line.level)));
}

test('one job whose repair fails, by its id', async () => {
  const path = await createJobPath();
  const logger = keepLog();
  const { id } = await path.enqueue();
  await path.createReconciler({ queue: failing(path.queue, 'stateOf'), logger }).sweep();
  expect(logger.lines).toEqual([{ level: 'error', text: 'reconciling a job failed', jobId: id, err }]);
});

test('ended jobs that can’t be retired, how many they are', async () => {
  const path = await createJobPath();
  const logger = keepLog();
  for (const _ of [1, 2]) {
    const { id } = await path.enqueue();
    await path.commands.cancel(path.projectId, id);
    await path.redis.zadd(path.keys.unended, 1, `${path.projectId}|${id}`);
  }
  await path.createReconciler({ jobs: failing(path.jobs, 'statuses'), logger }).sweep();
  expect(logger.lines).toEqual([{ level: 'error', text: 'retiring ended jobs failed', jobs: 2, err }]);
});

test('a retry whose wait can’t be ended', async () => {
  const path = await createJobPath();
  path.stage.fail('start', new PlayheadError('PROVIDER_FAILED', 'away', { retryAfterSeconds: 600 }));
  const worker = await path.startWorker();
  const { queueId } = await path.enqueue();
  await until(async () => (await path.queue.stateOf(queueId)) === 'delayed');
  await worker.shutDown();
  // As if the clock had been set back by an hour: BullMQ keeps the time in 4,096ths of a millisecond.
  const delayed = (Date.now() + 3_600_000) * 4_096;
  await path.redis.zadd(path.bull.toKey('delayed'), 'XX', delayed, queueId);
  const logger = keepLog();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  await path.createReconciler({ queue: failing(path.queue, 'endDelay'), logger }).sweep();
  expect(logger.lines).toEqual([]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(logger.lines).toEqual([{ level: 'warn', text: 'ending the wait of a retry failed', err }]);
});

test('a batch whose lost items can’t be made again', async () => {
  const path = await createBatchPath();
  const logger = keepLog();
  const { id, projectId } = await path.enqueueBatch(2);
  await path.redis.del(path.keys.project(projectId).job(itemId(id, 0)));
  await path.createReconciler({ queue: failing(path.queue, 'addBatch'), logger }).sweep();
  const text = 'restoring lost items of a batch failed';
  expect(logger.lines).toEqual([{ level: 'error', text, jobId: id, err }]);
});

/** A worker whose log is kept, a job of it and its fields in each line. */
async function carriedOut(path: JobPath, options: Parameters<JobPath['startWorker']>[0] = {}) {
  const logger = keepLog();
  const { runner } = await path.startWorker({ logger, ...options });
  const { id } = await path.enqueue();
  const ended = await path.ended(id);
  await until(() => runner.running.length === 0);
  return { ended, logger, fields: { projectId: path.projectId, jobId: id, attempt: 1 } };
}

test('files that can’t be removed when a job is done', async () => {
  const path = await createJobPath();
  path.files.dropIntermediate = () => Promise.reject(new Error('read-only'));
  const { ended, fields, logger } = await carriedOut(path);
  expect(ended).toMatchObject({ status: 'COMPLETED' });
  expect(troublesOf(logger)).toEqual([{ level: 'warn', text: 'removing files failed', ...fields, err }]);
});

test('results of steps that can’t be kept, each', async () => {
  const path = await createJobPath();
  const { ended, fields, logger } = await carriedOut(path, { jobs: failing(path.jobs, 'keepOutputs') });
  expect(ended).toMatchObject({ status: 'COMPLETED' });
  const line = { level: 'warn', text: 'keeping the results of steps failed', ...fields, err };
  expect(troublesOf(logger)).toEqual([line, line, line, line, line]);
});

test('a step that is done again because its files are gone, by its name', async () => {
  const path = await createJobPath();
  path.stage.plan('load_media', async (_, { files }) => {
    await writeFile(join(files.scratch, 'made'), 'sound');
    await files.save('steps/part.wav', join(files.scratch, 'made'));
    return null;
  });
  path.stage.plan('apply_lipsync', async (_, { jobId }) => {
    await rm(path.stored(jobId, 'steps/part.wav'));
    throw new PlayheadError('PROVIDER_FAILED', 'away', { retryAfterSeconds: 0.01 });
  });
  const { fields, logger } = await carriedOut(path);
  expect(troublesOf(logger)).toMatchObject([
    { text: 'attempt failed' },
    {
      ...{ level: 'warn', text: 'files of a finished step are gone; repeating the step' },
      ...{ ...fields, attempt: 2, step: 'load_media' },
    },
  ]);
});

test('a preview that can’t be stored', async () => {
  const path = await createJobPath({ diskLimits: { maxJobBytes: 10, maxProjectBytes: 1_000 } });
  path.stage.plan('start', async ({ preview }, { files }) => {
    await writeFile(join(files.scratch, 'a.jpg'), new Uint8Array(100));
    await preview(join(files.scratch, 'a.jpg'));
    return null;
  });
  const { fields, logger } = await carriedOut(path);
  const text = 'storing or removing a preview failed';
  expect(troublesOf(logger)).toEqual([{ level: 'warn', text, ...fields, err }]);
});

test('lines of a step that can’t be kept', async () => {
  const path = await createJobPath();
  path.stage.plan('start', async ({ log }, { jobId, projectId }) => {
    await path.redis.set(path.keys.project(projectId).lines(jobId), 'no stream');
    log('said');
    return null;
  });
  const { fields, logger } = await carriedOut(path);
  await until(() => troublesOf(logger).length > 0);
  const text = 'keeping what a step has said failed';
  expect(troublesOf(logger)).toEqual([{ level: 'warn', text, ...fields, err }]);
});

test('an entry whose job is gone fails, and says so', async () => {
  const path = await createJobPath();
  // Too long to stand in the entry.
  const { id, queueId } = await path.enqueue({ input: { script: 'x'.repeat(2_000) } });
  await path.redis.del(path.keys.project(path.projectId).job(id));
  await path.startWorker();
  await until(async () => (await path.queue.stateOf(queueId)) === 'failed');
  expect(await path.queue.failureOf(queueId)).toBe(`job ${id} has no snapshot`);
});

test('a tracked job that was silent, and what has become of it', async () => {
  const path = await createJobPath();
  const { keys, projectId, redis } = path;
  const logger = keepLog();
  const tracked = new TrackedJobs({ redis: connect(), keys });
  const { job } = await tracked.track({ projectId, taskName: 'cut' });
  await redis.hset(keys.project(projectId).job(job.id), 'leaseUntil', 1);
  await redis.zadd(keys.leases, 1, memberOf(job));
  const away = path.createReconciler({ log: failing(path.log, 'appendTracked'), logger });
  await away.sweep();
  const failed = { level: 'error', text: 'ending a lease failed; trying again', member: memberOf(job), err };
  expect(logger.lines).toEqual([failed]);
  expect(Number(await redis.zscore(keys.leases, memberOf(job)))).toBeGreaterThan(1);
  await redis.zadd(keys.leases, 1, memberOf(job));
  await path.createReconciler({ logger }).sweep();
  const silent = { level: 'warn', text: 'a tracked job was silent', projectId, jobId: job.id };
  expect(logger.lines).toEqual([failed, { ...silent, status: 'FAILED' }]);
});

test('a lease that can’t be watched; its task has begun all the same', async () => {
  const { keys, projectId } = await createJobPath();
  const logger = keepLog();
  const tracked = new TrackedJobs({ redis: failing(connect(), 'zadd'), keys, logger });
  const { job } = await tracked.track({ projectId, taskName: 'cut' });
  const text = 'watching a lease failed; the reconciler will do it';
  expect(logger.lines).toEqual([{ level: 'warn', text, jobId: job.id, err }]);
});

test('that nobody learns that reports are heard here', async () => {
  const logger = keepLog();
  const [here, elsewhere] = [createEventPath(), createEventPath()];
  for (const parts of [{ ...here, redis: failing(here.redis, 'hset') }, elsewhere]) {
    const listening = startListening({ ...parts, logger });
    onTestFinished(() => listening.stop());
  }
  await until(() => logger.lines.length > 0);
  await until(async () => (await elsewhere.redis.hget(elsewhere.keys.leaseWatch, 'heard')) !== null);
  const text = 'saying that reports are heard failed; trying again';
  expect(logger.lines[0]).toEqual({ level: 'warn', text, err });
  expect(await here.redis.hget(here.keys.leaseWatch, 'heard')).toBeNull();
});
