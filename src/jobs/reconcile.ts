/**
 * The reconciler repairs what crashes leave half-done. Every worker runs one; two at the same time do no harm.
 *
 *   snapshot          | queue entry           | what is done
 *   missing           | any                   | forget the id (its mutation failed before the append)
 *   ended             | any                   | retire: data and files go after the retention time
 *   not ended         | missing               | add the entry again
 *   not ended         | failed                | last event, code WORKER_LOST (failed by the stall limit, not by the runner)
 *   not ended         | waiting, active, …    | nothing
 */
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { ErrorEvent } from '../progress/events.ts';
import type { JobStore } from '../progress/job-store.ts';
import { type EventLog, newTag } from '../progress/log.ts';
import { endedJob, hasEnded, type JobState } from '../progress/state.ts';
import type { Keys } from '../redis/keys.ts';
import type { FolderStore } from './files.ts';
import { addToQueue, type JobQueue } from './queue.ts';

export interface ReconcilerParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly files: FolderStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long an ended job and its files are kept (G9). */
  readonly retentionMs: number;
  /** A job younger than this is left to the mutation that makes it; default 5 s. */
  readonly graceMs?: number;
}

const PAGE = 500;

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #graceMs: number;
  /** Where the next sweep begins: `unended` may be longer than one page. */
  #offset = 0;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#graceMs = parts.graceMs ?? 5_000;
  }

  /** One pass over a page of unended jobs and the retired ones that are due. */
  async sweep(): Promise<void> {
    await this.#sweepUnended();
    await this.#sweepRetired();
  }

  /** Notes that a job has ended, so that its data goes after the retention time. */
  async retire(state: JobState): Promise<void> {
    const { redis, keys, retentionMs, clock, jobs } = this.#parts;
    const member = `${state.projectId}|${state.id}`;
    await redis.zadd(keys.retired, (state.finishedAt ?? clock.now()) + retentionMs, member);
    await redis.zrem(keys.unended, member);
    // Retried since `state` was read? Then it must stay under watch, or nobody would notice that its workers died.
    const now = await jobs.load(state.projectId, state.id);
    if (now === null || hasEnded(now.status)) return;
    await redis.zadd(keys.unended, clock.now(), member);
    await redis.zrem(keys.retired, member);
  }

  async #sweepUnended(): Promise<void> {
    const { clock, jobs, keys, logger, redis } = this.#parts;
    const until = clock.now() - this.#graceMs;
    const members = await redis.zrangebyscore(keys.unended, 0, until, 'LIMIT', this.#offset, PAGE);
    this.#offset = members.length < PAGE ? 0 : this.#offset + PAGE;
    const ids = members.map(splitMember);
    const states = await jobs.loadMany(ids);
    for (const [index, state] of states.entries()) {
      const member = members[index] ?? '';
      // One job that fails every time must not keep the others from their repair.
      await (state === null ? redis.zrem(keys.unended, member) : this.#reconcile(state)).catch(
        (error: unknown) => logger.error({ err: error, member }, 'reconciling a job failed'),
      );
    }
  }

  async #reconcile(state: JobState): Promise<void> {
    if (hasEnded(state.status)) return this.retire(state);
    const { logger, queue } = this.#parts;
    const entry = await queue.getJobState(state.queueId);
    if (entry === 'unknown') {
      // Read again: the entry of a job that ended just now is gone too.
      const now = await this.#parts.jobs.load(state.projectId, state.id);
      if (now === null || hasEnded(now.status) || now.queueId !== state.queueId) return;
      logger.warn({ jobId: state.id, projectId: state.projectId }, 'a job had no queue entry; added again');
      await addToQueue(queue, {
        ...now,
        attemptBase: now.status === 'QUEUED' ? now.attemptBase : now.attempt,
      });
    } else if (entry === 'failed') {
      await this.#closeLost(state);
    }
  }

  async #closeLost(state: JobState): Promise<void> {
    const { clock, log, logger, queue } = this.#parts;
    const reason = (await queue.getJob(state.queueId))?.failedReason ?? 'unknown';
    const now = clock.now();
    const event: ErrorEvent = {
      type: 'ErrorEvent',
      projectId: state.projectId,
      jobId: state.id,
      taskName: state.taskName,
      attempt: state.attempt,
      timestamp: new Date(now).toISOString(),
      error: 'The workers that ran this job died or stalled too often',
      code: 'WORKER_LOST',
      details: { reason },
      willRetry: false,
      retryAfterSeconds: null,
    };
    const lost = endedJob(state, event, now);
    const outcome = await log.append({ mode: 'close', tag: newTag(), event, state: lost });
    // Anything but OK: the job moved on or ended meanwhile, and the next sweep looks again.
    if (outcome.code !== 'OK') return;
    logger.error({ jobId: state.id, projectId: state.projectId, reason }, 'a job lost its workers');
    await this.retire(lost);
  }

  async #sweepRetired(): Promise<void> {
    const { clock, files, jobs, keys, redis } = this.#parts;
    const due = await redis.zrangebyscore(keys.retired, 0, clock.now(), 'LIMIT', 0, PAGE);
    for (const member of due) {
      const { projectId, jobId } = splitMember(member);
      const state = await jobs.load(projectId, jobId);
      if (state === null || hasEnded(state.status)) {
        await files.removeJob(projectId, jobId);
        if (state !== null) await jobs.remove(state);
      }
      await redis.zrem(keys.retired, member);
    }
  }
}

function splitMember(member: string): { readonly projectId: string; readonly jobId: string } {
  const at = member.indexOf('|');
  return { projectId: member.slice(0, at), jobId: member.slice(at + 1) };
}
