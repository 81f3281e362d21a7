/** What the trackers write to: the event log, as far as they know it. */
import type { JsonObject } from '../core/json.ts';
import type { CompletionEvent, JobEvent, ProgressEvent } from './events.ts';
import type { Position } from './position.ts';
import type { JobState } from './state.ts';
import type { Workflow } from './steps.ts';

/**
 * What an attempt may write: `begin` takes the job, `event` reports, `release` says that another attempt follows, and `end`
 * writes the job's last event. The rules are in append.lua.
 */
export type AttemptMode = 'begin' | 'event' | 'release' | 'end';

/** One event of an attempt. */
export interface EventWrite {
  readonly mode: AttemptMode;
  /** Unique to this write, by `newWriteId`: the same id again is the same write, however often it is sent. */
  readonly writeId: string;
  readonly event: JobEvent;
  /** The snapshot as the event leaves it. */
  readonly state: JobState;
  /** The snapshot as it stands, if the writer knows it. */
  readonly base?: JobState;
}

/** OK and DUP: the event is in the log, once. With any other code it was refused, and nothing was written (append.lua says when). */
export interface WriteOutcome {
  readonly code:
    | 'OK'
    | 'DUP'
    | 'EXISTS'
    | 'CONFLICT'
    | 'GONE'
    | 'ENDED'
    | 'FULL'
    | 'FENCED'
    | 'STALE'
    | 'LATE';
  /** The event's place, with OK and DUP. */
  readonly position: Position;
  /** The job's version as the event left it, with OK and DUP; 0 if that is no longer known. */
  readonly version: number;
}

/** Whether the event is in the log. */
export function isWritten({ code }: WriteOutcome): boolean {
  return code === 'OK' || code === 'DUP';
}

/** Writes the events of jobs. */
export interface EventWriter {
  /**
   * Writes an event, the snapshot and the Pub/Sub message in one atomic step (G1, G3, G4).
   * Waits for Redis as long as it takes. Safe to repeat with the same id.
   */
  append(write: EventWrite): Promise<WriteOutcome>;
}

/** How often an event is sent when Redis serves but answers it with an error: such an event has a fault of ours. */
export const MAX_TRIES = 8;

/** What the reporters of a batch know about it. */
export interface BatchRef {
  readonly projectId: string;
  readonly id: string;
  readonly workflow: Workflow;
  readonly taskName: string;
  /** The batch's attempt; reports for another are refused. */
  readonly attempt: number;
  /** When its first attempt began (ms since the epoch), for figures. */
  readonly startedAt?: number | null;
  /** The attempts before its last retry, for figures. */
  readonly attemptBase?: number;
}

/** An item's progress, 0..1. */
export interface ItemProgress {
  readonly index: number;
  readonly progress: number;
}

/** How many items of a batch have ended, and how. */
export interface ItemCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** A progress event of a batch; the log fills in its progress and the counts. */
export interface BatchReport {
  readonly writeId: string;
  readonly event: ProgressEvent & { readonly metadata: JsonObject };
  /** Raised, never lowered (G5). */
  readonly items: readonly ItemProgress[];
  /** The time of the report, in ms since the epoch. */
  readonly now: number;
}

/** A batch's last event. */
export interface BatchFinish {
  readonly writeId: string;
  readonly event: CompletionEvent;
  /** The counts that the event reports; if they differ at the moment of writing, it is refused. */
  readonly counts: ItemCounts;
  /** The time of the end, in ms since the epoch. */
  readonly now: number;
}

/** Writes the events of batches. */
export interface BatchWriter {
  /**
   * Writes a batch's progress event: the mean over its items and their counts at this very moment (G5).
   * @returns STALE when the batch is at another attempt, ENDED or GONE; nothing was written then
   */
  report(batch: BatchRef, report: BatchReport): Promise<WriteOutcome>;
  /**
   * Writes a batch's last event (G3).
   * @returns STALE while an item has not ended, when the counts differ, or when the batch is at another attempt; ENDED or GONE;
   *   nothing was written then
   */
  finish(batch: BatchRef, finish: BatchFinish): Promise<WriteOutcome>;
}
