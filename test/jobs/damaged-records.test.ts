/** One record that can't be read, or that is lost, stands in nobody's way: it is set aside, counted and told once. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { DamagedRecords } from '../../src/core/damaged-records.ts';
import { type Logger, silentLogger } from '../../src/core/logger.ts';
import { METERS } from '../../src/core/meters.ts';
import { Durations } from '../../src/eta/durations.ts';
import { LOCAL_SETUP } from '../../src/eta/run-predictor.ts';
import { JobStore } from '../../src/log/job-store.ts';
import { itemId, itemIds } from '../../src/progress/state.ts';
import { openBullMQQueue } from '../../src/queue/bullmq-queue.ts';
import { QueueReader } from '../../src/queue/queue-reader.ts';
import { listOffers } from '../../src/redis/heartbeat.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { range } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

const HOUR_MS = 3_600_000;

interface Break {
  readonly name: string;
  spoil(path: JobPath, key: string): Promise<unknown>;
  /** Whether enough is left to write the job's last event. */
  readonly isReadableInParts: boolean;
}

/** Ways in which a job's snapshot may be broken. */
const BREAKS: readonly Break[] = [
  {
    name: 'broken JSON',
    spoil: ({ redis }, key) => redis.hset(key, 'steps', '{broken'),
    isReadableInParts: true,
  },
  {
    name: 'JSON of another shape',
    spoil: ({ redis }, key) => redis.hset(key, 'steps', '[3]'),
    isReadableInParts: true,
  },
  {
    name: 'a workflow that none is called',
    spoil: ({ redis }, key) => redis.hset(key, 'workflow', 'a podcast'),
    isReadableInParts: false,
  },
  {
    name: 'a word for its attempt',
    spoil: ({ redis }, key) => redis.hset(key, 'attempt', 'two'),
    isReadableInParts: false,
  },
  { name: 'a lost id', spoil: ({ redis }, key) => redis.hdel(key, 'id'), isReadableInParts: false },
  {
    name: 'a key of another type',
    spoil: ({ redis }, key) => redis.set(key, 'x'),
    isReadableInParts: false,
  },
];

/** A logger that keeps what it is told. */
function keeping(): { readonly logger: Logger; readonly told: object[] } {
  const told: object[] = [];
  const keep = (fields: object): void => void told.push(fields);
  return { logger: { ...silentLogger, error: keep, warn: keep }, told };
}

async function everyId(path: JobPath): Promise<string[]> {
  const sets = await path.redis.keys(`${path.keys.project(path.projectId).meta.replace(/:meta$/, '')}:*`);
  const found: string[] = [];
  for (const key of sets) {
    const type = await path.redis.type(key);
    if (type === 'zset') found.push(...(await path.redis.zrange(key, '0', '-1')));
    if (type === 'set') found.push(...(await path.redis.smembers(key)));
  }
  return found;
}

describe.each(BREAKS)('a snapshot with $name', ({ spoil, isReadableInParts }) => {
  const keyOf = (path: JobPath, id: string): string => path.keys.project(path.projectId).job(id);

  test('is counted and told once, and read as what it is beside the others', async () => {
    const path = await createJobPath();
    const [good, bad] = [await path.enqueue(), await path.enqueue()];
    await spoil(path, keyOf(path, bad.id));
    const { logger, told } = keeping();
    const jobs = new JobStore(path.redis, path.keys, WORKFLOWS, new DamagedRecords(logger));
    const count = (): number =>
      METERS.recordsDamaged.read().find(({ labels }) => labels.join() === 'job')?.value.value ?? 0;
    const before = count();
    const ids = [good, bad, good].map(({ id }) => ({ projectId: path.projectId, jobId: id }));
    for (const _ of range(1, 2)) {
      const found = await jobs.loadMany(ids);
      expect(found).toMatchObject([{ id: good.id }, { code: 'RECORD_DAMAGED' }, { id: good.id }]);
    }
    await expect(jobs.load(path.projectId, bad.id)).rejects.toMatchObject({ code: 'RECORD_DAMAGED' });
    expect(count() - before).toBe(1);
    expect(told).toMatchObject([{ key: keyOf(path, bad.id) }]);
    expect(JSON.stringify(told)).not.toContain('broken');
  });

  test('does not keep the reconciler from others, and in the end uses up nothing', async () => {
    const path = await createJobPath({ retentionMs: HOUR_MS });
    const [bad, lost] = [await path.enqueue(), await path.enqueue()];
    await spoil(path, keyOf(path, bad.id));
    await (await path.bull.getJob(lost.id))?.remove();
    await path.reconciler.sweep();
    expect(await path.queue.stateOf(lost.id)).toBe('waiting');
    // While the queue may still run it, somebody may be able to read it.
    expect(await path.redis.zscore(path.keys.unended, `${path.projectId}|${bad.id}`)).not.toBeNull();
    await (await path.bull.getJob(bad.id))?.remove();
    await path.reconciler.sweep();
    const ending = {
      ...{ code: 'RECORD_DAMAGED', details: null, willRetry: false },
      error: 'What is stored of this job can’t be read, so it can’t be carried out',
    };
    expect(await path.endings(bad.id)).toMatchObject(isReadableInParts ? [ending] : []);
    expect(await path.jobs.activeIds(path.projectId)).toEqual([lost.id]);
    expect(await path.redis.zrange(path.keys.retired, '0', '-1')).toEqual([`${path.projectId}|${bad.id}`]);
    expect(await path.jobs.list(path.projectId, {}, null, 9)).toContain(bad.id);
    path.clock.time = Date.now() + HOUR_MS + 60_000;
    await path.reconciler.sweep();
    expect(await everyId(path)).not.toContain(bad.id);
    expect(await path.redis.exists(keyOf(path, bad.id))).toBe(0);
    expect(await path.redis.zcard(path.keys.retired)).toBe(0);
  });

  test('of an item does not keep its batch from ending', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(3);
    await spoil(path, keyOf(path, itemId(batch.id, 1)));
    await path.startWorker();
    await path.ended(itemId(batch.id, 2));
    await until(async () => {
      await path.reconciler.sweep();
      return (await path.load(batch.id)).status === 'COMPLETED';
    });
    const counts = isReadableInParts ? { succeeded: 2, failed: 1 } : { succeeded: 3, failed: 0 };
    expect(await path.load(batch.id)).toMatchObject({ result: { total: 3, ...counts } });
    expect(await path.endings(batch.id)).toHaveLength(1);
  });
});

