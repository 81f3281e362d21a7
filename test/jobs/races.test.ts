/** What mutations and the reconciler do to the same job at the same time, at the points where one may overtake the other. */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, inject, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { cancelItems } from '../../src/jobs/batch.ts';
import { JobCommands, type JobCommandsParts } from '../../src/jobs/enqueue.ts';
import { Reconciler } from '../../src/jobs/reconcile.ts';
import type { Registration } from '../../src/log/append.ts';
import { hasEnded, itemId, itemIds, type JobState } from '../../src/progress/state.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { JobWriter, range } from '../setup/harness.ts';
import { interrupted } from '../setup/interrupted.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';
import { startLossyProxy } from '../setup/lossy-proxy.ts';
import { STAGED_WORKFLOWS } from '../setup/workflows.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

function commandsOf(path: JobPath, parts: Partial<JobCommandsParts>): JobCommands {
  const { keys, log, jobs, queue, redis } = path;
  const own = { keys, log, jobs, queue, redis, clock: systemClock, logger: silentLogger };
  return new JobCommands({ ...own, workflows: STAGED_WORKFLOWS, ...parts });
}

function reconcilerOf(
  path: JobPath,
  parts: Partial<ConstructorParameters<typeof Reconciler>[0]>,
): Reconciler {
  const { clock, files, keys, log, jobs, queue, redis, usage } = path;
  const own = {
    clock,
    files,
    usage,
    keys,
    log,
    jobs,
    queue,
    redis,
    logger: silentLogger,
    workflows: STAGED_WORKFLOWS,
  };
  return new Reconciler({ ...own, retentionMs: HOUR_MS, graceMs: 0, ...parts });
}

/** A cancelled job with a file, whose retention time is over. */
async function retired(path: JobPath): Promise<{ readonly id: string; readonly file: string }> {
  const { id } = await path.enqueue();
  await path.commands.cancel(path.projectId, id);
  path.clock.time = Date.now();
  await path.reconciler.sweep();
  const file = path.stored(id, 'video.mp4');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, 'video');
  path.clock.time = Date.now() + HOUR_MS + MINUTE_MS;
  return { id, file };
}

/** Redis keys in which the job is left. */
async function traces(path: JobPath, jobId: string): Promise<string[]> {
  const found = await Promise.all(
    (await path.redis.keys(`*${path.projectId}*`)).map(async (key) => {
      const type = await path.redis.type(key);
      const members =
        type === 'zset'
          ? await path.redis.zrange(key, '0', '-1')
          : type === 'set'
            ? await path.redis.smembers(key)
            : [];
      return [key, ...members].some((text) => text.includes(jobId)) ? [key] : [];
    }),
  );
  return found.flat();
}

test('a job that is retried when its removal has begun is wholly there, with its files', async () => {
  const path = await createJobPath({ retentionMs: HOUR_MS });
  const { id, file } = await retired(path);
  const jobs = interrupted(path.jobs, 'load', 'after', async (state) => {
    if (hasEnded((state as JobState).status)) await path.commands.retry(path.projectId, id);
  });
  await reconcilerOf(path, { jobs }).sweep();
  expect(await path.load(id)).toMatchObject({ status: 'QUEUED', attempt: 2 });
  expect(await path.exists(file)).toBe(true);
  expect(await path.jobs.list(path.projectId, {}, null, 10)).toEqual([id]);
  expect(await path.redis.zscore(path.keys.retired, `${path.projectId}|${id}`)).toBeNull();
  await path.startWorker();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
});

