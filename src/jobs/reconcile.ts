/**
 * The reconciler repairs what crashes leave half-done. Every worker runs one; two at the same time do no harm.
 *
 *   snapshot          | queue entry           | what is done
 *   missing           | any                   | forget the id (its mutation failed before the append), when no write
 *                     |                       | for it can come any more (watch.ts)
 *   ended             | any                   | retire: data and files go after the retention time
 *   not ended         | missing               | add the entry again; of a batch: make what is missing of its items first
 *   not ended         | failed                | last event, code WORKER_LOST (failed by the stall limit, not by the runner);
 *                     |                       | of a batch: add it again
 *   not ended         | waiting, active, …    | nothing; a batch without open items gets its last event
 *   gone, but its files are counted                   | their count is taken back (once an hour, disk-usage.ts)
 *   item, not ended, whose batch has ended    | last event, code CANCELLED (its batch's cancellation was cut off)
 */
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { currentTracing, withinTrace } from '../core/tracing.ts';
import type { ErrorEvent } from '../progress/events.ts';
import type { JobStore } from '../progress/job-store.ts';
import { type EventLog, newTag } from '../progress/log.ts';
import { endedJob, hasEnded, itemIds, type JobState } from '../progress/state.ts';
import type { Keys } from '../redis/keys.ts';
import { fillBatch, finishBatch, reportEnd } from './batch.ts';
import type { DiskUsage } from './disk-usage.ts';
import type { JobFileStore } from './files.ts';
import { cancelledEvent, lostEvent } from './job-events.ts';
import { addToQueue, type JobQueue, removeFromQueue } from './queue.ts';
import { rewatch } from './rewatch.ts';
import { FORGET_AFTER_MS, forget, memberOf } from './watch.ts';

