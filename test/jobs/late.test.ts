/** What was answered with UNAVAILABLE is not carried out later than its deadline (docs/protocol.md), whatever it was. */
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { RateLimit } from '../../src/auth/rate-limit.ts';
import { OPEN_VIEWER } from '../../src/auth/viewer.ts';
import { ServerClock, WriteDeadline } from '../../src/redis/write-deadline.ts';
import { connect, OwnRedis, unique } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';

const LIMIT_MS = 300;
const FIELDS = { workflow: 'LIPSYNC', field: 'input' } as const;

interface Prepared {
  /** Every kind of mutation, none of which has been sent. */
  readonly mutations: Readonly<Record<string, () => Promise<unknown>>>;
  /** What the mutations would change. */
  read(): Promise<unknown>;
}

/** Jobs and batches on which each mutation would have an effect. */
async function prepare(path: JobPath): Promise<Prepared> {
  const { commands, projectId } = path;
  const batchOf = (items: number, idempotencyKey?: string) =>
    commands.enqueueBatch({
      ...{ ...FIELDS, projectId, idempotencyKey },
      items: Array.from({ length: items }, () => ({ script: 'an item' })),
    });
  const [job, batch] = [await path.enqueue(), await batchOf(2)];
  const [toRetry, batchToRetry, batchOfItem] = [await path.enqueue(), await batchOf(2), await batchOf(2)];
  for (const { id } of [toRetry, batchToRetry, batchOfItem]) await commands.cancel(projectId, id);
  return {
    mutations: {
      enqueue: () => path.enqueue({ idempotencyKey: 'late' }),
      enqueueBatch: () => batchOf(2, 'late'),
      'cancel a job': () => commands.cancel(projectId, job.id),
      'cancel a batch': () => commands.cancel(projectId, batch.id),
      'cancel an item': () => commands.cancel(projectId, `${batch.id}-0001`),
      'retry a job': () => commands.retry(projectId, toRetry.id),
      'retry a batch': () => commands.retry(projectId, batchToRetry.id),
      'retry an item': () => commands.retry(projectId, `${batchOfItem.id}-0000`),
    },
    read: async () => {
      const ids = await path.jobs.list(projectId, { items: true }, null, 100);
      const states = await path.jobs.loadMany(ids.map((jobId) => ({ projectId, jobId })));
      const queued = await path.queue.getJobCounts();
      return { head: await path.log.head(projectId), states, queued };
    },
  };
}

async function codesOf({ mutations }: Prepared): Promise<Record<string, string>> {
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
  const path = await createJobPath({ url: own.url, writeLimitMs: LIMIT_MS });
  const prepared = await prepare(path);
  const before = await prepared.read();
  if (how === 'killed') await own.stop();
  else await connect(own.url).client('PAUSE', 2_500, 'ALL');
  const codes = await codesOf(prepared);
  if (how === 'killed') await own.start();
  await letLateWorkPass(path.redis);

  expect(new Set(Object.values(codes))).toEqual(new Set(['UNAVAILABLE']));
  expect(await prepared.read()).toEqual(before);
  // And each of them is, asked for again.
  const again = await codesOf(prepared);
  expect(new Set(Object.values(again)).has('UNAVAILABLE')).toBe(false);
});

test('operations that were refused while Redis was away do not use up the limit per second', async () => {
  const own = await OwnRedis.launch();
  const path = await createJobPath({ url: own.url });
  const limit = new RateLimit(path.redis, path.keys, 1, 3);
  await limit.take({ ...OPEN_VIEWER, id: 'somebody else' });
  await connect(own.url).client('PAUSE', 2_500, 'ALL');
  const takes = await Promise.allSettled([1, 2, 3].map(() => limit.take(OPEN_VIEWER)));
  expect(takes.map((take) => 'reason' in take && take.reason)).toMatchObject(
    takes.map(() => ({ code: 'UNAVAILABLE' })),
  );
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
  const deadline = new WriteDeadline(clock, 5_000);
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
