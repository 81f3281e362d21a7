/**
 * How events change what is shown of a job. Pure.
 *
 * Answers and events meet in no certain order. A job's states are in order, though: by attempt, then queued, running,
 * retrying, ended, and while running by progress, which never goes back within an attempt. So the later one wins, wherever
 * it came from, and nothing that comes twice or late does harm.
 */
import type {
  EventFieldsFragment,
  JobFieldsFragment,
  JobStatus,
  StepStatus,
  WaitsQuery,
} from '../generated/graphql.ts';

export type JobEvent = EventFieldsFragment;
/** What the server says of a waiting job when it is asked. */
export type Wait = WaitsQuery['jobs']['edges'][number]['node'];
export type JobResult = NonNullable<JobFieldsFragment['result']>;

/** A job as it is shown. */
export interface JobView extends JobFieldsFragment {
  /** Local time at which `eta` was told, in ms since the epoch. */
  readonly etaAt: number;
  /** Ids of a batch's items, in order. */
  readonly itemIds: readonly string[];
  /** Where a waiting job stands, as far as that has been told. */
  readonly queue?: QueuePlace;
}

export interface QueuePlace {
  /** From 1, which is taken next; null while it enters or leaves the queue. */
  readonly position: number | null;
  /** Seconds until it begins; null when nothing is predicted. */
  readonly waitSeconds: number | null;
  /** Local time at which it was told, in ms since the epoch. */
  readonly at: number;
}

export const ENDED: readonly JobStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

export function hasEnded(job: { readonly status: JobStatus }): boolean {
  return ENDED.includes(job.status);
}

/** Whether retryJob takes it: a batch with items that went wrong, too, which runs only those again. */
export function canRetry(job: Pick<JobView, 'status' | 'result'>): boolean {
  if (job.status === 'FAILED' || job.status === 'CANCELLED') return true;
  const { result } = job;
  return result?.__typename === 'BatchResult' && result.failed + result.cancelled > 0;
}

/** Whether a job is listed under one of these statuses, as the API's `jobs` has it: a batch also for its failed items. */
export function isListedAs(job: JobView, statuses: readonly JobStatus[]): boolean {
  return statuses.includes(job.status) || (statuses.includes('FAILED') && hasFailedItems(job));
}

function hasFailedItems({ metadata, result, taskName }: JobView): boolean {
  if (result?.__typename === 'BatchResult') return result.failed > 0;
  return isBatch({ taskName }) && Number(Object(metadata).failed) > 0;
}

export function isBatch(job: { readonly taskName: string }): boolean {
  return job.taskName.startsWith('batch_');
}

type Rank = readonly [attempt: number, phase: number, progress: number];

const PHASES: Readonly<Record<JobStatus, number>> = {
  QUEUED: 0,
  RUNNING: 1,
  RETRYING: 2,
  COMPLETED: 3,
  FAILED: 3,
  CANCELLED: 3,
};

/** Whether `one` is an earlier state of the job than `other`. */
export function isEarlier(one: Rank, other: Rank): boolean {
  for (const index of [0, 1, 2] as const) {
    if (one[index] !== other[index]) return one[index] < other[index];
  }
  return false;
}

export function rankOfJob(job: Pick<JobFieldsFragment, 'attempt' | 'status' | 'progress'>): Rank {
  // Within an ended attempt there is nothing to come.
  return [job.attempt, PHASES[job.status], hasEnded(job) ? 1 : job.progress];
}

export function rankOfEvent(event: JobEvent): Rank {
  return [
    event.attempt,
    PHASES[statusAfter(event)],
    event.__typename === 'ProgressEvent' ? event.progress : 1,
  ];
}

export function statusAfter(event: JobEvent): JobStatus {
  switch (event.__typename) {
    case 'ProgressEvent':
      return event.status === 'queued' ? 'QUEUED' : 'RUNNING';
    case 'ErrorEvent':
      return event.willRetry ? 'RETRYING' : event.code === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
    case 'CompletionEvent':
      return 'COMPLETED';
  }
}

/** The job after an event; the same object when the event is older than what is shown. */
export function applyEvent(job: JobView, event: JobEvent, now: number): JobView {
  if (isEarlier(rankOfEvent(event), rankOfJob(job))) return job;
  const status = statusAfter(event);
  switch (event.__typename) {
    case 'ProgressEvent':
      return {
        ...job,
        status,
        attempt: event.attempt,
        maxAttempts: Math.max(job.maxAttempts, event.attempt),
        progress: event.progress,
        step: event.step,
        steps: stepsAt(job, event),
        message: event.message,
        metadata: event.metadata,
        ...etaAfter(job, event, now),
        result: null,
        error: null,
        startedAt: job.startedAt ?? (status === 'RUNNING' ? event.timestamp : null),
        finishedAt: null,
      };
    case 'ErrorEvent':
      return {
        ...job,
        status,
        attempt: event.attempt,
        message: event.error,
        error: {
          message: event.error,
          code: event.code,
          details: event.details,
          retryAfterSeconds: event.retryAfterSeconds,
        },
        eta: null,
        steps: closeSteps(job.steps, 'FAILED', event.timestamp),
        finishedAt: event.willRetry ? null : event.timestamp,
      };
    case 'CompletionEvent':
      return {
        ...job,
        status,
        attempt: event.attempt,
        progress: 1,
        eta: null,
        error: null,
        result: event.result,
        steps: job.steps.map((step) => finished(step, event.timestamp)),
        finishedAt: event.timestamp,
      };
  }
}