test('a job that is removed when its retry has begun is NOT_FOUND, and nothing of it comes back', async () => {
  const path = await createJobPath({ retentionMs: HOUR_MS });
  const { id, file } = await retired(path);
  for (const method of ['load', 'loadInput'] as const) {
    const jobs = interrupted(path.jobs, method, 'after', () => path.reconciler.sweep());
    const retry = commandsOf(path, { jobs }).retry(path.projectId, id);
    await expect(retry).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
  expect(await path.exists(dirname(file))).toBe(false);
  path.clock.time = Date.now() + 2 * HOUR_MS;
  await path.reconciler.sweep();
  expect(await traces(path, id)).toEqual([]);
  expect(await path.redis.zcard(path.keys.unended)).toBe(0);
  expect(await path.redis.zcard(path.keys.retired)).toBe(0);
});

test('a batch that is removed when its retry has begun is NOT_FOUND as well', async () => {
  const path = await createBatchPath();
  const { id, projectId } = await path.enqueueBatch(2);
  await path.commands.cancel(projectId, id);
  const jobs = interrupted(path.jobs, 'loadInput', 'before', () => path.commands.remove(projectId, id));
  const retry = commandsOf(path, { jobs }).retry(projectId, id);
  await expect(retry).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await path.jobs.load(projectId, id)).toBeNull();
});

test('a batch that is retried when its removal has begun keeps every item', async () => {
  const path = await createBatchPath({ retentionMs: HOUR_MS });
  const batch = await path.enqueueBatch(3);
  await path.commands.cancel(path.projectId, batch.id);
  await path.reconciler.sweep();
  path.clock.time = Date.now() + HOUR_MS + MINUTE_MS;
  const jobs = interrupted(path.jobs, 'load', 'after', async (state) => {
    if (hasEnded((state as JobState).status)) await path.commands.retry(path.projectId, batch.id);
  });
  await reconcilerOf(path, { jobs }).sweep();
  await path.reconciler.sweep();
  const items = await Promise.all(itemIds(batch).map((jobId) => path.jobs.load(path.projectId, jobId)));
  expect(items.map((item) => item?.attempt)).toEqual([2, 2, 2]);
  expect(await path.redis.zcard(path.keys.retired)).toBe(0);
  await path.startWorker();
  expect(await path.ended(batch.id)).toMatchObject({ status: 'COMPLETED', result: { succeeded: 3 } });
});

test('the removal of a batch that was cut off behind the batch itself is carried through', async () => {
  const path = await createBatchPath({ retentionMs: HOUR_MS });
  const batch = await path.enqueueBatch(3);
  await path.commands.cancel(path.projectId, batch.id);
  await path.reconciler.sweep();
  path.clock.time = Date.now() + HOUR_MS + MINUTE_MS;
  const files = interrupted(path.files, 'removeJob', 'before', () => Promise.reject(new Error('cut off')));
  await reconcilerOf(path, { files }).sweep();
  expect(await path.jobs.load(path.projectId, batch.id)).toBeNull();
  path.clock.time += MINUTE_MS;
  await path.reconciler.sweep();
  expect(await traces(path, batch.id)).toEqual([]);
  expect(await path.redis.zcard(path.keys.retired)).toBe(0);
});

test('a queue entry that outlived its run never runs the job again', async () => {
  const path = await createJobPath();
  const first = await path.startWorker();
  const held = path.stage.hold('analyze_audio');
  const { id } = await path.enqueue({ maxAttempts: 1 });
  await held.entered();
  // Its next attempt would be the second, as that of the retry.
  await first.shutDown();
  const queue = interrupted(path.queue, 'remove', 'before', () => Promise.reject(new Error('Redis is away')));
  await commandsOf(path, { queue }).cancel(path.projectId, id);
  await path.commands.retry(path.projectId, id);
  expect(await path.bull.getPrioritized()).toMatchObject([{ id }, { id: `${id}-1` }]);
  const again = path.stage.hold('analyze_audio');
  const { runner } = await path.startWorker({ concurrency: 1 });
  await again.entered();
  expect(runner.running).toMatchObject([{ attempt: 2 }]);
  expect(await path.queue.stateOf(`${id}-1`)).toBe('active');
  expect(await path.queue.stateOf(id)).toBe('missing');
  again.release();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
});

