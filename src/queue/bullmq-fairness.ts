/**
 * Fairness between projects: a project that enqueues 10,000 jobs does not hold up another project's single job.
 *
 * Start-time fair queueing (Goyal, Vin, Cheng: https://doi.org/10.1109/90.649569) on BullMQ's priorities. Each entry's priority
 * is its virtual start: one after its project's last entry, and not before the virtual time, which is the start of the entry
 * that was taken latest. So the entries of many projects interleave one by one, however many each has, and those of one project
 * keep their order.
 *
 * Everything begins anew when the queue is idle: nothing waits (or is parked), and the highest start has been taken. An empty
 * queue alone does not prove that, since an entry is added a moment after it was given its start: a burst has all of its starts
 * before the first of its entries. A highest start that is never taken (its job was cancelled, its worker died before it
 * recorded it) counts as taken after some seconds (take-starts.lua). At BullMQ's highest priority (2^21) entries are taken in
 * the order in which they came.
 */
import type { Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { Accumulator } from '../core/accumulator.ts';
import { TAKE_STARTS } from '../log/scripts.ts';
import { parkedKey } from './bullmq-parking.ts';
import type { Placing } from './job-queue.ts';

/** The highest priority that BullMQ takes. */
const HIGHEST = 2 ** 21;
const NOTE_WAIT_MS = 10;

/**
 * KEYS 1 state  ARGV 1 start of an entry that was taken. The virtual time never goes back, nor beyond the starts that it has given.
 */
const NOTE_START = `
local state = redis.call('HMGET', KEYS[1], 'now', 'highest')
local start = tonumber(ARGV[1])
if start > tonumber(state[1] or 0) and start <= tonumber(state[2] or 0) then
  redis.call('HSET', KEYS[1], 'now', start)
end`;

/** The key of the virtual times. */
export function fairnessKey(queue: Pick<Queue, 'toKey'>): string {
  return queue.toKey('fairness');
}

export function placingOf(queue: Pick<Queue, 'toKey'>): Placing {
  const waitingKey = queue.toKey('prioritized');
  return { stateKey: fairnessKey(queue), waitingKey, parkedKey: parkedKey(queue), highest: HIGHEST };
}

/** The priorities for a project's next entries, in their order: whole numbers from 1, lower ones are taken first. */
export async function takePriorities(
  redis: Redis,
  { highest, parkedKey: parked, stateKey: startsKey, waitingKey }: Placing,
  projectId: string,
  count: number,
): Promise<readonly number[]> {
  const first = await TAKE_STARTS.run<number>(
    redis,
    { startsKey, waitingKey, parkedKey: parked },
    { project: projectId, starts: count, highestStart: highest },
  );
  return Array.from({ length: count }, (_, index) => Math.min(first + index, highest));
}

/**
 * Advances the virtual time with the entries that this worker takes. It may be up to NOTE_WAIT_MS late, so that a project that
 * enqueues just then is placed before the entries that were taken meanwhile.
 */
export function followStarts(
  worker: Pick<Worker, 'on'>,
  redis: Redis,
  stateKey: string,
  onError: (error: unknown) => void,
): void {
  const starts = new Accumulator<number>(NOTE_WAIT_MS, (taken) =>
    redis.eval(NOTE_START, 1, stateKey, Math.max(...taken)).catch(onError),
  );
  worker.on('active', ({ priority }: Pick<Job, 'priority'>) => {
    if (priority > 0) starts.add(priority);
  });
}
