/** A job as it is shown, and how its events change it. Pure. */
import { agedRange } from '../../client/aged-eta.ts';
import type {
  EventFieldsFragment,
  JobFieldsFragment,
  JobStatus,
  StepStatus,
  ToldFieldsFragment,
  WaitFieldsFragment,
} from '../generated/graphql.ts';

export type JobEvent = EventFieldsFragment;
/** A job as an event left it. */
export interface ToldJob extends ToldFieldsFragment {
  /** The event's timestamp. */
  readonly toldAt: string;
}
/** The server's answer about a waiting job. */
export type Wait = WaitFieldsFragment;
export type JobResult = NonNullable<JobFieldsFragment['result']>;

/** A job as it is shown. */
export interface JobView extends JobFieldsFragment {
  /** Local time at which `eta` was received, in ms since the epoch. */
  readonly etaAt: number;
  /** Ids of a batch's items, in order. */
  readonly itemIds: readonly string[];
  /** The job's input, once the job has been loaded individually; null: the credential may not see it. */
  readonly input?: unknown;
  /** The beginning of its text, once the job has been loaded individually or in the list. */
  readonly inputExcerpt?: string | null;
  /** Where a waiting job is in the queue, as far as known. */
  readonly queue?: QueuePlace;
}

export interface QueuePlace {
  /** From 1, which is next to be taken; null while the job enters or leaves the queue. */
  readonly position: number | null;
  /** Seconds until the job begins; null when nothing is predicted. */
  readonly waitSeconds: number | null;
  /** Local time at which this was received, in ms since the epoch. */
  readonly at: number;
}

export const ENDED: readonly JobStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

export function hasEnded(job: { readonly status: JobStatus }): boolean {
  return ENDED.includes(job.status);
}

/** The workflow of jobs that run elsewhere, each of which is named after its task. */
const TRACKED = 'TRACKED';

/** Whether the job runs in another system. */
export function isTracked({ workflow }: { readonly workflow?: string }): boolean {
  return workflow === TRACKED;
}

/** Errors that the same input would cause again. */
const LASTING: readonly string[] = ['INVALID_INPUT', 'NOT_VERIFIED'];

/**
 * Whether retryJob accepts the job and may help. That includes a batch with failed items, of which only those run again. A job
 * with faulty input has to be started again with other input.
 */
export function canRetry(job: Pick<JobView, 'status' | 'result' | 'error' | 'workflow'>): boolean {
  if (isTracked(job)) return false;
  if (job.status === 'CANCELLED') return true;
  if (job.status === 'FAILED') return job.error === null || !LASTING.includes(job.error.code);
  const { result } = job;
  return result?.__typename === 'BatchResult' && result.failed + result.cancelled > 0;
}

/** Whether a job is listed under one of these statuses, as in the API's `jobs`: a batch also because of its failed items. */
export function isListedAs(job: JobView, statuses: readonly JobStatus[]): boolean {
  return statuses.includes(job.status) || (statuses.includes('FAILED') && hasFailedItems(job));
}

function hasFailedItems({ metadata, result, taskName, workflow }: JobView): boolean {
  if (result?.__typename === 'BatchResult') return result.failed > 0;
  return isBatch({ taskName, workflow }) && Number(Object(metadata).failed) > 0;
}

export function isBatch(job: { readonly taskName: string; readonly workflow?: string }): boolean {
  return job.taskName.startsWith('batch_') && !isTracked(job);
}

/** The job after an event. Steps and times, which events do not contain, are derived from what was known. */
export function afterEvent(job: JobView, { toldAt, ...told }: ToldJob, now: number): JobView {
  return {
    ...job,
    ...told,
    maxAttempts: Math.max(job.maxAttempts, told.attempt),
    steps: stepsAfter(job, told, toldAt),
    startedAt: job.startedAt ?? (told.status === 'RUNNING' ? toldAt : null),
    ...etaAfter(job, told, now),
  };
}

/** Events of a batch, and that of a job entering the queue, contain no prediction: the queried one is kept. */
function etaAfter(job: JobView, told: ToldFieldsFragment, now: number): Pick<JobView, 'eta' | 'etaAt'> {
  const same = told.attempt === job.attempt;
  const isSilent = told.status === 'QUEUED' || (told.status === 'RUNNING' && isBatch(job));
  if (same && isSilent && told.eta === null) return { eta: job.eta, etaAt: job.etaAt };
  return steadyEta(same ? job : null, told.eta, now);
}

/** Whether the job's prediction must be queried: it waits, or is a batch some of whose items may. */
export function isWaiting(job: JobView): boolean {
  return job.status === 'QUEUED' || job.status === 'RETRYING' || (job.status === 'RUNNING' && isBatch(job));
}

/** Seconds until a waiting job begins, counted down since they were received; null when nothing is predicted. */
export function waitAt({ queue }: Pick<JobView, 'queue'>, now: number): number | null {
  if (queue?.waitSeconds == null) return null;
  return Math.max(0, queue.waitSeconds - Math.max(0, now - queue.at) / 1000);
}

type Step = JobFieldsFragment['steps'][number];

function stepsAfter(job: JobView, told: ToldFieldsFragment, at: string): Step[] {
  switch (told.status) {
    case 'QUEUED':
    case 'RUNNING':
      return stepsAt(job, told, at);
    case 'RETRYING':
    case 'FAILED':
    case 'CANCELLED':
      return closeSteps(stepsAt(job, told, at), 'FAILED', at);
    case 'COMPLETED':
      return job.steps.map((step) => finished(step, at));
  }
}

/** The steps while the named one runs: those before it are done. A new attempt begins with what the last one finished. */
function stepsAt(job: JobView, told: ToldFieldsFragment, at: string): Step[] {
  const steps = told.attempt > job.attempt ? job.steps.map(reopened) : job.steps;
  const current = steps.findIndex(({ name }) => name === told.step);
  const unchanged = current >= 0 && steps[current]?.status !== 'PENDING' && steps === job.steps;
  if (current < 0 || unchanged) return steps;
  return steps.map((step, index) => {
    if (index < current) return finished(step, at);
    if (index > current || step.status === 'COMPLETED') return step;
    return { ...step, status: 'RUNNING', startedAt: at, finishedAt: null };
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

/** A prediction that moves the end by less than this share of the remaining time is noise to a reader, */
const ETA_NOISE_SHARE = 0.1;
/** or by less than this many seconds. */
const ETA_NOISE_S = 1.5;

/**
 * The prediction to show: the current one keeps counting down until a new one differs noticeably (in the middle, or at either
 * end of the range). Otherwise the seconds would jump back and forth with every event.
 * @param before what is shown for the same attempt; null: nothing
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

/** Seconds left at `now`, counted down since they were received; null when nothing is predicted. */
export function remainingAt(
  job: Pick<JobView, 'eta' | 'etaAt'>,
  now: number,
): { readonly seconds: number; readonly low: number; readonly high: number } | null {
  if (job.eta === null) return null;
  const left = agedRange(job.eta, Math.max(0, (now - job.etaAt) / 1000));
  return { seconds: left.remainingSeconds, low: left.lowSeconds, high: left.highSeconds };
}