describe('a snapshot that is lost', () => {
  const lose = (path: JobPath, id: string): Promise<unknown> =>
    path.redis.del(path.keys.project(path.projectId).job(id));

  test('leaves its job in no list, and no quota used up', async () => {
    const path = await createJobPath({ maxQueuedJobs: 1 });
    const { id } = await path.enqueue();
    await expect(path.enqueue()).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await lose(path, id);
    await path.redis.zadd(path.keys.unended, 1, `${path.projectId}|never`);
    const { logger, told } = keeping();
    await path.createReconciler({ damaged: new DamagedRecords(logger) }).sweep();
    // Of an id whose job was never written nothing is lost.
    expect(told).toMatchObject([{ key: path.keys.project(path.projectId).job(id) }]);
    expect(await everyId(path)).toEqual([]);
    expect(await path.redis.zcard(path.keys.unended)).toBe(0);
    await until(async () => {
      await path.reconciler.sweep();
      return (await path.queue.stateOf(id)) === 'missing';
    });
    expect((await path.enqueue()).status).toBe('QUEUED');
  });

  test('of an ended job leaves it in no list once its time is over', async () => {
    const path = await createJobPath({ retentionMs: HOUR_MS });
    const { id } = await path.enqueue();
    await path.commands.cancel(path.projectId, id);
    await lose(path, id);
    path.clock.time = Date.now() + HOUR_MS + 60_000;
    await path.reconciler.sweep();
    expect(await everyId(path)).toEqual([]);
    expect(await path.redis.zcard(path.keys.retired)).toBe(0);
  });

  test('stops the attempt that runs', async () => {
    const path = await createJobPath();
    const { runner } = await path.startWorker({ lookIntervalMs: 20 });
    const held = path.stage.hold('analyze_audio');
    const { id } = await path.enqueue();
    const { step } = await held.entered();
    await lose(path, id);
    await path.reconciler.sweep();
    await until(() => step.signal.aborted);
    await until(() => runner.running.length === 0);
    expect(await everyId(path)).toEqual([]);
  });

  test.each(['waits', 'runs', 'was taken and found without one'])(
    'of an item that %s is made again',
    async (when) => {
      const path = await createBatchPath();
      const held = path.hold(1);
      const start = (): Promise<unknown> => path.startWorker({ lookIntervalMs: 20 });
      if (when === 'runs') await start();
      const batch = await path.enqueueBatch(3);
      const item = itemId(batch.id, 1);
      if (when === 'runs') await held.entered();
      await lose(path, item);
      if (when === 'was taken and found without one') {
        await start();
        await until(async () => (await path.queue.stateOf(item)) === 'failed');
      }
      await path.reconciler.sweep();
      if (when === 'waits') await start();
      held.release();
      await until(async () => {
        await path.reconciler.sweep();
        return (await path.load(batch.id)).status === 'COMPLETED';
      });
      expect(await path.load(batch.id)).toMatchObject({ result: { total: 3, succeeded: 3 } });
      expect(await path.endings(batch.id)).toHaveLength(1);
    },
  );

  test('of an item is not made good before the attempt that runs has ended', async () => {
    const path = await createBatchPath();
    await path.startWorker({ lookIntervalMs: HOUR_MS });
    const held = path.hold(1);
    const batch = await path.enqueueBatch(2);
    const item = itemId(batch.id, 1);
    await held.entered();
    // By an event that is still to be written, the attempt would notice.
    await until(async () => (await path.load(item)).message === 'Doing item 1');
    await lose(path, item);
    await path.reconciler.sweep();
    expect(await path.jobs.load(path.projectId, item)).toBeNull();
    held.release();
    await until(async () => {
      await path.reconciler.sweep();
      return (await path.load(batch.id)).status === 'COMPLETED';
    });
    expect(await path.load(batch.id)).toMatchObject({ result: { total: 2, succeeded: 2 } });
  });

  test('of an item that has ended counts as nothing when a retry of its batch makes it again', async () => {
    const path = await createBatchPath();
    const worker = await path.startWorker();
    path.fail(0);
    const batch = await path.enqueueBatch(3);
    await path.ended(batch.id);
    await worker.shutDown();
    await lose(path, itemId(batch.id, 1));
    await path.commands.retry(path.projectId, batch.id);
    expect(await path.statuses(batch)).toEqual(['QUEUED', 'QUEUED', 'COMPLETED']);
    expect(await path.jobs.itemCounts(path.projectId, batch.id)).toMatchObject({ succeeded: 1, failed: 0 });
    await path.startWorker();
    expect(await path.ended(batch.id)).toMatchObject({ result: { total: 3, succeeded: 3 } });
  });

  test('of items is made again and not noted for removal, unlike what a single job has left', async () => {
    const path = await createBatchPath();
    const { keys, projectId, redis } = path;
    const entered = Promise.withResolvers<void>();
    const removal = Promise.withResolvers<void>();
    const removeJob = (): Promise<void> => {
      entered.resolve();
      return removal.promise;
    };
    const reconciler = path.createReconciler({ files: { removeJob }, patienceMs: HOUR_MS });
    const members = (...ids: string[]) => ids.map((id) => `${projectId}|${id}`).toSorted();
    const ended = await path.enqueue();
    await path.commands.cancel(projectId, ended.id);
    await redis.zadd(keys.retired, 1, ...members(ended.id));
    const single = await path.enqueue();
    const items = [await path.enqueueBatch(1), await path.enqueueBatch(2)].map(({ id }) => itemId(id, 0));
    // While this goes on, nothing that is noted is removed.
    const sweeps = [reconciler.sweep()];
    await entered.promise;
    for (const id of [single.id, ...items]) await lose(path, id);
    const ids = items.map((jobId) => ({ projectId, jobId }));
    await until(async () => {
      sweeps.push(reconciler.sweep());
      return (await path.jobs.loadMany(ids)).every((item) => item !== null);
    });
    expect((await redis.zrange(keys.retired, '0', '-1')).toSorted()).toEqual(members(ended.id, single.id));
    removal.resolve();
    await Promise.all(sweeps);
  });

  test('of every item of a batch counts as nothing when they are made again, one that had ended too', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(2);
    await path.commands.cancel(path.projectId, itemId(batch.id, 0));
    for (const id of itemIds(batch)) await lose(path, id);
    await path.reconciler.sweep();
    expect(await path.statuses(batch)).toEqual(['QUEUED', 'QUEUED']);
    const none = { succeeded: 0, failed: 0, cancelled: 0 };
    expect(await path.jobs.itemCounts(path.projectId, batch.id)).toEqual(none);
    await path.startWorker();
    expect(await path.ended(batch.id)).toMatchObject({ result: { total: 2, ...none, succeeded: 2 } });
    expect(await path.endings(batch.id)).toHaveLength(1);
  });

  test('of a batch’s counts is made again from its items', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(3);
    await path.commands.cancel(path.projectId, itemId(batch.id, 0));
    await path.redis.del(path.keys.project(path.projectId).batch(batch.id));
    await path.startWorker();
    for (const id of itemIds(batch)) await path.ended(id);
    await until(async () => {
      await path.reconciler.sweep();
      return (await path.load(batch.id)).status === 'COMPLETED';
    });
    expect(await path.load(batch.id)).toMatchObject({ result: { total: 3, succeeded: 2, cancelled: 1 } });
  });

  test('of a batch ends its items, and everything of it goes', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(3);
    await lose(path, batch.id);
    await until(async () => {
      path.clock.time = Math.max(path.clock.time, Date.now()) + 120_000;
      await path.reconciler.sweep();
      return (await everyId(path)).length === 0;
    });
    expect(await path.redis.zcard(path.keys.unended)).toBe(0);
  });
});

