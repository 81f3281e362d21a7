/** How an attempt of a tracked job begins; tracked-jobs.ts has the table of what `track` makes of a job. */
import { v7 as uuidv7 } from 'uuid';
import type { AppendCommand, AppendOutcome, TrackedAppend } from '../log/append.ts';
import { isWritten } from '../progress/event-writer.ts';
import { reportedEvent } from '../progress/report.ts';
import {
  begunJob,
  hasEnded,
  type JobState,
  newJob,
  requeuedJob,
  type TrackedAttempt,
} from '../progress/state.ts';
import { TRACKED } from '../progress/steps.ts';
import { newWriteId } from '../progress/write-id.ts';
import type { WriteDeadline } from '../redis/write-deadline.ts';
import { newLease } from './lease.ts';
import { watchLeases } from './lease-watch.ts';
import { titleOf } from './title.ts';
import { DEFAULT_LEASE_SECONDS, type TrackRequest } from './tracked-input.ts';
import { leaseMs, type Stop, type TrackedContext } from './tracked-report.ts';
import { queueFull, unfinishedBefore } from './unfinished-quota.ts';
import { memberOf, watch } from './watch.ts';

/** An attempt that has begun. */
export interface Tracked {
  readonly job: JobState;
  readonly attempt: number;
  /** The lease that the attempt's reports carry. */
  readonly lease: string;
  /** The job was cancelled: no attempt was begun, and the task should not run. */
  readonly stop: Stop | null;
}

/** How long an externalId leads to its job, from the beginning of its latest attempt. */
const EXTERNAL_SECONDS = 30 * 24 * 3_600;

interface BeginContext extends TrackedContext {
  /** Unfinished jobs of one project; undefined: any number. */
  readonly maxQueuedJobs: number | undefined;
  /** Whether the tasks report to this process, rather than being a part of it. */
  readonly isRemote: boolean;
}

export class TrackedBeginnings {
  readonly #parts: BeginContext;

  constructor(parts: BeginContext) {
    this.#parts = parts;
  }

  /** @throws PlayheadError QUOTA_EXCEEDED, UNAVAILABLE */
  async begin(request: TrackRequest, deadline: WriteDeadline): Promise<Tracked> {
    const externalKey = this.#externalKey(request);
    for (;;) {
      const found = await this.#find(request.projectId, externalKey);
      if (found !== null && isSameCall(found, request)) return toTracked(found);
      if (found?.status === 'CANCELLED' && !request.restart)
        return { ...toTracked(found), stop: 'CANCELLED' };
      const begun =
        found === null || found.status === 'COMPLETED'
          ? await this.#create(request, externalKey, deadline)
          : await this.#beginAgain(found, request, externalKey, deadline);
      // Null: somebody else was faster, and the job has changed.
      if (begun !== null) return toTracked(begun);
    }
  }

