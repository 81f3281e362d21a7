/**
 * The reconciler repairs what crashes leave half-done. Every worker runs one; two at the same time do no harm.
 *
 *   snapshot          | queue entry           | what is done
 *   missing           | any                   | forget the id (its mutation failed before the append), once no write
 *                     |                       | for it can come any more (watch.ts)
 *   ended             | any                   | retire: data and files are removed after the retention time (retirement.ts);
 *                     |                       | of a batch: once its own entry is gone
 *   not ended         | missing               | add the entry again; of a batch: make what is missing of its items first
 *   not ended         | failed                | last event, code WORKER_LOST (failed by the stall limit, not by the runner);
 *                     |                       | of a batch: add it again
 *   not ended         | delayed for longer    | taken next (retry-waits.ts)
 *                     | than was announced    |
 *   not ended         | waiting, active, …    | nothing; a batch without open items gets its last event
 *   gone, but its files are counted                   | their count is subtracted (once an hour, disk-usage.ts)
 *   item, not ended, whose batch has ended    | last event, code CANCELLED (its batch's cancellation was interrupted)
 *   tracked, not ended: has no entry          | put on the list of leases (lease-watch.ts), which has a pass of its own
 */

import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import { DamagedRecords } from '../core/damaged-records.ts';
import { type Logger, silentLogger } from '../core/logger.ts';
import { repeat } from '../core/repeat.ts';
import { singleFlight } from '../core/single-flight.ts';
import { currentTracing, withinTrace } from '../core/tracing.ts';
import { DamagedJob, type FoundJob, isReadable, readableOf } from '../log/damaged-job.ts';
import { recountItems } from '../log/job-repair.ts';
import type { JobStore } from '../log/job-store.ts';
import type { EventLog } from '../log/log.ts';
import type { ErrorEvent } from '../progress/events.ts';
import { endedJob, hasEnded, type JobState } from '../progress/state.ts';
import { newWriteId } from '../progress/write-id.ts';
import { DamagedEntry, type EntryState, type JobQueue } from '../queue/job-queue.ts';
import { RetryWaits } from '../queue/retry-waits.ts';
import type { Keys } from '../redis/keys.ts';
import { fillBatch, finishBatch, reportEnd } from './batch.ts';
import { DamagedJobs } from './damaged-jobs.ts';
import type { Workflows } from './definition.ts';
import type { DiskUsage } from './disk-usage.ts';
import type { JobFileStore } from './files.ts';
import { cancelledEvent, lostEvent } from './job-events.ts';
import { LeaseWatch } from './lease-watch.ts';
import { Retirement, retire } from './retirement.ts';
import { rewatch } from './rewatch.ts';
import { FORGET_AFTER_MS, forget, splitMember, type WatchedJob } from './watch.ts';

export interface ReconcilerParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly usage: DiskUsage;
  readonly files: Pick<JobFileStore, 'removeJob'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly workflows: Workflows;
  /** How long an ended job and its files are kept (G9). */
  readonly retentionMs: number;
  /** A job younger than this is left to the mutation that makes it; default 3 s. */
  readonly graceMs?: number;
  /** A sweep goes on to the next page of unended jobs until it has taken this long; default 0.5 s. */
  readonly sweepMs?: number;
  /** How long the removal of one job's files is waited for; default 10 s. */
  readonly patienceMs?: number;
  /** How long a tracked job waits for its next attempt; default RETURN_MS. */
  readonly returnMs?: number;
  /** Notes records that can't be read; default: they are counted but not logged. */
  readonly damaged?: DamagedRecords;
}