test('a job that is retried while an entry of its earlier run is being taken is left to the new one', async () => {
  const path = await createJobPath();
  const first = await path.startWorker();
  const held = path.stage.hold('analyze_audio');
  const { id } = await path.enqueue({ maxAttempts: 1 });
  await held.entered();
  await first.shutDown();
  const jobs = interrupted(path.jobs, 'loadForAttempt', 'after', async () => {
    if ((await path.load(id)).attempt > 1) return;
    await path.commands.cancel(path.projectId, id);
    await path.commands.retry(path.projectId, id);
  });
  const again = path.stage.hold('analyze_audio');
  const { runner } = await path.startWorker({ concurrency: 1, jobs });
  await again.entered();
  expect(runner.running).toMatchObject([{ attempt: 2 }]);
  expect(await path.queue.stateOf(`${id}-1`)).toBe('active');
  again.release();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
});

test('a job whose snapshot was written late is still under watch, and gets its queue entry', async () => {
  const path = await createJobPath();
  // The append waited for Redis; meanwhile workers, whose connections were sooner, found an id without a job.
  const log = interrupted(path.log, 'create', 'before', async () => {
    path.clock.time = Date.now() + 5 * MINUTE_MS;
    await path.reconciler.sweep();
  });
  const queue = interrupted(path.queue, 'add', 'before', () => Promise.reject(new Error('the process died')));
  const { id } = await commandsOf(path, { log, queue }).enqueue({
    ...{ workflow: 'LIPSYNC', field: 'input', projectId: path.projectId, input: { script: 'hello' } },
  });
  expect(await path.queue.stateOf(id)).toBe('missing');
  await path.reconciler.sweep();
  await path.startWorker();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED' });
});

test('a retry that was written late is still under watch, and gets its queue entry', async () => {
  const path = await createJobPath();
  const { id } = await path.enqueue();
  await path.commands.cancel(path.projectId, id);
  await path.reconciler.sweep();
  const log = interrupted(path.log, 'append', 'before', async () => {
    path.clock.time = Date.now() + 5 * MINUTE_MS;
    await path.reconciler.sweep();
  });
  // It dies between the append and whatever comes next.
  const dead = interrupted(log, 'append', 'after', () => Promise.reject(new Error('the process died')));
  await expect(commandsOf(path, { log: dead }).retry(path.projectId, id)).rejects.toThrow('died');
  expect(await path.load(id)).toMatchObject({ status: 'QUEUED', attempt: 2 });
  await path.reconciler.sweep();
  await path.startWorker();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
});

test('a job that the reconciler retires while its retry is written is still under watch', async () => {
  const path = await createJobPath();
  const { id } = await path.enqueue();
  const cancelled = await path.commands.cancel(path.projectId, id);
  path.clock.time = Date.now() + HOUR_MS;
  const log = interrupted(path.log, 'append', 'before', () => path.reconciler.retire([cancelled]));
  await commandsOf(path, { log }).retry(path.projectId, id);
  const member = `${path.projectId}|${id}`;
  expect(await path.redis.zscore(path.keys.unended, member)).not.toBeNull();
  expect(await path.redis.zscore(path.keys.retired, member)).toBeNull();
});

test('a job that another client retries while its retry is written is given as that one has left it', async () => {
  const path = await createJobPath();
  const { id } = await path.enqueue();
  await path.commands.cancel(path.projectId, id);
  const log = interrupted(path.log, 'append', 'before', () => path.commands.retry(path.projectId, id));
  const retried = await commandsOf(path, { log }).retry(path.projectId, id);
  expect(retried).toMatchObject({ status: 'QUEUED', attempt: 2 });
  expect(retried).toEqual(await path.load(id));
});

