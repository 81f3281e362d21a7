/** An entry that stalls in a process and is taken again by the same one: its two runs have locks of their own. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { EntryTwiceWorker } from '../../src/patches/bullmq-entry-twice.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';

const ID = 'entry';

interface Outcome {
  /** Whether the failed renewal of the first run’s lock counts against the second. */
  readonly isSecondLost: boolean;
  /** Whether the second run’s lock is renewed once the first has ended. */
  readonly isSecondRenewed: boolean;
}

async function takeTwice(Kind: typeof Worker<unknown, void>): Promise<Outcome> {
  const connection = { url: inject('redisUrl') };
  const name = unique('twice');
  const redis = new Redis(connection.url);
  const queue = new Queue(name, { connection });
  const runs: { readonly token: string; readonly end: () => void }[] = [];
  const ended: string[] = [];
  class ToldWorker extends Kind {
    override async processJob(...[job, token, next]: Parameters<Worker['processJob']>) {
      try {
        return await super.processJob(job, token, next);
      } finally {
        ended.push(token);
      }
    }
  }
  const worker = new ToldWorker(
    name,
    (_entry, token = '') => {
      const { promise, resolve } = Promise.withResolvers<void>();
      runs.push({ token, end: resolve });
      return promise;
    },
    {
      ...{ connection, concurrency: 2, maxStalledCount: 9, stalledInterval: 50 },
      ...{ lockDuration: 30_000, lockRenewTime: 3_600_000 },
    },
  );
  onTestFinished(async () => {
    for (const { end } of runs) end();
    await worker.close();
    await queue.close();
    redis.disconnect();
  });
  worker.on('error', () => {});
  await queue.add('task', {}, { jobId: ID });
  await until(() => runs.length === 1);
  await redis.del(queue.toKey(`${ID}:lock`));
  await until(() => runs.length === 2);
  // A renewal is refused once the entry is marked as one that may have stalled.
  await until(async () => (await redis.smembers(queue.toKey('stalled'))).includes(ID));
  const lost = await worker.extendJobLocks([ID], [runs[0]?.token ?? ''], 30_000);
  runs[0]?.end();
  await until(() => ended.length === 1);
  const { lockManager } = worker as unknown as { readonly lockManager: { getTrackedJobIds(): string[] } };
  return { isSecondLost: lost.includes(ID), isSecondRenewed: lockManager.getTrackedJobIds().includes(ID) };
}

test('the first run takes no lock from the second', async () => {
  expect(await takeTwice(EntryTwiceWorker)).toEqual({ isSecondLost: false, isSecondRenewed: true });
});

test('BullMQ’s own worker still needs src/patches/bullmq-entry-twice.ts', async () => {
  expect(await takeTwice(Worker)).toEqual({ isSecondLost: true, isSecondRenewed: false });
});
