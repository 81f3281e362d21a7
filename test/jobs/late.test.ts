/** What was answered with UNAVAILABLE is not carried out later than its deadline (docs/protocol.md), whatever it was. */

import type { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { RateLimit } from '../../src/auth/rate-limit.ts';
import { OPEN_VIEWER } from '../../src/auth/viewer.ts';
import { systemClock } from '../../src/core/clock.ts';
import { type Logger, silentLogger } from '../../src/core/logger.ts';
import { JobCommands } from '../../src/jobs/enqueue.ts';
import type { EventLog } from '../../src/log/log.ts';
import { ServerClock, WriteDeadline } from '../../src/redis/write-deadline.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { connect, OwnRedis, range, unique } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';
import { STAGED_WORKFLOWS } from '../setup/workflows.ts';

/** Less than a mutation waits for its answer. */
const LIMIT_MS = 1_000;
const FIELDS = { workflow: 'LIPSYNC', field: 'input' } as const;

type Mutations = Readonly<Record<string, () => Promise<unknown>>>;

interface Prepared {
  /** Every kind of mutation, as these commands send them. */
  mutationsBy(commands: JobCommands): Mutations;
  /** What the mutations would change. */
  read(): Promise<unknown>;
}

/** Jobs and batches on which each mutation would have an effect. */
async function prepare(path: JobPath): Promise<Prepared> {
  const { commands, projectId } = path;
  const batchOf = (by: JobCommands, idempotencyKey?: string) =>
    by.enqueueBatch({
      ...{ ...FIELDS, projectId, idempotencyKey },
      items: [{ script: 'an item' }, { script: 'another' }],
    });
  const [job, batch] = [await path.enqueue(), await batchOf(commands)];
  const toRetry = await path.enqueue();
  const [batchToRetry, batchOfItem] = [await batchOf(commands), await batchOf(commands)];
  for (const { id } of [toRetry, batchToRetry, batchOfItem]) await commands.cancel(projectId, id);
  return {
    mutationsBy: (by) => ({
      enqueue: () => by.enqueue({ ...FIELDS, projectId, idempotencyKey: 'late', input: { script: 'late' } }),
      enqueueBatch: () => batchOf(by, 'late'),
      'cancel a job': () => by.cancel(projectId, job.id),
      'cancel a batch': () => by.cancel(projectId, batch.id),
      'cancel an item': () => by.cancel(projectId, `${batch.id}-0001`),
      'retry a job': () => by.retry(projectId, toRetry.id),
      'retry a batch': () => by.retry(projectId, batchToRetry.id),
      'retry an item': () => by.retry(projectId, `${batchOfItem.id}-0000`),
    }),
    read: async () => {
      const ids = await path.jobs.list(projectId, { items: true }, null, 100);
      const states = await path.jobs.loadMany(ids.map((jobId) => ({ projectId, jobId })));
      const queued = await path.bull.getJobCounts();
      const sets = [path.keys.unended, path.keys.retired];
      const watched = await Promise.all(sets.map((key) => path.redis.zrange(key, '0', '-1', 'WITHSCORES')));
      return { head: await path.log.head(projectId), states, queued, watched };
    },
  };
}

async function codesOf(mutations: Mutations): Promise<Record<string, string>> {
  const codes = Object.entries(mutations).map(async ([name, mutate]) => {
    const code = await mutate().then(
      () => 'carried out',
      (error: { code: string }) => error.code,
    );
    return [name, code] as const;
  });
  return Object.fromEntries(await Promise.all(codes));
}

/** As many round trips as the longest mutation has, one behind the other, on the connection that it uses. */
async function letLateWorkPass(redis: Redis): Promise<void> {
  for (let trip = 0; trip < 30; trip += 1) await redis.ping();
}

test.each(['killed', 'frozen'])('no mutation is carried out late when Redis was %s', async (how) => {
  const own = await OwnRedis.launch();
  const path = await createJobPath({ url: own.url });
  const limited = new JobCommands({
    ...{ ...path, workflows: STAGED_WORKFLOWS, clock: systemClock, logger: silentLogger },
    writeLimitMs: LIMIT_MS,
  });
  // From then on they know what time it is at Redis.
  await until(() =>
    limited.enqueue({ ...FIELDS, projectId: 'other', input: { script: 'a' } }).then(Boolean, () => false),
  );
  const prepared = await prepare(path);
  const before = await prepared.read();
  if (how === 'killed') await own.stop();
  else own.freeze();
  const codes = await codesOf(prepared.mutationsBy(limited));
  if (how === 'killed') await own.start();
  else own.thaw();
  await letLateWorkPass(path.redis);

  expect(new Set(Object.values(codes))).toEqual(new Set(['UNAVAILABLE']));
  expect(await prepared.read()).toEqual(before);
  // And each of them is, asked for again.
  const again = await codesOf(prepared.mutationsBy(path.commands));
  expect(new Set(Object.values(again)).has('UNAVAILABLE')).toBe(false);
});

describe('a batch of which one item is written too late', () => {
  /** Commands whose second item of a batch is written after its time. */
  function latelyBy(path: JobPath, logger: Logger): JobCommands {
    const append: EventLog['append'] = (command) =>
      path.log.append(command.state.itemIndex === 1 ? { ...command, notAfter: 1 } : command);
    const create = path.log.create.bind(path.log);
    const log = Object.assign(Object.create(path.log) as EventLog, { append, create });
    return new JobCommands({ ...path, log, logger, workflows: STAGED_WORKFLOWS, clock: systemClock });
  }

  const line = (jobId: string) => ({
    ...{ level: 'warn', jobId, text: 'adding to the queue failed; the reconciler will add it' },
    err: { code: 'UNAVAILABLE', message: 'Redis carried the writes of a batch out too late' },
  });

  test('has no queue entry until the reconciler has made the item', async () => {
    const path = await createBatchPath();
    const logger = keepLog();
    const items = range(0, 2).map((index) => ({ script: `item ${index}` }));
    const batch = await latelyBy(path, logger).enqueueBatch({ ...FIELDS, projectId: path.projectId, items });
    expect(logger.lines).toMatchObject([line(batch.id)]);
    expect(await path.items(batch)).toMatchObject([{ itemIndex: 0 }, { itemIndex: 2 }]);
    expect(await path.queue.stateOf(batch.queueId)).toBe('missing');
    await path.reconciler.sweep();
    expect(await path.items(batch)).toHaveLength(3);
    expect(await path.queue.stateOf(batch.queueId)).toBe('waiting-for-items');
  });

  test('has none when it is retried either', async () => {
    const path = await createBatchPath();
    const { id, projectId } = await path.enqueueBatch(3);
    await path.commands.cancel(projectId, id);
    const logger = keepLog();
    const batch = await latelyBy(path, logger).retry(projectId, id);
    expect(logger.lines).toMatchObject([line(id)]);
    expect(await path.statuses(batch)).toEqual(['QUEUED', 'CANCELLED', 'QUEUED']);
    expect(await path.queue.stateOf(batch.queueId)).toBe('missing');
    await path.reconciler.sweep();
    expect(await path.statuses(batch)).toEqual(['QUEUED', 'QUEUED', 'QUEUED']);
    expect(await path.queue.stateOf(batch.queueId)).toBe('waiting-for-items');
  });
});

test('operations that were refused while Redis was away do not use up the limit per second', async () => {
  const own = await OwnRedis.launch();
  const path = await createJobPath({ url: own.url });
  const limit = new RateLimit(path.redis, path.keys, 1, 3);
  const before = { ...OPEN_VIEWER, id: 'somebody else' };
  await until(() =>
    limit.take(before).then(
      () => true,
      () => false,
    ),
  );
  own.freeze();
  const askedAt = performance.now();
  const takes = await Promise.allSettled([1, 2, 3].map(() => limit.take(OPEN_VIEWER)));
  expect(takes.map((take) => 'reason' in take && take.reason)).toMatchObject(
    takes.map(() => ({ code: 'UNAVAILABLE' })),
  );
  // A timer may fire a moment before their time is up.
  await until(() => performance.now() - askedAt > 2_100);
  own.thaw();
  await letLateWorkPass(path.redis);
  expect(await path.redis.exists(path.keys.auth.rate(OPEN_VIEWER.id))).toBe(0);
  await limit.take(OPEN_VIEWER);
});

test('a write in time is carried out also when the clock of Redis was put forward since it was asked', async () => {
  const redis = connect();
  let behindMs = 3_600_000;
  const asked = {
    on: () => {},
    time: async () => {
      const [seconds, micros] = await redis.time();
      return [Number(seconds) - behindMs / 1_000, Number(micros)];
    },
  };
  const clock = new ServerClock(asked as unknown as Redis);
  await clock.now();
  behindMs = 0;
  const deadline = new WriteDeadline(clock, 60_000);
  const codes: string[] = [];
  const key = unique('forward');
  await deadline.send(async (notAfter) => {
    const [seconds] = await redis.time();
    const code = Number(seconds) * 1_000 > notAfter ? 'LATE' : 'OK';
    codes.push(code);
    if (code === 'OK') await redis.set(key, '1', 'EX', 60);
    return { code };
  });
  expect(codes).toEqual(['LATE', 'OK']);
});