test.each(['made', 'retried'])(
  'an item that is not %s because its batch is cancelled meanwhile gets no queue entry',
  async (how) => {
    const path = await createBatchPath();
    const { projectId } = path;
    const attempt = how === 'made' ? 1 : 2;
    const log = interrupted(path.log, 'append', 'before', async () => {
      const [id = ''] = await path.jobs.list(projectId, {}, null, 1);
      if ((await path.load(id)).attempt === attempt) await path.commands.cancel(projectId, id);
    });
    const commands = commandsOf(path, { log });
    const start = async (): Promise<JobState> => {
      if (how === 'made') {
        const items = [{ script: 'item 0' }];
        return commands.enqueueBatch({ workflow: 'LIPSYNC', field: 'input', projectId, items });
      }
      const { id } = await path.enqueueBatch(1);
      await path.commands.cancel(projectId, id);
      return commands.retry(projectId, id);
    };
    const batch = await start();
    expect(await path.load(batch.id)).toMatchObject({ status: 'CANCELLED', attempt });
    const item = itemId(batch.id, 0);
    for (const entry of [item, `${item}-1`]) expect(await path.queue.stateOf(entry)).toBe('missing');
  },
);

test('an item that ends while its batch is cancelled is not among those that the cancellation has ended', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(2);
  const log = interrupted(path.log, 'append', 'before', () =>
    path.commands.cancel(path.projectId, itemId(batch.id, 0)),
  );
  const parts = { ...path, log, clock: systemClock, logger: silentLogger, workflows: STAGED_WORKFLOWS };
  const { cancelled, isRemoved } = await cancelItems(parts, batch);
  expect(cancelled).toMatchObject([{ id: itemId(batch.id, 1), status: 'CANCELLED' }]);
  expect(isRemoved).toBe(true);
  expect(await path.statuses(batch)).toEqual(['CANCELLED', 'CANCELLED']);
});

test('nothing is written for an item that has ended before its batch is cancelled', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(3);
  await path.commands.cancel(path.projectId, itemId(batch.id, 1));
  const append = vi.spyOn(path.log, 'append');
  await cancelItems(
    { ...path, clock: systemClock, logger: silentLogger, workflows: STAGED_WORKFLOWS },
    batch,
  );
  const written = append.mock.calls.map(([{ event }]) => event.jobId);
  expect(written).toEqual([itemId(batch.id, 0), itemId(batch.id, 2)]);
});

test('an item that is ended while its batch is retried is told to the batch as cancelled', async () => {
  const path = await createBatchPath();
  const { id, projectId } = await path.enqueueBatch(2);
  await path.commands.cancel(projectId, itemId(id, 0));
  // The cancellation of the batch got no further than to the batch itself.
  const batch = new JobWriter(path.log, projectId);
  batch.state = await path.load(id);
  await batch.fail('close', 'CANCELLED');
  let isRetried = false;
  const log = interrupted(path.log, 'append', 'before', async () => {
    if (!isRetried) await path.commands.retry(projectId, id);
    isRetried = true;
  });
  await reconcilerOf(path, { log }).sweep();
  expect(await path.statuses(batch.state)).toEqual(['QUEUED', 'CANCELLED']);
  expect((await path.events(id)).at(-1)).toMatchObject({
    ...{ attempt: 2, message: '#2 Cancelled' },
    metadata: { itemIndex: 1, itemStatus: 'cancelled', cancelled: 1 },
  });
});

test('a job whose next attempt begins while its cancellation is written is cancelled in that one', async () => {
  const path = await createJobPath();
  const writer = new JobWriter(path.log, path.projectId);
  await writer.create();
  await writer.begin();
  await writer.fail('release');
  const log = interrupted(path.log, 'append', 'before', () => writer.begin(2));
  const cancelled = await commandsOf(path, { log }).cancel(path.projectId, writer.state.id);
  expect(cancelled).toMatchObject({ status: 'CANCELLED', attempt: 2 });
  expect(cancelled).toEqual(await path.load(writer.state.id));
  expect((await path.endings(writer.state.id)).map(({ attempt }) => attempt)).toEqual([2]);
});

