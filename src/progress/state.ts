/**
 * The durable state of a job (its snapshot), and how events change it; job-record.ts is its form in Redis. Pure.
 *
 * Rules for a status: QUEUED → RUNNING → COMPLETED | FAILED | CANCELLED; RUNNING → RETRYING → RUNNING with the next
 * attempt; QUEUED and RETRYING → CANCELLED; retryJob takes FAILED and CANCELLED back to QUEUED with the next attempt.
 *
 * A batch is QUEUED until its first item runs, then RUNNING, and COMPLETED when all items have ended, however they ended; only
 * retryJob adds to its attempts, and also takes a COMPLETED batch with failed or cancelled items.
 */

import type { Json, JsonObject } from '../core/json.ts';
import type { CompletionEvent, ErrorEvent, Eta, Preview, Remains } from './events.ts';
import type { Position } from './position.ts';
import type { WorkSize } from './run-so-far.ts';
import { type StepRange, stepsFingerprint, type Workflow } from './steps.ts';

export const JOB_STATUSES = ['QUEUED', 'RUNNING', 'RETRYING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
export const STEP_STATUSES = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** A step that has begun; times are in ms since the epoch. */
interface StepState {
  readonly status: Exclude<StepStatus, 'PENDING'>;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** When it reported half of its progress; left out until then. */
  readonly halfAt?: number;
}

interface JobFailure {
  readonly message: string;
  readonly code: string;
  readonly details: JsonObject | null;
  readonly retryAfterSeconds: number | null;
}

export interface JobState {
  readonly id: string;
  readonly projectId: string;
  readonly workflow: Workflow;
  readonly taskName: string;
  readonly status: JobStatus;
  /** How much of the job is done, 0..1. */
  readonly progress: number;
  readonly step: string | null;
  /** The steps that have begun, by name. */
  readonly steps: Readonly<Record<string, StepState>>;
  readonly message: string | null;
  readonly metadata: JsonObject | null;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly result: Json;
  readonly error: JobFailure | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** The id of the queue entry that carries out the present run. */
  readonly queueId: string;
  /** The attempts before the last retryJob; the number of an attempt is this plus the count of its queue entry. */
  readonly attemptBase: number;
  /** The batch that the job is an item of. */
  readonly parentId: string | null;
  /** The place of an item in its batch's input, from 0. */
  readonly itemIndex: number | null;
  /** The number of items of a batch; 0 for any other job. */
  readonly itemCount: number;
  /**
   * Ranges of the steps, if the job was given different ones from the tables'; null: the tables'. They stay the job's own, so
   * that every worker and every client maps its progress in the same way.
   */
  readonly ranges: readonly StepRange[] | null;
  /** The step table of its workflow. It is not stored; whoever reads the job adds it. */
  readonly table: readonly StepRange[];
  /**
   * The fingerprint of the steps that the job is carried out by: those of the process that made it, then those of the worker
   * that began its latest attempt. Null for a job of an earlier version, and for a tracked one.
   */
  readonly stepsFingerprint: string | null;
  /** How much work it is, as far as that is known by now. */
  readonly size: WorkSize;
  /** The remaining time as the last event reported it; null when it reported none. */
  readonly eta: Eta | null;
  /** What the attempt shows of its work; null: nothing. It is removed when the attempt ends. */
  readonly preview: Preview | null;
  /** The position of the job's last event. */
  readonly last: Position | null;
  /** How many events the job has had: of two of its states, the one with more is the later. 0: none, or none that was counted. */
  readonly version: number;
  /** What a person would call it, at most MAX_TITLE_CHARS; null when it has no title. */
  readonly title: string | null;
  /** What is kept of a tracked job in addition; null for any other job. */
  readonly tracked: TrackedAttempt | null;
}

/** The present attempt of a tracked job: who reports it, and whether they still may. */
export interface TrackedAttempt {
  /** The job's name in the system that runs it. */
  readonly externalId: string | null;
  /** Opaque; its holder reports the attempt. */
  readonly lease: string;
  /** How long the attempt may be silent. */
  readonly leaseSeconds: number;
  /** Whether its task reports to the API; otherwise it talks to Redis itself. */
  readonly isRemote: boolean;
  /** What ended the attempt: its own report, or its silence. Null: nothing has, or cancelJob did. */
  readonly end: 'COMPLETION' | 'ERROR' | 'LOST' | null;
  /** ms since the epoch. */
  readonly begunAt: number;
  /** The idempotency key of the call that began the attempt. */
  readonly key: string | null;
  /** The number of the attempt's latest report that had one; 0: none had. */
  readonly sequence: number;
}

/** The most UTF-16 units of a title; a longer one is cut. */
export const MAX_TITLE_CHARS = 200;

export function hasEnded(status: JobStatus): boolean {
  return status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';
}

/** The most items that a batch may have. */
export const MAX_ITEMS = 1_000;

/** The id of a batch's item: unique, 41 characters, and the same however often the batch is made. */
export function itemId(batchId: string, index: number): string {
  // Four digits: a retry's queue entry is named by the id and the attempt, which has no leading zero.
  return `${batchId}-${String(index).padStart(4, '0')}`;
}

/** The batch whose item has this id; null for the id of any other job. */
export function batchIdOf(jobId: string): string | null {
  return /^(.+)-\d{4}$/.exec(jobId)?.[1] ?? null;
}

/** The ids of a batch's items in order; empty for any other job. */
export function itemIds({ id, itemCount }: Pick<JobState, 'id' | 'itemCount'>): readonly string[] {
  return Array.from({ length: itemCount }, (_, index) => itemId(id, index));
}

const WAITING = 'Waiting for a worker';

/** The state of a job that has just been requested. @param fields with the message in the job's language */
export function newJob(
  fields: Pick<
    JobState,
    'id' | 'projectId' | 'workflow' | 'taskName' | 'table' | 'maxAttempts' | 'createdAt'
  > &
    Partial<
      Pick<
        JobState,
        | 'message'
        | 'parentId'
        | 'itemIndex'
        | 'itemCount'
        | 'ranges'
        | 'size'
        | 'stepsFingerprint'
        | 'title'
        | 'tracked'
      >
    >,
): JobState {
  return {
    parentId: null,
    itemIndex: null,
    itemCount: 0,
    ranges: null,
    message: WAITING,
    size: {},
    title: null,
    tracked: null,
    stepsFingerprint: stepsFingerprint(fields.table),
    ...fields,
    status: 'QUEUED',
    progress: 0,
    step: null,
    steps: {},
    metadata: null,
    attempt: 1,
    result: null,
    error: null,
    startedAt: null,
    finishedAt: null,
    queueId: fields.id,
    attemptBase: 0,
    eta: null,
    preview: null,
    last: null,
    version: 0,
  };
}

/** The state after `retryJob`: queued again as the next attempt; finished steps stay finished. */
export function requeuedJob(state: JobState, message = WAITING): JobState {
  return {
    ...state,
    status: 'QUEUED',
    progress: 0,
    step: null,
    steps: finishedSteps(state.steps),
    message,
    metadata: null,
    attempt: state.attempt + 1,
    maxAttempts: state.attempt + state.maxAttempts - state.attemptBase,
    attemptBase: state.attempt,
    queueId: `${state.id}-${state.attempt}`,
    result: null,
    error: null,
    finishedAt: null,
    eta: null,
    preview: null,
  };
}

/** The state when an attempt begins. Progress starts over (G5). */
export function begunJob(state: JobState, attempt: number, now: number, message?: string): JobState {
  return {
    ...state,
    status: 'RUNNING',
    attempt,
    progress: 0,
    step: null,
    steps: finishedSteps(state.steps),
    message: message ?? (attempt > 1 ? `Attempt ${attempt}` : 'Starting'),
    error: null,
    eta: null,
    preview: null,
    startedAt: state.startedAt ?? now,
  };
}

/** Closes the running step, if there is one. */
export function closeStep(state: JobState, status: 'COMPLETED' | 'FAILED', now: number): JobState {
  return changeRunning(state, { status, finishedAt: now });
}

/** Notes when the running step reported half of its progress. */
export function halveStep(state: JobState, now: number): JobState {
  return changeRunning(state, { halfAt: now });
}

function changeRunning(state: JobState, changes: Partial<StepState>): JobState {
  const { step, steps } = state;
  const running = step === null ? undefined : steps[step];
  if (step === null || running?.status !== 'RUNNING') return state;
  return { ...state, steps: { ...steps, [step]: { ...running, ...changes } } };
}

/** Begins a step. A step that an earlier attempt finished keeps its times. */
export function openStep(state: JobState, step: string, now: number): JobState {
  const before = state.steps[step];
  const opened: StepState =
    before?.status === 'COMPLETED' ? before : { status: 'RUNNING', startedAt: now, finishedAt: null };
  return { ...state, step, steps: { ...state.steps, [step]: opened } };
}

/**
 * The state after a job's last event, or after a failed attempt that will be followed by another.
 * @param done message of a job that has completed
 */
export function endedJob(
  state: JobState,
  event: CompletionEvent | ErrorEvent,
  now: number,
  done = 'Done',
): JobState {
  switch (event.type) {
    case 'CompletionEvent':
      return {
        ...closeStep(state, 'COMPLETED', now),
        status: 'COMPLETED',
        progress: 1,
        message: done,
        result: event.result,
        error: null,
        finishedAt: now,
        eta: null,
        preview: null,
      };
    case 'ErrorEvent':
      return {
        ...closeStep(state, 'FAILED', now),
        status: event.willRetry ? 'RETRYING' : event.code === 'CANCELLED' ? 'CANCELLED' : 'FAILED',
        message: event.error,
        error: {
          message: event.error,
          code: event.code,
          details: event.details,
          retryAfterSeconds: event.retryAfterSeconds,
        },
        finishedAt: event.willRetry ? null : now,
        eta: null,
        preview: null,
      };
  }
}

/** What the event of an ending says about the state that it leaves, in addition to itself. */
export function remainsOf({ eta, message, metadata, progress, status, step }: JobState): Remains {
  return {
    progress,
    step,
    metadata,
    ...(status === 'COMPLETED' && message !== null && { message }),
    ...(eta !== null && { eta }),
  };
}

/**
 * The ranges by which the job's progress is mapped: the table's, if its steps are no longer those of the job. If there is no
 * table, as for tracked jobs, they are the job's own.
 */
export function rangesOf({ ranges, table }: Pick<JobState, 'ranges' | 'table'>): readonly StepRange[] {
  if (table.length === 0) return ranges ?? [];
  const fits =
    ranges?.length === table.length && table.every(({ name }, index) => ranges[index]?.name === name);
  return fits ? ranges : table;
}

/** One step as a client sees it. */
export interface StepView extends StepRange {
  readonly status: StepStatus;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

/**
 * All steps of the job's table with their state; a step left running by a job that ended counts as failed.
 * A batch has none: its items walk the steps.
 */
export function viewSteps(state: JobState): readonly StepView[] {
  if (state.itemCount > 0) return [];
  return rangesOf(state).map((range) => {
    const step = state.steps[range.name];
    if (step === undefined) {
      return { ...range, status: 'PENDING', startedAt: null, finishedAt: null };
    }
    const left = step.status === 'RUNNING' && hasEnded(state.status);
    return {
      ...range,
      status: left ? 'FAILED' : step.status,
      startedAt: step.startedAt,
      finishedAt: left ? state.finishedAt : step.finishedAt,
    };
  });
}

export function finishedSteps(steps: JobState['steps']): JobState['steps'] {
  return Object.fromEntries(Object.entries(steps).filter(([, step]) => step.status === 'COMPLETED'));
}
