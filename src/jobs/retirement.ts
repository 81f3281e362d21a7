/**
 * What becomes of ended jobs: they are noted in `retired`, and removed with their files after the retention time (G9).
 *
 * Jobs are removed one after the other, so that a slow store is not asked for everything at once. A job whose files can't be
 * removed is put off so that those behind it have their turn, and a removal that takes long is not waited for.
 */
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import type { DamagedRecords } from '../core/damaged-records.ts';
import type { Logger } from '../core/logger.ts';
import { pause } from '../core/pause.ts';
import { singleFlight } from '../core/single-flight.ts';
import { DamagedJob, type FoundJob, isReadable, orDamaged, readableOf } from '../log/damaged-job.ts';
import { purgeJob } from '../log/job-repair.ts';
import type { JobStore } from '../log/job-store.ts';
import { hasEnded, itemIds, type JobState } from '../progress/state.ts';
import type { StepTables } from '../progress/steps.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { Keys } from '../redis/keys.ts';
import type { DiskUsage } from './disk-usage.ts';
import type { JobFileStore } from './files.ts';
import { FORGET_AFTER_MS, forget, memberOf, splitMember } from './watch.ts';

interface RetireParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly jobs: Pick<JobStore, 'statuses'>;
  readonly clock: Clock;
  /** How long an ended job and its files are kept (G9). */
  readonly retentionMs: number;
}

/** Notes that jobs have ended, so that their data is removed after the retention time; an item's is removed with its batch. */
export async function retire(parts: RetireParts, states: readonly JobState[]): Promise<void> {
  for (let start = 0; start < states.length; start += MAX_AT_ONCE) {
    await retirePart(parts, states.slice(start, start + MAX_AT_ONCE));
  }
}

/** The most members given to one script. */
const MAX_AT_ONCE = 1_000;

