/** How a report of a tracked job is written. */
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import { PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { isSame } from '../core/secret.ts';
import { shorten } from '../core/text.ts';
import type { TrackedRuns } from '../eta/tracked-runs.ts';
import type { AppendCommand } from '../log/append.ts';
import { DamagedJob, isReadable, orDamaged } from '../log/damaged-job.ts';
import type { JobStore } from '../log/job-store.ts';
import type { EventLog } from '../log/log.ts';
import { isWritten } from '../progress/event-writer.ts';
import { hasEnded, type JobState, type TrackedAttempt } from '../progress/state.ts';
import { TRACKED } from '../progress/steps.ts';
import { newWriteId } from '../progress/write-id.ts';
import type { Keys } from '../redis/keys.ts';
import type { ServerClock, WriteDeadline } from '../redis/write-deadline.ts';
import type { KnownJobs, TrackedState } from './known-jobs.ts';
import { isOfJob } from './lease.ts';
import { DEFAULT_LEASE_SECONDS, type Holder } from './tracked-input.ts';

/** What is needed to write beginnings and reports of tracked jobs. */
export interface TrackedContext {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly runs: TrackedRuns;
  readonly known: KnownJobs;
  readonly serverClock: ServerClock;
}

/** Why a task should end: its job was cancelled, or its attempt is over or has passed to somebody else. */
export type Stop = 'CANCELLED' | 'LOST';

/** What became of a report. */
export interface Receipt {
  readonly accepted: boolean;
  /** The attempt had been ended by the same report before: this one has changed nothing. */
  readonly isRepeat: boolean;
  /** Why it was not accepted. */
  readonly stop: Stop | null;
  /** The job as the report left it, or as it stands. */
  readonly job: JobState;
}

/** What a report changes about a job; null: nothing, it only shows that its task is alive. */
export type Change = Pick<AppendCommand, 'mode' | 'state' | 'event'> & { readonly waitMs: number };

/**
 * Writes a report if nobody else has written since the job was read, or since this process wrote its last report; otherwise the
 * report is made again from the job as it now stands.
 * @param end how the report ends the attempt, for recognising repeats; null: it does not end it
 * @throws PlayheadError NOT_FOUND, UNAVAILABLE
 */
export async function writeReport(
  context: TrackedContext,
  holder: Holder,
  end: 'COMPLETION' | 'ERROR' | null,
  change: (job: JobState, now: number) => Change | null,
  deadline: WriteDeadline,
): Promise<Receipt> {
  const { clock, known } = context;
  for (;;) {
    // Most reports come to the same process as the one before, so Redis need not be queried for what that one left.
    const own = known.take(holder);
    const job = own ?? (await load(context, holder));
    // A job that this process knows was left by a report with this same lease that ended nothing.
    const over = own === null ? answerWhenOver(job, holder.lease, end) : null;
    if (over !== null) return over;
    const changed = change(job, clock.now());
    if (changed === null) await deadline.notAfter();
    const left =
      changed === null
        ? await renew(context, job, own !== null)
        : await write(context, job, changed, deadline);
    if (left === null) continue;
    if (changed === null || changed.mode === 'event') known.keep(holder, left);
    return accepted(left);
  }
}

/**
 * Renews the lease of a job without an event.
 * @param isKept whether the job is what this process knows of it, which may be out of date
 * @returns the job; null when the lease is no longer held, or the job is out of date
 */
async function renew(
  { log }: TrackedContext,
  job: TrackedState,
  isKept: boolean,
): Promise<TrackedState | null> {
  const hash = await log.renewLease(job.projectId, job.id, job.tracked.lease, leaseMs(job));
  return hash === null || (isKept && hash !== job.last?.hash) ? null : job;
}

/** @returns the job as the report has left it; null when somebody else has written to it since it was read */
async function write(
  { log }: TrackedContext,
  job: TrackedState,
  { waitMs, ...change }: Change,
  deadline: WriteDeadline,
): Promise<JobState | null> {
  const command = { ...change, writeId: newWriteId(), base: job };
  const about = { externalKey: null, known: job, waitMs };
  const outcome = await deadline.send((notAfter) => log.appendTracked({ ...command, notAfter }, about));
  if (!isWritten(outcome)) return null;
  return { ...change.state, last: outcome.position, version: outcome.version };
}

/** @returns null while the lease is held */
function answerWhenOver(job: TrackedState, lease: string, end: TrackedAttempt['end']): Receipt | null {
  const { tracked } = job;
  if (!isSame(lease, tracked.lease)) return refused(job, 'LOST');
  if (tracked.end === null && !hasEnded(job.status)) return null;
  if (tracked.end !== null && tracked.end === end) return { ...accepted(job), isRepeat: true };
  const isCancelled = tracked.end === null && job.status === 'CANCELLED';
  return refused(job, isCancelled ? 'CANCELLED' : 'LOST');
}

/** @throws PlayheadError NOT_FOUND, also for a lease that was never the job's, so that nothing is revealed about the job */
async function load({ jobs }: TrackedContext, { jobId, lease, projectId }: Holder): Promise<TrackedState> {
  const job = await jobs.load(projectId, jobId).catch(orDamaged);
  if (job instanceof DamagedJob && job.salvaged?.workflow === TRACKED) throw job;
  const tracked = isReadable(job) ? job.tracked : null;
  if (!isReadable(job) || tracked === null || !isOfJob(lease, tracked)) {
    throw new PlayheadError(
      'NOT_FOUND',
      `There is no tracked job ${shorten(jobId, 80)} with this lease in project ${projectId}`,
    );
  }
  return { ...job, tracked };
}

/** How long the task of a job may be silent. */
export function leaseMs({ tracked }: JobState): number {
  return (tracked?.leaseSeconds ?? DEFAULT_LEASE_SECONDS) * 1_000;
}

function accepted(job: JobState): Receipt {
  return { accepted: true, isRepeat: false, stop: null, job };
}

function refused(job: JobState, stop: Stop): Receipt {
  return { accepted: false, isRepeat: false, stop, job };
}
