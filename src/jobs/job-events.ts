/** The events that are written from outside an attempt: by commands and by the reconciler. */
import type { Json, JsonObject } from '../core/json.ts';
import type { CompletionEvent, ErrorEvent, ProgressEvent } from '../progress/events.ts';
import type { JobState } from '../progress/state.ts';

/** The first event of a run. */
export function queuedEvent(state: JobState, now: number): ProgressEvent {
  return {
    type: 'ProgressEvent',
    ...eventFields(state, now),
    progress: 0,
    status: 'queued',
    step: null,
    message: state.message ?? '',
    metadata: null,
  };
}

/** The last event of a cancelled job. */
export function cancelledEvent(state: JobState, now: number): ErrorEvent {
  return errorEvent(state, now, { error: 'Cancelled', code: 'CANCELLED', details: null });
}

/** The last event of a job whose workers were lost. */
export function lostEvent(state: JobState, now: number, details: JsonObject): ErrorEvent {
  const error = 'The workers that ran this job died or stalled too often';
  return errorEvent(state, now, { error, code: 'WORKER_LOST', details });
}

/** The last event of a job that can't be carried out because its stored record can't be read. */
export function damagedEvent(state: JobState, now: number): ErrorEvent {
  const error = 'What is stored of this job can’t be read, so it can’t be carried out';
  return errorEvent(state, now, { error, code: 'RECORD_DAMAGED', details: null });
}

/** The event of a failed attempt, as the job's last event. */
export function errorEvent(
  state: JobState,
  now: number,
  what: Pick<ErrorEvent, 'error' | 'code' | 'details'>,
): ErrorEvent {
  return {
    type: 'ErrorEvent',
    ...eventFields(state, now),
    ...what,
    willRetry: false,
    retryAfterSeconds: null,
  };
}

/** The last event of a job that is done. */
export function completionEvent(state: JobState, now: number, result: Json): CompletionEvent {
  return { type: 'CompletionEvent', ...eventFields(state, now), result };
}

function eventFields(
  state: JobState,
  now: number,
): Pick<ProgressEvent, 'projectId' | 'jobId' | 'workflow' | 'taskName' | 'attempt' | 'timestamp'> {
  const { projectId, id, workflow, taskName, attempt } = state;
  return { projectId, jobId: id, workflow, taskName, attempt, timestamp: new Date(now).toISOString() };
}
