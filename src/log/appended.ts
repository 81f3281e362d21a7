/** Reports events that are in the log to metrics and traces. */
import { METERS } from '../core/meters.ts';
import { currentTracing } from '../core/tracing.ts';
import type { JobEvent } from '../progress/events.ts';
import { hasEnded, type JobState } from '../progress/state.ts';

type Known = Pick<JobState, 'workflow' | 'status'> & Partial<Pick<JobState, Told>>;
type Told = 'createdAt' | 'startedAt' | 'finishedAt' | 'attempt' | 'attemptBase' | 'itemCount';

/**
 * Counts an event, and exports it as a record of the present trace.
 * @param mode the mode in which the event was written
 * @param state the job's state as the event left it; undefined: the event left the status as it was
 */
export function noteAppended(event: JobEvent, mode: string, state?: Known): void {
  METERS.eventsPublished.add(1, event.type);
  if (state !== undefined) countJob(event, mode, state);
  const tracing = currentTracing();
  if (tracing === undefined) return;
  tracing.emit({
    name: NAMES[event.type],
    level: event.type !== 'ErrorEvent' ? 'info' : event.willRetry ? 'warn' : 'error',
    body: bodyOf(event),
    attributes: {
      'playhead.project.id': event.projectId,
      'playhead.job.id': event.jobId,
      'playhead.job.task': event.taskName,
      'playhead.job.attempt': event.attempt,
      ...(event.type === 'ProgressEvent' && {
        'playhead.job.progress': event.progress,
        'playhead.job.step': event.step ?? undefined,
        'playhead.job.status': event.status,
      }),
      ...(event.type === 'ErrorEvent' && {
        'error.type': event.code,
        'playhead.job.will_retry': event.willRetry,
      }),
      ...(event.type === 'CompletionEvent' && { 'playhead.job.progress': 1 }),
    },
  });
}

const NAMES = {
  ProgressEvent: 'playhead.job.progress',
  ErrorEvent: 'playhead.job.error',
  CompletionEvent: 'playhead.job.completion',
} as const;

function bodyOf(event: JobEvent): string {
  switch (event.type) {
    case 'ProgressEvent':
      return event.message;
    case 'ErrorEvent':
      return event.error;
    case 'CompletionEvent':
      return 'completed';
  }
}

function countJob(event: JobEvent, mode: string, state: Known): void {
  const {
    workflow,
    status,
    createdAt,
    startedAt,
    finishedAt,
    attempt,
    attemptBase = 0,
    itemCount = 0,
  } = state;
  if (mode === 'create') METERS.jobsCreated.add(1, workflow);
  if (mode === 'begin' && attempt === 1 && createdAt !== undefined && startedAt != null) {
    METERS.queueWait.record(secondsBetween(createdAt, startedAt), workflow);
  }
  if (event.type === 'ErrorEvent' && event.code !== 'CANCELLED') {
    METERS.attemptsFailed.add(1, workflow, event.code, String(event.willRetry));
  }
  if (!hasEnded(status)) return;
  METERS.jobsEnded.add(1, workflow, status);
  // After retryJob the time since the first start includes somebody's pause of minutes or days.
  if (startedAt == null || finishedAt == null || attemptBase > 0) return;
  const meter = itemCount > 0 ? METERS.batchDuration : METERS.jobDuration;
  meter.record(secondsBetween(startedAt, finishedAt), workflow, status);
}

/** 0 when the clock was set back, or the two times come from machines whose clocks differ. */
function secondsBetween(from: number, to: number): number {
  return Math.max(0, to - from) / 1_000;
}
