/** An entry that is handed back wakes a worker that waits, whatever its priority. */
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { moveToWaitWoken } from '../../src/patches/bullmq-woken-hand-back.ts';
import { unique } from '../setup/harness.ts';

const TOKEN = 'token';

type HandBack = (entry: Job, parts: { readonly queue: Queue; readonly redis: Redis }) => Promise<unknown>;

/** @returns whether a worker that waits is woken once a taken entry is handed back */
async function wakes(handBack: HandBack): Promise<boolean> {
  const connection = { url: inject('redisUrl') };
  const queue = new Queue(unique('hand-back'), { connection });
  const redis = new Redis(connection.url);
  const worker = new Worker(queue.name, null, { connection, autorun: false });
  onTestFinished(async () => {
    await worker.close();
    await queue.close();
    redis.disconnect();
  });
  await queue.add('task', {}, { priority: 7 });
  const entry = await worker.getNextJob(TOKEN, { block: false });
  await redis.del(queue.toKey('marker'));
  await handBack(entry as Job, { queue, redis });
  expect(await queue.getPrioritizedCount()).toBe(1);
  return (await redis.exists(queue.toKey('marker'))) === 1;
}

test('an entry with a priority wakes a worker when it is handed back', async () => {
  expect(await wakes((entry, parts) => moveToWaitWoken(entry, TOKEN, parts))).toBe(true);
});

test('BullMQ’s own moveToWait still needs src/patches/bullmq-woken-hand-back.ts', async () => {
  expect(await wakes((entry) => entry.moveToWait(TOKEN))).toBe(false);
});