/** Events of a batch, and the one of a job that enters the queue, tell no prediction: what was asked for stays. */
function etaAfter(
  job: JobView,
  event: JobEvent & { __typename: 'ProgressEvent' },
  now: number,
): Pick<JobView, 'eta' | 'etaAt'> {
  const same = event.attempt === job.attempt;
  const isSilent = event.eta === null && (isBatch(job) || event.status === 'queued');
  if (same && isSilent) return { eta: job.eta, etaAt: job.etaAt };
  return steadyEta(same ? job : null, event.eta, now);
}

/** Whether its prediction must be asked for: it waits, or is a batch of which some may. */
export function isWaiting(job: JobView): boolean {
  return job.status === 'QUEUED' || job.status === 'RETRYING' || (job.status === 'RUNNING' && isBatch(job));
}

/** Seconds until a waiting job begins, counted down from when that was told; null when nothing is predicted. */
export function waitAt({ queue }: Pick<JobView, 'queue'>, now: number): number | null {
  if (queue?.waitSeconds == null) return null;
  return Math.max(0, queue.waitSeconds - Math.max(0, now - queue.at) / 1000);
}

type Step = JobFieldsFragment['steps'][number];

/** The steps when the named one runs: those before it are done. A new attempt begins with what the last one finished. */
function stepsAt(job: JobView, event: JobEvent & { __typename: 'ProgressEvent' }): Step[] {
  const steps = event.attempt > job.attempt ? job.steps.map(reopened) : job.steps;
  const current = steps.findIndex(({ name }) => name === event.step);
  const unchanged = current >= 0 && steps[current]?.status !== 'PENDING' && steps === job.steps;
  if (current < 0 || unchanged) return steps;
  return steps.map((step, index) => {
    if (index < current) return finished(step, event.timestamp);
    if (index > current || step.status === 'COMPLETED') return step;
    return { ...step, status: 'RUNNING', startedAt: event.timestamp, finishedAt: null };
  });
}

function finished(step: Step, at: string): Step {
  if (step.status === 'COMPLETED') return step;
  return { ...step, status: 'COMPLETED', startedAt: step.startedAt ?? at, finishedAt: at };
}

function reopened(step: Step): Step {
  if (step.status === 'COMPLETED') return step;
  return { ...step, status: 'PENDING', startedAt: null, finishedAt: null };
}

function closeSteps(steps: Step[], status: StepStatus, at: string): Step[] {
  return steps.map((step) => (step.status === 'RUNNING' ? { ...step, status, finishedAt: at } : step));
}

/** A prediction that moves the end by less than this share of what is left is noise to a reader, */
const ETA_NOISE_SHARE = 0.1;
/** or by less than this many seconds. */
const ETA_NOISE_S = 1.5;

/**
 * The prediction to show: the one that is shown already counts on, until a new one tells another end (the middle, or either
 * end of the range) than can be overlooked. Without that the seconds would jump to and fro with every event.
 * @param before what is shown, of the same attempt; null: nothing
 */
export function steadyEta(
  before: Pick<JobView, 'eta' | 'etaAt'> | null,
  eta: JobView['eta'],
  now: number,
): Pick<JobView, 'eta' | 'etaAt'> {
  const shown = before === null ? null : remainingAt(before, now);
  if (before === null || shown === null || eta === null) return { eta, etaAt: now };
  const noise = Math.max(ETA_NOISE_S, ETA_NOISE_SHARE * eta.remainingSeconds);
  const isNoise =
    Math.abs(shown.seconds - eta.remainingSeconds) <= noise &&
    Math.abs(shown.low - eta.lowSeconds) <= 2 * noise &&
    Math.abs(shown.high - eta.highSeconds) <= 2 * noise;
  return isNoise ? { eta: before.eta, etaAt: before.etaAt } : { eta, etaAt: now };
}

/** Seconds left at `now`, counted down from when they were told; null when nothing is predicted. */
export function remainingAt(
  job: Pick<JobView, 'eta' | 'etaAt'>,
  now: number,
): { readonly seconds: number; readonly low: number; readonly high: number } | null {
  if (job.eta === null) return null;
  const gone = Math.max(0, (now - job.etaAt) / 1000);
  const left = (seconds: number): number => Math.max(0, seconds - gone);
  return {
    seconds: left(job.eta.remainingSeconds),
    low: left(job.eta.lowSeconds),
    high: left(job.eta.highSeconds),
  };
}
