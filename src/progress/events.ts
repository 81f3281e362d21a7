/** The typed events of a job, as they are stored in the log. Pure: no client library. */

import type { Json, JsonObject } from '../core/json.ts';
import type { ShownEstimate } from './estimate.ts';
import type { Position } from './position.ts';
import type { Workflow } from './steps.ts';

interface EventFields {
  readonly projectId: string;
  readonly jobId: string;
  /** Left out by earlier versions: the workflow of the task name. */
  readonly workflow?: Workflow;
  /** video_generation, verified_audio, script_writing, lipsync, or a batch's batch_... name. */
  readonly taskName: string;
  /** 1 for the first run. */
  readonly attempt: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly timestamp: string;
  /**
   * The number of the event among those of its job, from 1; append.lua writes it. Left out by earlier versions, which did not
   * count.
   */
  readonly version?: number;
}

export type ProgressStatus = 'queued' | 'processing' | 'retrying';

/** The predicted remaining time of a job, counted from the moment of the prediction. */
export interface Eta extends ShownEstimate {
  /** The part of the remaining time that is spent in the queue or before the retry; left out: none. */
  readonly waitSeconds?: number;
}

export interface ProgressEvent extends EventFields {
  readonly type: 'ProgressEvent';
  /** 0..1 of the whole job; never goes back within one attempt (G5). */
  readonly progress: number;
  readonly status: ProgressStatus;
  readonly step: string | null;
  readonly message: string;
  readonly metadata: JsonObject | null;
  /** The worker that makes the attempt, in the attempt's first event. */
  readonly worker?: string;
  /** Left out: nothing was predicted. */
  readonly eta?: Eta;
  /** Left out: nothing is shown. */
  readonly preview?: Preview;
}

/** The newest picture or sound of what is being made, as it is stored; for a tracked job, a link to it. */
export type Preview = {
  /** Name inside the job. */
  readonly name: string;
  /** Place in the store: `projectId/jobId/name`; empty for a link. */
  readonly path: string;
  readonly contentType: string;
  /** 0 for a link whose size is unknown. */
  readonly sizeBytes: number;
  /** Where a link leads; left out for a file of the store. */
  readonly url?: string;
};

export interface ErrorEvent extends EventFields {
  readonly type: 'ErrorEvent';
  readonly error: string;
  readonly code: string;
  readonly details: JsonObject | null;
  /** False: the job's last event (G3). */
  readonly willRetry: boolean;
  readonly retryAfterSeconds: number | null;
  /** Left out by earlier versions. */
  readonly remains?: Remains;
}

export interface CompletionEvent extends EventFields {
  readonly type: 'CompletionEvent';
  readonly result: Json;
  /** Left out by earlier versions. */
  readonly remains?: Remains;
}

/**
 * What a job's state holds after an error or a completion, beyond what the event itself says. It is written with the event, so
 * that the job as the event left it can be shown without reading a record that has moved on. append.lua adds it to an event
 * from outside of an attempt.
 */
export interface Remains {
  /** 0..1. */
  readonly progress: number;
  readonly step: string | null;
  readonly metadata: JsonObject | null;
  /** The last message of a job that completed; an error is its own message. */
  readonly message?: string;
  /** Includes the wait for the next attempt; left out: nothing is predicted. */
  readonly eta?: Eta;
}

export type JobEvent = ProgressEvent | ErrorEvent | CompletionEvent;

/** An event with its position in the project's log. */
export interface LoggedEvent extends Position {
  readonly event: JobEvent;
}

/** Whether a stored value is an event. Only what distinguishes events is checked: append.lua alone writes them. */
export function isJobEvent(value: unknown): value is JobEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { type, jobId } = value as Partial<JobEvent>;
  return TYPES.has(type) && typeof jobId === 'string';
}

const TYPES: ReadonlySet<unknown> = new Set<JobEvent['type']>([
  'ProgressEvent',
  'ErrorEvent',
  'CompletionEvent',
]);

/** True for the event after which the job's attempt chain is over: completed, failed or cancelled. */
export function isEnding(event: JobEvent): boolean {
  return event.type === 'CompletionEvent' || (event.type === 'ErrorEvent' && !event.willRetry);
}

/** Rounded to whole percent; 100 only when done. */
export function toPercent(progress: number): number {
  const percent = Math.round(progress * 100);
  return progress < 1 ? Math.min(percent, 99) : percent;
}
