/**
 * Tracked jobs: jobs that Playhead does not run. A task in somebody else's queue announces itself and reports its progress and
 * its end. Its reports go through the same log, under the same guarantees, as those of our own workers.
 *
 *   the job of that externalId | `track` makes of it
 *   none, or COMPLETED         | a new job
 *   RUNNING, RETRYING          | its next attempt; the holder of the one before has lost it (G4)
 *   FAILED                     | a new run, as retryJob does
 *   CANCELLED                  | nothing: the answer says stop; otherwise a retry by its queue would undo the cancellation.
 *                              | With `restart`: a new run
 *
 * A report is based on what its process knows of the job, so it is written only if nobody else has written since
 * (log.appendTracked); otherwise it is made again from the job as it now stands. This needs a connection and the names of keys,
 * and nothing else of a server.
 */
import type { Redis } from 'ioredis';
import { type Clock, systemClock } from '../core/clock.ts';
import { badInput, PlayheadError } from '../core/errors.ts';
import { type Logger, silentLogger } from '../core/logger.ts';
import { shorten } from '../core/text.ts';
import { TrackedRuns } from '../eta/tracked-runs.ts';
import { JobStore } from '../log/job-store.ts';
import { EventLog, type LogSettings } from '../log/log.ts';
import { boundedFacts, reportedEvent, reportedJob } from '../progress/report.ts';
import { type JobState, rangesOf } from '../progress/state.ts';
import type { StepTables } from '../progress/steps.ts';
import { withDeadline } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { ServerClock, WriteDeadline } from '../redis/write-deadline.ts';
import { completionEvent, errorEvent } from './job-events.ts';
import { KnownJobs } from './known-jobs.ts';
import { ending, RETURN_MS } from './lease.ts';
import { type Tracked, TrackedBeginnings } from './tracked-begin.ts';
import {
  type CompletionInput,
  type ErrorInput,
  MAX_REPORTS,
  type ProgressInput,
  type ProgressRequest,
  parseCompletion,
  parseError,
  parseProgress,
  parseTrack,
  type TrackInput,
} from './tracked-input.ts';
import { type Change, leaseMs, type Receipt, type TrackedContext, writeReport } from './tracked-report.ts';
import { toPreview, toTrackedResult } from './tracked-result.ts';

export interface TrackedJobsParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** The server's workflows. Default: none, so that only tracked jobs can be read. */
  readonly workflows?: StepTables;
  /** Default: DEFAULT_LOG_SETTINGS. */
  readonly logSettings?: LogSettings;
  /** Unfinished jobs of one project; default: any number. */
  readonly maxQueuedJobs?: number | undefined;
  /** Whether the tasks report to this process (an API server); default: they run in it. */
  readonly isRemote?: boolean;
  /** How long after its request a write may still be carried out; default: a minute. */
  readonly writeLimitMs?: number | undefined;
  /** How long a job that its own queue will retry waits for that; default: an hour. */
  readonly returnMs?: number | undefined;
}

const MAX_ERROR_CHARS = 4_000;

export class TrackedJobs {
  readonly #context: TrackedContext;
  readonly #beginnings: TrackedBeginnings;
  readonly #writeLimitMs: number | undefined;
  readonly #returnMs: number;

