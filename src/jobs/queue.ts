/** The BullMQ queue: its name, its options, and what a queue entry holds. */
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from '../core/logger.ts';
import type { JobState } from '../progress/state.ts';
import type { Keys } from '../redis/keys.ts';

export const QUEUE_NAME = 'jobs';

/** A queue entry points to the snapshot, which holds everything else. */
export interface QueueEntry {
  readonly projectId: string;
  readonly jobId: string;
  /** Added to BullMQ's attemptsStarted to give the attempt. */
  readonly attemptBase: number;
}

export type JobQueue = Queue<QueueEntry, void, string>;

/** A connection for a queue that only adds, looks and removes. */
export function createQueue(connection: Redis, keys: Keys, logger: Logger): JobQueue {
  const queue: JobQueue = new Queue(QUEUE_NAME, {
    connection,
    prefix: keys.queuePrefix,
    streams: { events: { maxLen: 1_000 } },
    defaultJobOptions: {
      // The snapshot is the record (G9). Failed entries stay a while: the reconciler must see that a job was failed by
      // the stall limit, and not add it again.
      removeOnComplete: true,
      removeOnFail: { age: 24 * 3600, count: 10_000 },
      backoff: { type: 'custom' },
    },
  });
  queue.on('error', (error) => logger.warn({ err: error }, 'queue connection'));
  return queue;
}

/** Adds the entry for a job's present run; adding it twice leaves one (BullMQ keeps one entry per id). */
export async function addToQueue(queue: JobQueue, state: JobState): Promise<void> {
  const { projectId, id, attemptBase, queueId, maxAttempts } = state;
  const entry: QueueEntry = { projectId, jobId: id, attemptBase };
  const attempts = Math.max(1, maxAttempts - attemptBase);
  await queue.add(state.taskName, entry, { jobId: queueId, attempts });
}

/** Takes a job's entry out, unless a worker has it (the worker is told by other means). */
export async function removeFromQueue(queue: JobQueue, queueId: string): Promise<void> {
  const entry = await queue.getJob(queueId);
  await entry?.remove().catch(() => {
    // Locked: a worker has it and lets go by itself.
  });
}
