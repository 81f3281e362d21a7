/**
 * A job as one of its events left it. What the event tells is taken from it. The rest comes from the record, which may have
 * moved on since: it is read as of the event, with what was kept of the attempt when a later one took its place. Pure.
 */
import type { Json, JsonObject } from '../core/json.ts';
import { type Eta, isEnding, type JobEvent, type Preview } from './events.ts';
import type { EarlierAttempt, JobRecord } from './job-record.ts';
import { batchIdOf, type JobState, type JobStatus, rangesOf, type StepView } from './state.ts';

/** What an event tells about its job. */
export interface ToldJob {
  readonly status: JobStatus;
  readonly progress: number;
  readonly step: string | null;
  readonly message: string;
  readonly metadata: JsonObject | null;
  readonly result: Json;
  readonly error: JobState['error'];
  readonly eta: Eta | null;
  readonly preview: Preview | null;
  readonly finishedAt: number | null;
  readonly parentId: string | null;
}

export function toldBy(event: JobEvent): ToldJob {
  const finishedAt = isEnding(event) ? Date.parse(event.timestamp) : null;
  const parentId = batchIdOf(event.jobId);
  if (event.type === 'ProgressEvent') {
    const { eta = null, message, metadata, preview = null, progress, step } = event;
    const status = event.status === 'queued' ? 'QUEUED' : 'RUNNING';
    return {
      status,
      progress,
      step,
      message,
      metadata,
      result: null,
      error: null,
      eta,
      preview,
      finishedAt,
      parentId,
    };
  }
  // Earlier versions did not record what remains.
  const { eta = null, message = 'Done', metadata = null, progress = 0, step = null } = event.remains ?? {};
  if (event.type === 'CompletionEvent') {
    const { result } = event;
    return {
      status: 'COMPLETED',
      progress: 1,
      step,
      message,
      metadata,
      result,
      error: null,
      eta,
      preview: null,
      finishedAt,
      parentId,
    };
  }
  const { code, details, error, retryAfterSeconds, willRetry } = event;
  const status = willRetry ? 'RETRYING' : code === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
  const failure = { message: error, code, details, retryAfterSeconds };
  return {
    status,
    progress,
    step,
    message: error,
    metadata,
    result: null,
    error: failure,
    eta,
    preview: null,
    finishedAt,
    parentId,
  };
}

/** What the record tells about the job at an event. */
export type ReadJob = Pick<
  JobState,
  'title' | 'createdAt' | 'startedAt' | 'maxAttempts' | 'itemCount' | 'tracked'
> & {
  readonly steps: readonly StepView[];
};

/** @param record as it is now, or at any time since the event */
export function readAt(event: JobEvent, { earlier, state }: JobRecord): ReadJob {
  const { createdAt, itemCount, title, tracked } = state;
  const before = attemptBefore(event.attempt, earlier);
  // For the present attempt, and for one that is no longer kept, the record as it is now tells the most.
  const own = earlier.get(event.attempt) ?? state;
  const isQueued = event.type === 'ProgressEvent' && event.status === 'queued';
  const startedAt = isQueued ? (before?.startedAt ?? null) : own.startedAt;
  // A tracked job's attempts walk all of its steps.
  const kept = tracked === null ? (before?.steps ?? {}) : {};
  const steps = itemCount > 0 ? [] : viewStepsAt(event, state, own.steps, kept);
  return { title, createdAt, itemCount, tracked, startedAt, maxAttempts: own.maxAttempts, steps };
}

function attemptBefore(attempt: number, earlier: JobRecord['earlier']): EarlierAttempt | undefined {
  const last = [...earlier.keys()]
    .filter((number) => number < attempt)
    .reduce((one, other) => Math.max(one, other), 0);
  return earlier.get(last);
}

type Steps = JobState['steps'];

/**
 * @param own the attempt's steps as it left them, or as they are by now
 * @param before the steps as the attempt before left them; the finished ones among them were kept
 */
function viewStepsAt(event: JobEvent, state: JobState, own: Steps, before: Steps): readonly StepView[] {
  const at = Date.parse(event.timestamp);
  const current = event.type === 'ProgressEvent' ? event.step : (event.remains?.step ?? null);
  const ranges = rangesOf(state);
  const place = ranges.findIndex(({ name }) => name === current);
  return ranges.map((range, index): StepView => {
    const kept = before[range.name];
    if (kept?.status === 'COMPLETED') return view(range, 'COMPLETED', kept.startedAt, kept.finishedAt);
    const step = own[range.name];
    // Steps of the same millisecond are told apart by their order.
    const hasBegun = step !== undefined && (step.startedAt < at || (step.startedAt === at && index <= place));
    if (!hasBegun) return view(range, 'PENDING', null, null);
    const { finishedAt, startedAt, status } = step;
    // A step that reports progress is running, even if it was over in the same millisecond.
    const isRunning = event.type === 'ProgressEvent' && index === place;
    const isOver = finishedAt !== null && finishedAt <= at && !isRunning;
    if (isOver) return view(range, status, startedAt, finishedAt);
    return isEnding(event) ? view(range, 'FAILED', startedAt, at) : view(range, 'RUNNING', startedAt, null);
  });
}

type Range = Pick<StepView, 'name' | 'from' | 'to'>;

function view(
  { from, name, to }: Range,
  status: StepView['status'],
  startedAt: number | null,
  finishedAt: number | null,
): StepView {
  return { name, from, to, status, startedAt, finishedAt };
}
