/**
 * BullMQ 6.7.0: makes moving back an entry with a priority wake a worker.
 *
 * BullMQ's `moveToWait` wakes a waiting worker for an entry without a priority, through the marker on which it sleeps, but
 * fails to for one with a priority: the entry then waits for up to 5 s (`drainDelay`), until a worker looks by itself.
 *
 * Upstream: no issue was found. It can go when the second test of test/queue/hand-back.test.ts fails.
 */
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** @param token with which the entry was taken */
export async function moveToWaitWoken<Data>(
  entry: Job<Data, void>,
  token: string | undefined,
  { queue, redis }: { readonly queue: Pick<Queue, 'toKey'>; readonly redis: Redis },
): Promise<void> {
  await entry.moveToWait(token);
  // As BullMQ's scripts do (addBaseMarkerIfNeeded.lua). A worker that finds nothing goes back to sleep.
  await redis.zadd(queue.toKey('marker'), 0, '0');
}