test('a batch whose record can’t be read keeps its items running', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(2);
  await path.redis.hset(path.keys.project(path.projectId).job(batch.id), 'metadata', '{broken');
  await path.reconciler.sweep();
  expect(await path.statuses(batch)).toEqual(['QUEUED', 'QUEUED']);
});

test('an attempt does a step again whose output can’t be read, and keeps the others', async () => {
  const path = await createJobPath();
  const { id } = await path.enqueue();
  const key = path.keys.project(path.projectId).outputs(id);
  await path.redis.hset(key, { start: '{broken', load_media: '{"kept":true}' });
  expect(await path.jobs.loadForAttempt(path.projectId, id)).toMatchObject({
    outputs: { load_media: { kept: true } },
  });
});

test('a snapshot of all jobs leaves out the latest event that can’t be read', async () => {
  const path = await createJobPath();
  const jobs = [await path.enqueue(), await path.enqueue(), await path.enqueue()];
  const [broken, other, good] = jobs.map(({ id }) => path.keys.project(path.projectId).job(id));
  await path.redis.hset(broken ?? '', 'lastEvent', '{broken');
  await path.redis.hset(other ?? '', 'lastEvent', 'null');
  expect(good).toBeDefined();
  const stream = await path.open({ projectId: path.projectId, snapshot: true });
  expect((await stream.next())?.event.jobId).toBe(jobs[2]?.id);
});

