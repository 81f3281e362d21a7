/**
 * What the reconciler does about unended jobs whose snapshot is lost or can't be read. Other jobs never wait for any of it, and
 * nothing is changed while the queue may still run the job: another version may be able to read it.
 *
 *   lost                     | taken out of every list, so that it uses up no quota; anything else it left is removed
 *   readable in parts        | last event, code RECORD_DAMAGED
 *   not readable             | no longer counts as unfinished; shown as it is until the retention time is over
 *   item, lost or unreadable | made again from its batch's input
 *   of a workflow that this  | left for the reconciler of a worker that has the workflow; so is an item of such a
 *   process does not know    | batch
 */
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import type { DamagedRecords } from '../core/damaged-records.ts';
import type { Logger } from '../core/logger.ts';
import { DamagedJob, isReadable } from '../log/damaged-job.ts';
import { purgeJob } from '../log/job-repair.ts';
import type { JobStore } from '../log/job-store.ts';
import type { EventLog } from '../log/log.ts';
import type { ErrorEvent } from '../progress/events.ts';
import { batchIdOf, hasEnded, type JobState } from '../progress/state.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { Keys } from '../redis/keys.ts';
import { fillBatch } from './batch.ts';
import type { Workflows } from './definition.ts';
import { damagedEvent } from './job-events.ts';
import { forget, type WatchedJob } from './watch.ts';

interface DamagedJobsParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly damaged: DamagedRecords;
  readonly workflows: Workflows;
  readonly retentionMs: number;
  /** Writes a job's last event. @returns false when it was refused */
  readonly close: (state: JobState, event: ErrorEvent) => Promise<boolean>;
}

export class DamagedJobs {
  readonly #parts: DamagedJobsParts;

  constructor(parts: DamagedJobsParts) {
    this.#parts = parts;
  }

  /**
   * Purges jobs under watch that have no snapshot.
   * @returns the jobs that never had one, as far as is known
   */
  async clearLost(missing: readonly WatchedJob[]): Promise<readonly WatchedJob[]> {
    const { damaged, keys, queue } = this.#parts;
    const unknown: WatchedJob[] = [];
    const lost: WatchedJob[] = [];
    const others = await this.#batchesOfOthers(missing);
    for (const job of missing) {
      if (others.has(batchIdOf(job.jobId) ?? '')) continue;
      // An attempt that is running will notice and end; the item is made again after that.
      const mayRun = batchIdOf(job.jobId) !== null && (await queue.stateOf(job.jobId)) === 'active';
      if (mayRun) continue;
      const wasListed = await purgeJob(this.#parts, job, 'lost');
      (wasListed ? lost : unknown).push(job);
      if (wasListed)
        damaged.note('job', keys.project(job.projectId).job(job.jobId), 'expected a hash, it is gone');
    }
    await this.#replace(lost);
    return unknown;
  }

  /** Deals with a job that can't be read and has not ended, as far as is known. */
  async setAside(watched: WatchedJob, { salvaged, unknownWorkflow }: DamagedJob): Promise<void> {
    if (unknownWorkflow !== null) return;
    const { clock, close, queue } = this.#parts;
    const { jobId } = watched;
    const entry = await queue.stateOf(salvaged?.queueId || jobId);
    if (entry !== 'missing' && entry !== 'failed') return;
    if (salvaged !== null && (await close(salvaged, damagedEvent(salvaged, clock.now())))) return;
    if (batchIdOf(jobId) === null) await this.#giveUp(watched);
    else {
      await purgeJob(this.#parts, watched, 'any');
      await this.#replace([watched]);
    }
  }

  /** The ids of the jobs' batches whose workflow this process does not know. */
  async #batchesOfOthers(jobs: readonly WatchedJob[]): Promise<ReadonlySet<string>> {
    const found = await this.#parts.jobs.loadMany(batchesOf(jobs));
    const damaged = found.filter((batch) => batch instanceof DamagedJob);
    return new Set(damaged.filter((batch) => batch.unknownWorkflow !== null).map(({ jobId }) => jobId));
  }

  /** The job keeps its place in lists, where it is shown as it is. */
  async #giveUp({ member, projectId, jobId, since }: WatchedJob): Promise<void> {
    const { clock, keys, redis, retentionMs } = this.#parts;
    await redis.zadd(keys.retired, clock.now() + retentionMs, member);
    const { active, latest } = keys.project(projectId);
    await redis.multi().srem(active, jobId).zrem(latest, jobId).exec();
    await forget(redis, keys.unended, [{ member, upTo: since }]);
  }

  /** Makes lost items again if their batches have not ended; what the other jobs left becomes due for removal at once. */
  async #replace(lost: readonly WatchedJob[]): Promise<void> {
    if (lost.length === 0) return;
    const { clock, jobs, keys, logger, queue, redis } = this.#parts;
    const found = await jobs.loadMany(batchesOf(lost));
    const batches = found.filter(isReadable).filter(({ status }) => !hasEnded(status));
    const isItem = ({ jobId }: WatchedJob): boolean => batches.some(({ id }) => id === batchIdOf(jobId));
    const now = clock.now();
    const leftovers = lost.filter((job) => !isItem(job)).flatMap(({ member }) => [now, member]);
    if (leftovers.length > 0) await redis.zadd(keys.retired, ...leftovers);
    await forget(
      redis,
      keys.unended,
      lost.map(({ member, since }) => ({ member, upTo: since })),
    );
    // An entry that a worker failed because it found no snapshot would be taken for the new item's.
    for (const job of lost.filter(isItem)) await queue.remove(job.jobId);
    for (const batch of batches) {
      await fillBatch(this.#parts, batch).catch((error: unknown) =>
        logger.error({ err: error, jobId: batch.id }, 'restoring lost items of a batch failed'),
      );
    }
  }
}

/** The batches that jobs are items of, each once. */
function batchesOf(
  jobs: readonly WatchedJob[],
): readonly { readonly projectId: string; readonly jobId: string }[] {
  const batches = jobs.flatMap(({ projectId, jobId }) => {
    const batchId = batchIdOf(jobId);
    return batchId === null ? [] : [[batchId, { projectId, jobId: batchId }] as const];
  });
  return [...new Map(batches).values()];
}