test('a cancellation whose answer was lost on its way is one, and takes the job from the queue', async () => {
  const proxy = await startLossyProxy(inject('redisUrl'));
  const path = await createJobPath({ url: proxy.url });
  const { id } = await path.enqueue();
  proxy.loseAnswersTo('"CANCELLED"', 1);
  const cancelled = await path.commands.cancel(path.projectId, id);
  expect(proxy.lost).toBe(1);
  expect(cancelled).toEqual(await path.load(id));
  expect(await path.endings(id)).toHaveLength(1);
  expect(await path.queue.stateOf(id)).toBe('missing');
});

test('a cancelled job is left to the reconciler where the retention time is not known', async () => {
  const logger = keepLog();
  const path = await createJobPath();
  const { id } = await path.enqueue();
  await commandsOf(path, { logger }).cancel(path.projectId, id);
  expect(await path.redis.zrange(path.keys.unended, '0', '-1')).toEqual([`${path.projectId}|${id}`]);
  expect(await path.redis.zcard(path.keys.retired)).toBe(0);
  expect(logger.lines).toEqual([]);
});

test('a retry whose answer was lost on its way is one, with its queue entry', async () => {
  const proxy = await startLossyProxy(inject('redisUrl'));
  const path = await createJobPath({ url: proxy.url });
  const { id } = await path.enqueue();
  await path.commands.cancel(path.projectId, id);
  proxy.loseAnswersTo('"queued"', 1);
  const retried = await path.commands.retry(path.projectId, id);
  expect(proxy.lost).toBe(1);
  expect(retried).toEqual(await path.load(id));
  expect(retried).toMatchObject({ status: 'QUEUED', attempt: 2 });
  expect(await path.queue.stateOf(retried.queueId)).toBe('waiting');
});

test('a write that comes later than anybody watches for it is refused', async () => {
  const path = await createJobPath();
  const log = Object.assign(Object.create(path.log) as typeof path.log, {
    append: (command: Parameters<typeof path.log.append>[0]) => path.log.append({ ...command, notAfter: 1 }),
    create: (command: Parameters<typeof path.log.create>[0], to: Registration) =>
      path.log.create({ ...command, notAfter: 1 }, to),
  });
  const commands = commandsOf(path, { log });
  const request = {
    workflow: 'LIPSYNC',
    field: 'input',
    projectId: path.projectId,
    input: { script: 'a' },
  } as const;
  await expect(commands.enqueue(request)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect((await path.log.head(path.projectId)).seq).toBe(0);
  const writer = new JobWriter(path.log, path.projectId);
  await writer.create();
  await path.commands.cancel(path.projectId, writer.state.id);
  await expect(commands.retry(path.projectId, writer.state.id)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
  expect(await path.load(writer.state.id)).toMatchObject({ status: 'CANCELLED' });
});

test('an answer that no creation can have is said to be one', async () => {
  const path = await createJobPath();
  const log = Object.assign(Object.create(path.log) as typeof path.log, {
    create: async () => ({ code: 'STALE' }),
  });
  const input = { workflow: 'LIPSYNC', field: 'input', projectId: path.projectId, input: { script: 'a' } };
  await expect(commandsOf(path, { log }).enqueue(input)).rejects.toThrow(
    'append answered STALE to the creation of a job',
  );
});

test('an id without a job is forgotten when no write for it can come any more, and its files go', async () => {
  const path = await createJobPath();
  const since = Date.now();
  const ids = range(1, 3).map((index) => `never-${index}`);
  for (const id of ids) await path.redis.zadd(path.keys.unended, since, `${path.projectId}|${id}`);
  const gone: string[] = [];
  const removeJob = async (_projectId: string, jobId: string): Promise<void> => void gone.push(jobId);
  const reconciler = path.createReconciler({ files: { removeJob } });
  path.clock.time = since + 10 * MINUTE_MS - 1;
  await reconciler.sweep();
  expect(await path.redis.zcard(path.keys.unended)).toBe(3);
  path.clock.time += 1;
  await reconciler.sweep();
  expect(await path.redis.zcard(path.keys.unended)).toBe(0);
  await reconciler.sweep();
  expect(gone.toSorted()).toEqual(ids);
});