const PAGE = 500;
const SWEEP_BUDGET_MS = 500;

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #graceMs: number;
  /**
   * For unended jobs, retired ones that are due, the counts of files, and leases: no pass overlaps itself, or waits for
   * another.
   */
  readonly #passes: readonly (() => Promise<void>)[];
  readonly #damagedJobs: DamagedJobs;
  readonly #retryWaits: RetryWaits;
  readonly #leases: LeaseWatch;
  /** Where the next sweep begins: `unended` may be longer than one sweep covers. */
  #offset = 0;
  /** The same for the projects. */
  #projectsOffset = 0;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#graceMs = parts.graceMs ?? 3_000;
    const damaged = parts.damaged ?? new DamagedRecords(silentLogger);
    this.#damagedJobs = new DamagedJobs({
      ...parts,
      damaged,
      close: (state, event) => this.#close(state, event),
    });
    this.#retryWaits = new RetryWaits(parts.queue, parts.clock, (err) =>
      parts.logger.warn({ err }, 'ending the wait of a retry failed'),
    );
    const { sweep } = new Retirement({ ...parts, damaged });
    const recount = singleFlight(() => parts.usage.recountDue(parts.jobs));
    this.#leases = new LeaseWatch(parts);
    this.#passes = [singleFlight(() => this.#sweepUnended()), sweep, recount, this.#leases.sweep];
  }

  /** Sweeps until it is stopped: each pass by itself, `pauseMs` after it last ended. */
  start(pauseMs: number): { stop(): void } {
    const { logger } = this.#parts;
    const loops = this.#passes.map((pass) =>
      repeat(() => pass().catch((err: unknown) => logger.warn({ err }, 'reconciling failed')), pauseMs),
    );
    return {
      stop: () => {
        for (const loop of loops) loop.stop();
      },
    };
  }

  /** Runs each pass once, or waits for the one that is under way. @throws the first error among them */
  async sweep(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#passes.map((pass) => pass()));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** Notes that jobs have ended, so that their data is removed after the retention time; an item's is removed with its batch. */
  async retire(states: readonly JobState[]): Promise<void> {
    await retire(this.#parts, states);
  }

  async #sweepUnended(): Promise<void> {
    const { clock, keys, redis } = this.#parts;
    this.#projectsOffset = await rewatch(this.#parts, this.#projectsOffset, clock.now());
    const { sweepMs = SWEEP_BUDGET_MS } = this.#parts;
    const began = performance.now();
    let isFull = true;
    while (isFull && performance.now() - began < sweepMs) {
      const range = [0, '+inf', 'WITHSCORES', 'LIMIT', this.#offset, PAGE] as const;
      const page = watchedOf(await redis.zrangebyscore(keys.unended, ...range));
      const left = await this.#repairPage(page.filter(({ since }) => this.#isDue(since)));
      isFull = page.length === PAGE;
      this.#offset = isFull ? this.#offset + PAGE - left : 0;
    }
  }

  /** A time in the future comes from a clock that was set back since, or from another machine's. */
  #isDue(since: number): boolean {
    return Math.abs(this.#parts.clock.now() - since) >= this.#graceMs;
  }

  /** @returns how many have left `unended`, as far as is known */
  async #repairPage(watched: readonly WatchedJob[]): Promise<number> {
    const { jobs, logger, queue } = this.#parts;
    const found = await jobs.loadMany(watched);
    // What is needed here can be read even from a damaged record.
    const isOver = (job: FoundJob): boolean => hasEnded(readableOf(job)?.status ?? 'QUEUED');
    const ended = found
      .filter(isOver)
      .map(readableOf)
      .filter((state) => state !== null);
    const unended = found.filter(isReadable).filter((state) => !isOver(state));
    const open = unended.filter(({ tracked }) => tracked === null);
    await this.#leases.note(unended.filter(({ tracked }) => tracked !== null));
    await this.#settleEnded(ended).catch((error: unknown) =>
      logger.error({ err: error, jobs: ended.length }, 'retiring ended jobs failed'),
    );
    const batches = await this.#batchesOf(open);
    const entries = await Promise.all(
      open.map(({ queueId }) => queue.stateOf(queueId).catch((error: unknown) => error as Error)),
    );
    // One job that fails every time must not keep the others from being repaired.
    const onError = (jobId: string) => (err: unknown) =>
      logger.error({ err, jobId }, 'reconciling a job failed');
    for (const [at, state] of open.entries()) {
      const batch = batches.get(state.parentId ?? '');
      await this.#reconcile(state, entries[at] ?? 'missing', batch).catch(onError(state.id));
    }
    for (const [at, job] of found.entries()) {
      const member = watched[at];
      if (!(job instanceof DamagedJob) || isOver(job) || member === undefined) continue;
      await this.#damagedJobs.setAside(member, job).catch(onError(job.jobId));
    }
    await this.#forget(watched.filter((_, at) => found[at] === null));
    return ended.length;
  }

  /** Forgets jobs that do not exist, and completes a removal that was interrupted. */
  async #forget(missing: readonly WatchedJob[]): Promise<void> {
    const { clock, keys, redis } = this.#parts;
    const upTo = clock.now() - FORGET_AFTER_MS;
    const unknown = await this.#damagedJobs.clearLost(missing);
    const forgotten = unknown.filter(({ since }) => since <= upTo);
    if (forgotten.length === 0) return;
    await redis.zadd(keys.retired, ...forgotten.flatMap(({ member }) => [upTo, member]));
    await forget(
      redis,
      keys.unended,
      forgotten.map(({ member }) => ({ member, upTo })),
    );
  }

  /** Finishes with jobs that have ended: a batch's own entry is removed, and they are retired. */
  async #settleEnded(states: readonly JobState[]): Promise<void> {
    const { queue } = this.#parts;
    // A batch whose entry a worker holds stays under watch until the entry is gone.
    const free = await Promise.all(
      states.map(async ({ itemCount, queueId }) => itemCount === 0 || queue.remove(queueId)),
    );
    await this.retire(states.filter((_, at) => free[at]));
  }

  /** The batches that these jobs are items of, by id. */
  async #batchesOf(states: readonly JobState[]): Promise<ReadonlyMap<string, JobState | DamagedJob>> {
    const parents = new Map(
      states.flatMap(({ parentId, projectId }) =>
        parentId === null ? [] : [[parentId, projectId] as const],
      ),
    );
    const ids = [...parents].map(([jobId, projectId]) => ({ projectId, jobId }));
    const found = (await this.#parts.jobs.loadMany(ids)).filter((batch) => batch !== null);
    return new Map(found.map((batch) => [batch instanceof DamagedJob ? batch.jobId : batch.id, batch]));
  }

  /**
   * @param entry the state of its queue entry, or why that could not be read
   * @param batch the one that the job is an item of, as read after the job
   */
  async #reconcile(
    state: JobState,
    entry: EntryState | Error,
    batch: JobState | DamagedJob | undefined,
  ): Promise<void> {
    const { clock } = this.#parts;
    if (entry instanceof DamagedEntry) return;
    if (entry instanceof Error) throw entry;
    if (state.parentId !== null && isGone(batch))
      await this.#close(state, cancelledEvent(state, clock.now()));
    else if (entry === 'missing')
      await this.#addAgain(state, batch instanceof DamagedJob ? undefined : batch);
    else if (state.itemCount > 0 && entry !== 'active') await this.#finish(state, entry === 'failed');
    else if (entry === 'failed') await this.#closeLost(state);
    else if (entry === 'delayed') await this.#retryWaits.look(state);
  }

  async #addAgain(state: JobState, batch: JobState | undefined): Promise<void> {
    const { jobs, logger, queue } = this.#parts;
    // Look again: the entry of a job that has just ended is gone too, and those of a batch's items are added with the batch's.
    if ((await queue.stateOf(state.queueId)) !== 'missing') return;
    const now = await jobs.load(state.projectId, state.id);
    if (now === null || hasEnded(now.status) || now.queueId !== state.queueId) return;
    logger.warn({ jobId: state.id, projectId: state.projectId }, 'a job had no queue entry; added again');
    const place = currentTracing() && (await jobs.loadTrace(state.projectId, state.id));
    await withinTrace(place ?? null, () => {
      if (now.itemCount > 0) return fillBatch(this.#parts, now);
      return queue.add(now, { batch });
    });
  }

  /**
   * Ends a batch whose entry still waits although no item is left: an item's entry disappeared unnoticed. A failed entry of a
   * batch with open items is removed, and the next sweep adds it again, since its items still run.
   */
  async #finish(batch: JobState, failed: boolean): Promise<void> {
    await recountItems(this.#parts, batch, 'wrong');
    const finished = await finishBatch(this.#parts, batch);
    if (finished !== null) await this.#settleEnded([finished]);
    else if (failed) await this.#parts.queue.remove(batch.queueId);
  }

  async #closeLost(state: JobState): Promise<void> {
    const { clock, logger, queue } = this.#parts;
    const reason = (await queue.failureOf(state.queueId)) ?? 'unknown';
    if (!(await this.#close(state, lostEvent(state, clock.now(), { reason })))) return;
    logger.error({ jobId: state.id, projectId: state.projectId, reason }, 'a job lost its workers');
  }

  /** @returns false when the job moved on or ended meanwhile, and the next sweep looks again */
  async #close(state: JobState, event: ErrorEvent): Promise<boolean> {
    const { clock, log } = this.#parts;
    const ended = endedJob(state, event, Date.parse(event.timestamp));
    const outcome = await log.append({ mode: 'close', writeId: newWriteId(), event, state: ended });
    if (outcome.code !== 'OK') return false;
    await this.retire([ended]);
    const how = ended.status === 'CANCELLED' ? 'cancelled' : 'failed';
    await reportEnd(log, ended, outcome.batchAttempt, how, clock.now());
    return true;
  }
}

/** @param found member, score, member, score … */
function watchedOf(found: readonly string[]): readonly WatchedJob[] {
  return found.flatMap((member, at) =>
    at % 2 === 0 ? [{ member, ...splitMember(member), since: Number(found[at + 1]) }] : [],
  );
}

/** Whether a batch has ended or does not exist; of a batch that can't be read, this is not known. */
function isGone(batch: JobState | DamagedJob | undefined): boolean {
  return batch === undefined || hasEnded(readableOf(batch)?.status ?? 'QUEUED');
}