  #externalKey({ externalId, idempotencyKey, projectId, taskName }: TrackRequest): string | null {
    const keys = this.#parts.keys.project(projectId);
    if (externalId !== undefined) return keys.tracked('external', taskName, externalId);
    return idempotencyKey === undefined ? null : keys.tracked('call', taskName, idempotencyKey);
  }

  async #find(projectId: string, externalKey: string | null): Promise<JobState | null> {
    const jobId = externalKey && (await this.#parts.redis.get(externalKey));
    return jobId ? this.#parts.jobs.load(projectId, jobId) : null;
  }

  /** @returns null when a job with this externalId exists by now */
  async #create(
    request: TrackRequest,
    externalKey: string | null,
    deadline: WriteDeadline,
  ): Promise<JobState | null> {
    const { keys, maxQueuedJobs, redis } = this.#parts;
    const now = this.#parts.clock.now();
    const { projectId, taskName } = request;
    const job = newJob({
      ...{ id: uuidv7(), projectId, taskName, workflow: TRACKED, table: [], createdAt: now },
      maxAttempts: 1,
    });
    const state = this.#begun(job, 1, request, now);
    await watch(redis, keys, [state], now);
    const command = {
      mode: 'create',
      ...{ writeId: newWriteId(), state, event: reportedEvent(state, 'processing', now) },
      maxUnfinished: unfinishedBefore(maxQueuedJobs, 1),
    } as const;
    const outcome = await this.#append(command, { externalKey, request, known: null }, deadline);
    if (isWritten(outcome)) return this.#written(state, outcome);
    await redis.zrem(keys.unended, memberOf(state));
    if (outcome.code === 'FULL') throw queueFull(maxQueuedJobs);
    return null;
  }

  /** @returns null when the job has moved on since it was read */
  async #beginAgain(
    found: JobState,
    request: TrackRequest,
    externalKey: string | null,
    deadline: WriteDeadline,
  ): Promise<JobState | null> {
    const { keys, maxQueuedJobs, redis } = this.#parts;
    const now = this.#parts.clock.now();
    const isOver = hasEnded(found.status);
    const job = isOver ? requeuedJob(found) : found;
    const state = this.#begun(job, found.attempt + 1, request, now);
    // Put the job under watch again both before and after: the reconciler may be retiring the ended job meanwhile.
    const rewatch = async (): Promise<void> => {
      if (!isOver) return;
      await watch(redis, keys, [state], now);
      await redis.zrem(keys.retired, memberOf(state));
    };
    await rewatch();
    const command = {
      mode: isOver ? ('retry' as const) : ('begin' as const),
      ...{ writeId: newWriteId(), state, event: reportedEvent(state, 'retrying', now) },
      maxUnfinished: unfinishedBefore(maxQueuedJobs, 1),
    };
    const outcome = await this.#append(command, { externalKey, request, known: found }, deadline);
    if (outcome.code === 'FULL') throw queueFull(maxQueuedJobs);
    if (!isWritten(outcome)) return null;
    await rewatch();
    return this.#written(state, outcome);
  }

  /** The state in which an attempt begins. What the call leaves out stays as it was. */
  #begun(job: JobState, attempt: number, request: TrackRequest, now: number): JobState {
    const { externalId = null, idempotencyKey = null, leaseSeconds, title } = request;
    const before = job.tracked;
    const tracked: TrackedAttempt = {
      externalId,
      lease: newLease(before?.lease),
      leaseSeconds: leaseSeconds ?? before?.leaseSeconds ?? DEFAULT_LEASE_SECONDS,
      isRemote: this.#parts.isRemote,
      ...{ end: null, begunAt: now, key: idempotencyKey, sequence: 0 },
    };
    const begun = begunJob(job, attempt, now);
    const state = {
      ...begun,
      tracked,
      // The task's own system does not keep what steps have returned, so they are walked again.
      steps: {},
      metadata: null,
      ranges: request.ranges ?? job.ranges,
      title: title === undefined ? job.title : titleOf({ title: () => title }, [null]),
      maxAttempts:
        request.maxAttempts === undefined ? job.maxAttempts : job.attemptBase + request.maxAttempts,
    };
    return { ...state, eta: this.#parts.runs.predict(state, now) };
  }

  async #append(
    command: AppendCommand,
    { request, ...tracked }: Pick<TrackedAppend, 'externalKey' | 'known'> & { request: TrackRequest },
    deadline: WriteDeadline,
  ): Promise<AppendOutcome> {
    const input = request.input === undefined ? undefined : JSON.stringify(request.input);
    const about = {
      ...tracked,
      externalSeconds: EXTERNAL_SECONDS,
      callKey: request.idempotencyKey,
      waitMs: leaseMs(command.state),
    };
    return deadline.send((notAfter) =>
      this.#parts.log.appendTracked({ ...command, ...(input !== undefined && { input }), notAfter }, about),
    );
  }

  /** Watches the lease of an attempt that has begun; if that fails, the reconciler does it. */
  async #written(state: JobState, { position, version }: AppendOutcome): Promise<JobState> {
    const { keys, redis } = this.#parts;
    const end = (await this.#parts.serverClock.now()) + leaseMs(state);
    await watchLeases(redis, keys, [{ state, end }]).catch((err: unknown) => {
      this.#parts.logger.warn({ err, jobId: state.id }, 'watching a lease failed; the reconciler will do it');
    });
    return { ...state, last: position, version };
  }
}

function toTracked(job: JobState): Tracked {
  return { job, attempt: job.attempt, lease: job.tracked?.lease ?? '', stop: null };
}

/** Whether the job's present attempt was begun by this same call, sent earlier. */
function isSameCall({ tracked }: JobState, { idempotencyKey }: TrackRequest): boolean {
  return idempotencyKey !== undefined && tracked?.key === idempotencyKey;
}
