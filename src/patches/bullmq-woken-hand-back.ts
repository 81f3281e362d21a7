/**
 * BullMQ 6.7.0: an entry with a priority that is moved back wakes a worker.
 *
 * BullMQ's `moveToWait` tells a waiting worker of an entry without a priority, by the marker on which it sleeps, and forgets to
 * with one: the entry then waits until a worker looks by itself, for up to 5 s (`drainDelay`).
 *
 * Upstream: no issue of it was found. It can go when the second test of test/queue/hand-back.test.ts fails.
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
  // As BullMQ's scripts do it (addBaseMarkerIfNeeded.lua). A worker that finds nothing sleeps again.
  await redis.zadd(queue.toKey('marker'), 0, '0');
}