export interface ReconcilerParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly usage: DiskUsage;
  readonly files: JobFileStore;
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
  /** The same for the projects. */
  #projectsOffset = 0;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#graceMs = parts.graceMs ?? 5_000;
  }

  /** One pass over a page of unended jobs and the retired ones that are due. */
  async sweep(): Promise<void> {
    this.#projectsOffset = await rewatch(this.#parts, this.#projectsOffset, this.#parts.clock.now());
    await this.#sweepUnended();
    await this.#sweepRetired();
    await this.#parts.usage.recountDue(this.#parts.jobs);
  }

  /** Notes that jobs have ended, so that their data goes after the retention time; an item's goes with its batch. */
  async retire(states: readonly JobState[]): Promise<void> {
    const { redis, keys, retentionMs, clock, jobs } = this.#parts;
    const ended = states.map((state) => ({
      state,
      member: memberOf(state),
      endedAt: state.finishedAt ?? clock.now(),
    }));
    const own = ended.filter(({ state }) => state.parentId === null);
    const scores = own.flatMap(({ endedAt, member }) => [endedAt + retentionMs, member]);
    if (scores.length > 0) await redis.zadd(keys.retired, ...scores);
    // Put under watch after its end: a retry is on its way.
    const latest = clock.now() - FORGET_AFTER_MS;
    const watched = ended.map(({ endedAt, member }) => ({ member, upTo: Math.max(endedAt, latest) }));
    await forget(redis, keys.unended, watched);
    // Retried since `state` was read? Then it must stay under watch, or nobody would notice that its workers died.
    const ids = states.map(({ id, projectId }) => ({ jobId: id, projectId }));
    for (const [index, status] of (await jobs.statuses(ids)).entries()) {
      if (status === null || hasEnded(status)) continue;
      const member = ended[index]?.member ?? '';
      await redis.zadd(keys.unended, clock.now(), member);
      await redis.zrem(keys.retired, member);
    }
  }

  async #sweepUnended(): Promise<void> {
    const { clock, jobs, keys, logger, redis } = this.#parts;
    const until = clock.now() - this.#graceMs;
    const members = await redis.zrangebyscore(keys.unended, 0, until, 'LIMIT', this.#offset, PAGE);
    this.#offset = members.length < PAGE ? 0 : this.#offset + PAGE;
    const ids = members.map(splitMember);
    const states = await jobs.loadMany(ids);
    const batches = await this.#batchesOf(states);
    for (const [index, state] of states.entries()) {
      const member = members[index] ?? '';
      // One job that fails every time must not keep the others from their repair.
      await (state === null
        ? this.#forget(member)
        : this.#reconcile(state, batches.get(state.parentId ?? ''))
      ).catch((error: unknown) => logger.error({ err: error, member }, 'reconciling a job failed'));
    }
  }

  /** A job that is not there, with whatever files a removal that was cut off has left. */
  async #forget(member: string): Promise<void> {
    const { clock, keys, redis } = this.#parts;
    const upTo = clock.now() - FORGET_AFTER_MS;
    if (Number((await redis.zscore(keys.unended, member)) ?? upTo) > upTo) return;
    const { projectId, jobId } = splitMember(member);
    await this.#removeRest(projectId, jobId);
    await forget(redis, keys.unended, [{ member, upTo }]);
  }

  /** The batches that these jobs are items of, by id. */
  async #batchesOf(states: readonly (JobState | null)[]): Promise<ReadonlyMap<string, JobState>> {
    const parents = new Map(
      states.flatMap((state) =>
        state?.parentId == null ? [] : [[state.parentId, state.projectId] as const],
      ),
    );
    const ids = [...parents].map(([jobId, projectId]) => ({ projectId, jobId }));
    const found = (await this.#parts.jobs.loadMany(ids)).filter((state) => state !== null);
    return new Map(found.map((state) => [state.id, state]));
  }

  /** @param batch that the job is an item of, as read after the job */
  async #reconcile(state: JobState, batch: JobState | undefined): Promise<void> {
    if (hasEnded(state.status)) return this.retire([state]);
    const { clock, queue } = this.#parts;
    if (state.parentId !== null && (batch === undefined || hasEnded(batch.status))) {
      await this.#close(state, cancelledEvent(state, clock.now()));
      return;
    }
    const entry = await queue.getJobState(state.queueId);
    if (entry === 'unknown') await this.#addAgain(state, batch);
    else if (state.itemCount > 0 && entry !== 'active') await this.#finish(state, entry === 'failed');
    else if (entry === 'failed') await this.#closeLost(state);
  }

  async #addAgain(state: JobState, batch: JobState | undefined): Promise<void> {
    const { jobs, logger, queue } = this.#parts;
    // Read again: the entry of a job that ended just now is gone too.
    const now = await jobs.load(state.projectId, state.id);
    if (now === null || hasEnded(now.status) || now.queueId !== state.queueId) return;
    logger.warn({ jobId: state.id, projectId: state.projectId }, 'a job had no queue entry; added again');
    const place = currentTracing() && (await jobs.loadTrace(state.projectId, state.id));
    await withinTrace(place ?? null, () => {
      if (now.itemCount > 0) return fillBatch(this.#parts, now);
      const attemptBase = now.status === 'QUEUED' ? now.attemptBase : now.attempt;
      return addToQueue(queue, { ...now, attemptBase }, { batch });
    });
  }

  /**
   * Ends a batch whose entry still waits although no item is left: an item's entry went without being seen to.
   * A failed entry of a batch with open items goes, and the next sweep adds it again: its items still run.
   */
  async #finish(batch: JobState, failed: boolean): Promise<void> {
    const finished = await finishBatch(this.#parts, batch);
    if (finished !== null) await this.retire([finished]);
    if (finished !== null || failed) await removeFromQueue(this.#parts.queue, batch.queueId);
  }

  async #closeLost(state: JobState): Promise<void> {
    const { clock, logger, queue } = this.#parts;
    const reason = (await queue.getJob(state.queueId))?.failedReason ?? 'unknown';
    if (!(await this.#close(state, lostEvent(state, clock.now(), { reason })))) return;
    logger.error({ jobId: state.id, projectId: state.projectId, reason }, 'a job lost its workers');
  }

  /** @returns false when the job moved on or ended meanwhile, and the next sweep looks again */
  async #close(state: JobState, event: ErrorEvent): Promise<boolean> {
    const { clock, log } = this.#parts;
    const ended = endedJob(state, event, clock.now());
    const outcome = await log.append({ mode: 'close', tag: newTag(), event, state: ended });
    if (outcome.code !== 'OK') return false;
    await this.retire([ended]);
    const how = ended.status === 'CANCELLED' ? 'cancelled' : 'failed';
    await reportEnd(log, ended, outcome.batchAttempt, how, clock.now());
    return true;
  }

  async #sweepRetired(): Promise<void> {
    const { clock, keys, logger, redis } = this.#parts;
    const due = await redis.zrangebyscore(keys.retired, 0, clock.now(), 'LIMIT', 0, PAGE);
    for (const member of due) {
      await this.#removeRetired(member).catch((error: unknown) =>
        logger.error({ err: error, member }, 'removing an ended job failed'),
      );
    }
  }

  /**
   * Removes a retired job wholly, or leaves it wholly: whether it may go is decided in the step that takes its snapshot
   * away, and its files go after that. Should this be cut off, the next sweep finds no snapshot and removes the files.
   */
  async #removeRetired(member: string): Promise<void> {
    const { clock, jobs, keys, redis, retentionMs } = this.#parts;
    const { projectId, jobId } = splitMember(member);
    const now = clock.now();
    const state = await jobs.load(projectId, jobId);
    if (state !== null && hasEnded(state.status)) {
      // Items of a batch that goes must be found also when this is cut off. They stay while their batch does.
      const items = itemIds(state).map((id) => `${projectId}|${id}`);
      if (items.length > 0) await redis.zadd(keys.retired, ...items.flatMap((item) => [now, item]));
      const batch = state.parentId === null ? null : await jobs.load(projectId, state.parentId);
      if (batch !== null && hasEnded(batch.status)) {
        await redis.zadd(keys.retired, (batch.finishedAt ?? now) + retentionMs, member);
        return;
      }
      if (!(await jobs.remove(state))) return forget(redis, keys.retired, [{ member, upTo: now }]);
      await this.#removeRest(projectId, jobId);
      for (const item of items) await this.#removeRetired(item);
    } else if (state === null) {
      await this.#removeRest(projectId, jobId);
    }
    await forget(redis, keys.retired, [{ member, upTo: now }]);
  }

  /** Files first: what is counted is never less than what is there. */
  async #removeRest(projectId: string, jobId: string): Promise<void> {
    const { files, queue, usage } = this.#parts;
    await files.removeJob(projectId, jobId);
    await usage.drop(projectId, jobId);
    // The entry of a first run that failed, which may hold the input (queue.ts): BullMQ would keep it for a day.
    await removeFromQueue(queue, jobId);
  }
}

function splitMember(member: string): { readonly projectId: string; readonly jobId: string } {
  const at = member.indexOf('|');
  return { projectId: member.slice(0, at), jobId: member.slice(at + 1) };
}