  constructor(parts: TrackedJobsParts) {
    const { redis, keys, clock = systemClock, logger = silentLogger, workflows = new Map() } = parts;
    this.#context = {
      ...{ redis, keys, clock, logger },
      log: new EventLog(redis, keys, parts.logSettings),
      jobs: new JobStore(redis, keys, workflows),
      runs: new TrackedRuns({ redis, keys, clock, logger }),
      known: new KnownJobs(),
      serverClock: new ServerClock(redis),
    };
    this.#beginnings = new TrackedBeginnings({
      ...this.#context,
      maxQueuedJobs: parts.maxQueuedJobs,
      isRemote: parts.isRemote ?? false,
    });
    this.#writeLimitMs = parts.writeLimitMs;
    this.#returnMs = parts.returnMs ?? RETURN_MS;
  }

  /**
   * Begins an attempt of the task's job; see the table above.
   * @param field the path of the input, for errors
   * @throws PlayheadError BAD_USER_INPUT, QUOTA_EXCEEDED, UNAVAILABLE when Redis does not answer within 2 s
   */
  async track(input: TrackInput, field = 'input'): Promise<Tracked> {
    const request = parseTrack(input, field);
    return withDeadline(this.#beginnings.begin(request, this.#startDeadline()));
  }

  /**
   * Reports progress, or nothing but that the task is alive.
   * @throws PlayheadError BAD_USER_INPUT, NOT_FOUND, UNAVAILABLE
   */
  async reportProgress(input: ProgressInput, field = 'input'): Promise<Receipt> {
    return withDeadline(this.#progress(parseProgress(input, field), field, this.#startDeadline()));
  }

  /**
   * Carries out reports of several jobs at once, those of one job in their order. A report that fails stops no other.
   * @param inputs 1 to MAX_REPORTS
   * @returns a receipt for each report, in their order, or the error of one that was not carried out
   * @throws PlayheadError BAD_USER_INPUT: nothing is carried out; UNAVAILABLE when Redis does not answer one of them within 2 s
   */
  async reportProgressMany(
    inputs: readonly ProgressInput[],
    field = 'input',
  ): Promise<readonly (Receipt | PlayheadError)[]> {
    if (inputs.length < 1 || inputs.length > MAX_REPORTS) {
      throw badInput(`${field}.reports`, `1 to ${MAX_REPORTS} reports`, `${inputs.length}`);
    }
    const reports = inputs.map((input, at) => {
      const path = `${field}.reports.${at}`;
      return { path, at, report: parseProgress(input, path) };
    });
    const deadline = this.#startDeadline();
    const receipts = new Array<Receipt | PlayheadError>(reports.length);
    const byJob = Map.groupBy(reports, ({ report }) => `${report.projectId} ${report.jobId}`);
    const all = [...byJob.values()].map(async (ofJob) => {
      for (const { at, path, report } of ofJob) {
        // One at a time: many reports of one job take their time, also while Redis answers each at once.
        receipts[at] = await withDeadline(this.#progress(report, path, deadline)).catch(toReported);
      }
    });
    await Promise.all(all);
    return receipts;
  }

  /**
   * Reports that the attempt failed: the job's last event, unless its own queue will retry it. Repeating it changes nothing.
   * @throws PlayheadError BAD_USER_INPUT, NOT_FOUND, UNAVAILABLE
   */
  async reportError(input: ErrorInput, field = 'input'): Promise<Receipt> {
    const { code, details, error, retryAfterSeconds, willRetry, ...holder } = parseError(input, field);
    const change = (job: JobState, now: number): Change => {
      const what = { error: shorten(error, MAX_ERROR_CHARS), code, details: boundedFacts(details ?? null) };
      const event = {
        ...errorEvent(job, now, what),
        willRetry,
        retryAfterSeconds: retryAfterSeconds ?? null,
      };
      const waitMs = this.#returnMs + (retryAfterSeconds ?? 0) * 1_000;
      return { mode: willRetry ? 'release' : 'end', ...ending(job, event, 'ERROR', now), waitMs };
    };
    return withDeadline(writeReport(this.#context, holder, 'ERROR', change, this.#startDeadline()));
  }

  /**
   * Reports the result: the job's last event (G3). Repeating it changes nothing.
   * @throws PlayheadError BAD_USER_INPUT, NOT_FOUND, UNAVAILABLE
   */
  async reportCompletion(input: CompletionInput, field = 'input'): Promise<Receipt> {
    const { artifacts, result: data, ...holder } = parseCompletion(input, field);
    const result = toTrackedResult(data ?? {}, artifacts);
    const change = (job: JobState, now: number): Change => {
      const event = completionEvent(job, now, result);
      return { mode: 'end', ...ending(job, event, 'COMPLETION', now), waitMs: 0 };
    };
    const report = writeReport(this.#context, holder, 'COMPLETION', change, this.#startDeadline());
    const receipt = await withDeadline(report);
    if (receipt.accepted && !receipt.isRepeat) this.#context.runs.remember(receipt.job);
    return receipt;
  }

  #startDeadline(): WriteDeadline {
    return new WriteDeadline(this.#context.serverClock, this.#writeLimitMs);
  }

  async #progress(report: ProgressRequest, field: string, deadline: WriteDeadline): Promise<Receipt> {
    const { jobId, lease, preview, projectId, ...rest } = report;
    const told = { ...rest, preview: preview && toPreview(preview) };
    const change = (job: JobState, now: number): Change | null => {
      checkStep(job, told, field);
      const reported = reportedJob(job, told, now);
      if (reported === null) return null;
      const state = { ...reported, eta: this.#context.runs.predict(reported, now) };
      const event = reportedEvent(state, 'processing', now);
      return { mode: 'event', state, event, waitMs: leaseMs(state) };
    };
    return writeReport(this.#context, { jobId, lease, projectId }, null, change, deadline);
  }
}

type StepReport = Pick<ProgressRequest, 'step' | 'stepProgress'>;

/** @throws PlayheadError BAD_USER_INPUT for a step that the job does not have */
function checkStep(job: JobState, { step, stepProgress }: StepReport, field: string): void {
  const names = rangesOf(job).map(({ name }) => name);
  if (step !== undefined && !names.includes(step)) {
    const expected =
      names.length === 0 ? 'no step: the job was begun without steps' : `one of ${names.join(', ')}`;
    throw badInput(`${field}.step`, expected, step);
  }
  if (stepProgress !== undefined && names.length === 0) {
    throw badInput(
      `${field}.stepProgress`,
      'progress instead: the job was begun without steps',
      stepProgress,
    );
  }
}

/** The error with which one report among many failed. @throws any error that is not about that report alone */
function toReported(error: unknown): PlayheadError {
  if (error instanceof PlayheadError && error.code !== 'UNAVAILABLE') return error;
  throw error;
}