async function retirePart(
  { redis, keys, retentionMs, clock, jobs }: RetireParts,
  states: readonly JobState[],
): Promise<void> {
  const ended = states.map((state) => ({
    state,
    member: memberOf(state),
    endedAt: state.finishedAt ?? clock.now(),
  }));
  const own = ended.filter(({ state }) => state.parentId === null);
  const scores = own.flatMap(({ endedAt, member }) => [endedAt + retentionMs, member]);
  if (scores.length > 0) await redis.zadd(keys.retired, ...scores);
  // If a job was put under watch after its end, a retry is on its way.
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

interface RetirementParts extends RetireParts {
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly usage: DiskUsage;
  readonly files: Pick<JobFileStore, 'removeJob'>;
  readonly logger: Logger;
  readonly damaged: DamagedRecords;
  readonly workflows: StepTables;
  /** A removal that takes longer goes on by itself, and the next job has its turn; default 10 s. */
  readonly patienceMs?: number | undefined;
}

const PAGE = 500;
const MAX_PAGES = 20;
const PATIENCE_MS = 10_000;
/** With this many removals unfinished, the store must be unreachable: no further one begins. */
const MAX_SLOW = 8;
/** How long until a removal that failed, or was not over in time, is tried again. */
const AGAIN_MS = 60_000;

export class Retirement {
  readonly #parts: RetirementParts;
  /** Removals that are no longer waited for, by member of `retired`. */
  readonly #slow = new Set<string>();

  constructor(parts: RetirementParts) {
    this.#parts = parts;
  }

  /** Removes the jobs that are due, one after the other. Never overlaps itself. */
  readonly sweep = singleFlight(async () => {
    for (let page = 0; page < MAX_PAGES && (await this.#removePage()); page += 1);
  });

  /** @returns whether there may be more */
  async #removePage(): Promise<boolean> {
    const { clock, keys, logger, redis } = this.#parts;
    const due = await redis.zrangebyscore(keys.retired, 0, clock.now(), 'LIMIT', 0, PAGE);
    const failures: { readonly member: string; readonly err: unknown }[] = [];
    for (const member of due) {
      if (this.#slow.size >= MAX_SLOW) return false;
      const err = this.#slow.has(member) ? null : await this.#removePatiently(member);
      if (err !== null) failures.push({ member, err });
      if (err !== null || this.#slow.has(member)) await this.#putOff(member);
    }
    // One line, however many failed: they mostly fail for the same reason.
    const [first] = failures;
    if (first !== undefined) {
      logger.error({ ...first, failed: failures.length }, 'removing ended jobs failed; trying again later');
    }
    return due.length > 0;
  }

  async #putOff(member: string): Promise<void> {
    const { clock, keys, redis } = this.#parts;
    await redis.zadd(keys.retired, 'XX', clock.now() + AGAIN_MS, member);
  }

  /** @returns why the job was not removed; null when it was */
  async #removePatiently(member: string): Promise<unknown> {
    const removal = this.#remove(member).then(
      () => null,
      (error: unknown) => error,
    );
    const { patienceMs = PATIENCE_MS } = this.#parts;
    const limit = new AbortController();
    const late = pause(patienceMs, limit.signal).then(
      () => new Error(`expected the files of a job to go within ${patienceMs / 1_000} s`),
      () => null,
    );
    this.#slow.add(member);
    const over = removal.finally(() => this.#slow.delete(member));
    const outcome = await Promise.race([over, late]);
    limit.abort();
    return outcome;
  }

  /**
   * Removes a retired job completely, or leaves it completely: the step that removes its snapshot decides whether it may be
   * removed, and its files follow after that. If this is interrupted, the next sweep finds no snapshot and removes the files.
   */
  async #remove(member: string): Promise<void> {
    const { clock, jobs, keys, redis, retentionMs } = this.#parts;
    const { projectId, jobId } = splitMember(member);
    const now = clock.now();
    const state = await jobs.load(projectId, jobId).catch(orDamaged).then(orOfOthers);
    const readable = readableOf(state);
    const batchId = readable?.parentId ?? null;
    const found = batchId === null ? null : await jobs.load(projectId, batchId).catch(orDamaged);
    const batch = orOfOthers(found);
    if (batch instanceof DamagedJob) throw batch;
    if (readable !== null && !hasEnded(readable.status)) {
      if (batchId === null || batch !== null) return forget(redis, keys.retired, [{ member, upTo: now }]);
      throw new Error('expected an item whose batch is gone to have ended, which the reconciler sees to');
    }
    if (batch !== null && hasEnded(batch.status)) {
      await redis.zadd(keys.retired, (batch.finishedAt ?? now) + retentionMs, member);
      return;
    }
    if (!isReadable(state)) await this.#removeUnread(projectId, jobId, state);
    // The job has moved on since it was read.
    else if (!(await this.#removeSnapshot(state)))
      return forget(redis, keys.retired, [{ member, upTo: now }]);
    await this.#removeRest(projectId, jobId);
    // Even if it was put off meanwhile.
    await redis.zrem(keys.retired, member);
  }

  /** @returns false when the job has moved on since it was read */
  async #removeSnapshot(state: JobState): Promise<boolean> {
    // When a batch is removed, its items are due too, and must be found even if this is interrupted. They stay as long as it
    // does.
    await this.#makeDue(state.projectId, itemIds(state));
    return this.#parts.jobs.remove(state);
  }

  /** Removes a job whose snapshot is gone, or can't be read. */
  async #removeUnread(projectId: string, jobId: string, damaged: DamagedJob | null): Promise<void> {
    const { damaged: records, keys, redis } = this.#parts;
    const { items, job } = keys.project(projectId);
    await this.#makeDue(projectId, await redis.zrangebylex(items, `[${jobId}-`, `[${jobId}.`));
    const wasListed = await purgeJob(this.#parts, { projectId, jobId }, damaged === null ? 'lost' : 'any');
    if (wasListed && damaged === null) records.note('job', job(jobId), 'expected a hash, it is gone');
  }

  async #makeDue(projectId: string, ids: readonly string[]): Promise<void> {
    const { clock, keys, redis } = this.#parts;
    const now = clock.now();
    const due = ids.flatMap((id) => [now, memberOf({ projectId, id })]);
    if (due.length > 0) await redis.zadd(keys.retired, ...due);
  }

  /**
   * Removes what a job has outside of its snapshot. Files come first, so that no less is counted than is there.
   * @throws where something could not be removed
   */
  async #removeRest(projectId: string, jobId: string): Promise<void> {
    const { files, queue, usage } = this.#parts;
    await files.removeJob(projectId, jobId);
    await usage.drop(projectId, jobId);
    // This is the entry of a first run that failed, which may hold the input: the queue would keep it for a day.
    if (!(await queue.remove(jobId))) {
      throw new Error(`expected the queue entry ${jobId} of an ended job to be free, a worker has it`);
    }
  }
}

/** Enough can be read of a job whose workflow this process does not know to remove it. */
function orOfOthers(found: FoundJob): FoundJob {
  return found instanceof DamagedJob && found.unknownWorkflow !== null ? (found.salvaged ?? found) : found;
}