test('a queue entry that can’t be read is left out of the queue’s view, beside the others', async () => {
  const path = await createJobPath();
  const jobs = [await path.enqueue(), await path.enqueue(), await path.enqueue()];
  await path.redis.hset(path.bull.toKey(jobs[0]?.id ?? ''), 'data', '{broken');
  await path.redis.set(path.bull.toKey(jobs[1]?.id ?? ''), 'x');
  const { logger, told } = keeping();
  const damaged = new DamagedRecords(logger);
  const queue = await openBullMQQueue({ connection: path.redis, keys: path.keys, logger, damaged });
  onTestFinished(() => queue.close());
  const reader = new QueueReader(queue, path.jobs, async () => []);
  for (const _ of range(1, 2)) {
    expect((await reader.read()).waiting).toMatchObject([{ jobId: jobs[2]?.id }]);
  }
  expect(told).toHaveLength(2);
});

test('runs that can’t be read are left out of what is learned', async () => {
  const path = await createJobPath();
  const key = path.keys.durations('LIPSYNC', LOCAL_SETUP);
  const run = { steps: { start: 1, apply_lipsync: 2 }, size: { characters: 5 } };
  const lines = [
    '{broken',
    'null',
    '{"steps":3}',
    '{"steps":{"start":"long"},"size":{}}',
    JSON.stringify(run),
  ];
  await path.redis.rpush(key, ...lines);
  const { logger, told } = keeping();
  const durations = new Durations({ ...path, clock: systemClock, logger, workflows: WORKFLOWS });
  expect((await durations.freshModel('LIPSYNC', LOCAL_SETUP)).runs).toBe(1);
  expect(await durations.history('LIPSYNC', LOCAL_SETUP)).toEqual([run]);
  expect(told).toMatchObject([{ kind: 'duration', key }]);
});

test('a worker that says nonsense does not keep the others from being counted on', async () => {
  const path = await createJobPath();
  const now = Date.now();
  await path.redis.zadd(
    path.keys.workers,
    now,
    'a many LIPSYNC=local',
    now,
    'b 1e9',
    now,
    'c 2 LIPSYNC=local',
  );
  const offers = await listOffers(path.redis, path.keys);
  expect(offers).toEqual([{ slots: 2, setups: { LIPSYNC: 'local' } }]);
});

test.each(['a total that is no number', 'a key of another type'])(
  'counts of files with %s are made anew',
  async (how) => {
    const limits = { maxJobBytes: 1_000, maxProjectBytes: 1_000 };
    const path = await createJobPath({ diskLimits: limits });
    const { id } = await path.enqueue();
    const { usage } = path.keys.project(path.projectId);
    if (how === 'a key of another type') await path.redis.set(usage, 'x');
    else await path.redis.hset(usage, ':total', 'many');
    expect(await path.usage.of(path.projectId)).toBe(0);
    expect((await path.enqueue()).status).toBe('QUEUED');
    await path.usage.recount(path.projectId, path.jobs);
    await path.usage.drop(path.projectId, id);
    expect(await path.redis.exists(usage)).toBe(0);
  },
);
