/** The limits of this room where nobody sets others: what operators are promised rests on them. */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { range } from '../setup/harness.ts';
import { createJobPath } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';

interface Pause {
  readonly durationMs: number;
  readonly signal: AbortSignal;
  end(): void;
}

/** Makes each pause of the test end when the test says so. */
function holdPauses(): readonly Pause[] {
  const pauses: Pause[] = [];
  const held = (durationMs = 0, _value: unknown, { signal = AbortSignal.abort() } = {}): Promise<never> =>
    new Promise<never>((end, reject) => {
      pauses.push({ durationMs, signal, end: end as () => void });
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  const spy = vi.spyOn(timers, 'setTimeout').mockImplementation(held);
  syncBuiltinESMExports();
  onTestFinished(() => {
    spy.mockRestore();
    syncBuiltinESMExports();
  });
  return pauses;
}

const HOUR_MS = 3_600_000;

/** The same client; `work` is done with each page that it finds in a sorted set. */
function eachPage(redis: Redis, key: string, work: (page: readonly string[]) => unknown): Redis {
  const zrangebyscore = async (...args: Parameters<Redis['zrangebyscore']>): Promise<string[]> => {
    const page = await redis.zrangebyscore(...args);
    if (args[0] === key) await work(page);
    return page;
  };
  return new Proxy(redis, {
    get: (target, name) => {
      const value: unknown = name === 'zrangebyscore' ? zrangebyscore : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('the files of a job have ten seconds to go before the next job has its turn', async () => {
  const path = await createJobPath();
  const { clock, keys, projectId, redis } = path;
  clock.time = Date.now() + HOUR_MS;
  await redis.zadd(keys.retired, 1, `${projectId}|slow`, 2, `${projectId}|quick`);
  const asked: string[] = [];
  const store = Promise.withResolvers<void>();
  const removeJob = async (_projectId: string, jobId: string): Promise<void> => {
    asked.push(jobId);
    if (jobId === 'slow') await store.promise;
  };
  const logger = keepLog();
  const pauses = holdPauses();
  const sweep = path.createReconciler({ files: { removeJob }, logger }).sweep();
  await until(() => asked.length === 1);
  expect(pauses).toMatchObject([{ durationMs: 10_000 }]);
  pauses[0]?.end();
  await sweep;
  expect(asked).toEqual(['slow', 'quick']);
  // Nothing waits for a removal that is over.
  expect(pauses.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  expect(logger.lines).toMatchObject([
    {
      ...{ text: 'removing ended jobs failed; trying again later', failed: 1, member: `${projectId}|slow` },
      err: { message: 'expected the files of a job to go within 10 s' },
    },
  ]);
  store.resolve();
  await until(async () => (await redis.zcard(keys.retired)) === 0);
});

test('a sweep removes twenty pages of jobs at most', async () => {
  const path = await createJobPath();
  const { keys, projectId } = path;
  const makeDue = (number: number) => path.redis.zadd(keys.retired, 1, `${projectId}|job-${number}`);
  await makeDue(0);
  const gone: string[] = [];
  const removeJob = async (_projectId: string, jobId: string): Promise<void> => void gone.push(jobId);
  // One more is due with each page that is read.
  const redis = eachPage(path.redis, keys.retired, () => makeDue(gone.length + 1));
  await path.createReconciler({ files: { removeJob }, redis }).sweep();
  expect(gone).toEqual(range(0, 19).map((number) => `job-${number}`));
});

test('a sweep goes on to the next page of unended jobs for half a second', async () => {
  const path = await createJobPath();
  const { keys, projectId } = path;
  const members = range(1, 1_501).map((number) => `${projectId}|${number}`);
  await path.redis.zadd(keys.unended, ...members.flatMap((member) => [Date.now(), member]));
  let now = 0;
  const time = vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => time.mockRestore());
  const pages: number[] = [];
  const redis = eachPage(path.redis, keys.unended, (page) => {
    pages.push(page.length / 2);
    now += 250;
  });
  const reconciler = path.createReconciler({ graceMs: HOUR_MS, redis });
  await reconciler.sweep();
  expect(pages).toEqual([500, 500]);
  await reconciler.sweep();
  expect(pages).toEqual([500, 500, 500, 1]);
  await reconciler.sweep();
  expect(pages).toEqual([500, 500, 500, 1, 500, 500]);
});

test('a batch that was woken early looks again after two seconds', async () => {
  const path = await createBatchPath();
  const { runner } = await path.startWorker();
  const held = path.hold(0);
  const { id: jobId, projectId, queueId: id } = await path.enqueueBatch(1);
  await held.entered();
  const lost = new AbortController().signal;
  const outcome = await runner.carryOut({
    id,
    projectId,
    jobId,
    basis: null,
    attempt: 1,
    retriesLeft: 0,
    lost,
  });
  expect(outcome).toEqual({ kind: 'items-are-left', againMs: 2_000 });
  held.release();
  await path.ended(jobId);
});
