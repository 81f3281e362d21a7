/** Takes entries from the queue and has the runner carry them out. */
import { type Job, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from '../core/logger.ts';
import { type Runner, retryDelay } from '../jobs/run.ts';
import type { Keys } from '../redis/keys.ts';
import { followStarts } from './fairness.ts';
import { type JobQueue, QUEUE_NAME, type QueueEntry, queueTelemetry } from './queue.ts';

/** BullMQ's worker, which takes nothing any more once it closes. */
export class QueueWorker extends Worker<QueueEntry, void> {
  /**
   * BullMQ asks for no further entry then, but one that it was waiting for when it closed it still takes: usually the one
   * that this worker is handing back.
   */
  protected override async moveToActive(token: string, name?: string): Promise<Job<QueueEntry, void>> {
    // Its callers take undefined for an empty queue; BullMQ's types are not strict.
    if (this.closing !== undefined) return undefined as unknown as Job<QueueEntry, void>;
    return super.moveToActive(token, name);
  }
}

interface QueueWorkerParts {
  /** BullMQ makes another like it, for its blocking wait. */
  readonly connection: Redis;
  readonly keys: Keys;
  readonly queue: JobQueue;
  readonly runner: Runner;
  readonly logger: Logger;
}

type QueueWorkerOptions = Pick<
  WorkerOptions,
  'concurrency' | 'lockDuration' | 'lockRenewTime' | 'stalledInterval' | 'maxStalledCount'
>;

/** Begins to take entries at once. Lost locks stop the work that they were for (G4). */
export function startQueueWorker(
  { connection, keys, logger, queue, runner }: QueueWorkerParts,
  options: QueueWorkerOptions,
): QueueWorker {
  const worker = new QueueWorker(QUEUE_NAME, (entry, token) => runner.process(entry, token), {
    connection,
    prefix: keys.queuePrefix,
    settings: { backoffStrategy: retryDelay },
    ...queueTelemetry(),
    ...options,
  });
  worker.on('error', (err) => logger.warn({ err }, 'queue worker'));
  followStarts(worker, queue, (err) => logger.warn({ err }, 'noting the start of a job failed'));
  // BullMQ only says so; the work itself must be stopped here.
  worker.on('lockRenewalFailed', (queueIds) => {
    for (const attempt of runner.running) if (queueIds.includes(attempt.queueId)) attempt.stop('lost');
  });
  return worker;
}
