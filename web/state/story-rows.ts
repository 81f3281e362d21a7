/** A job's events as rows to read: repeated ones are combined into one row. Pure. */
import type { StoryFieldsFragment } from '../generated/graphql.ts';

export type StoryEvent = StoryFieldsFragment;

/** One or more consecutive events with the same content. */
export interface StoryRow {
  /** Id of the first event. */
  readonly id: string;
  /** The number of that event in the job, from 1. */
  readonly version: number;
  readonly kind: StoryEvent['__typename'];
  readonly attempt: number;
  readonly step: string | null;
  /** The message; empty for a completion. */
  readonly text: string;
  /** ISO 8601: the times of the first and the last event. */
  readonly from: string;
  readonly to: string;
  readonly count: number;
  /** Progress of the whole job, 0..1, at the first and the last event; null: they have none. */
  readonly progress: { readonly from: number; readonly to: number } | null;
  /** queued, processing or retrying; null unless these are progress events. */
  readonly status: string | null;
  /** The worker that makes the attempt that begins here. */
  readonly worker: string | null;
  readonly error: { readonly code: string; readonly willRetry: boolean } | null;
}

/** Adds further events to the rows, in order. */
export function foldEvents(rows: readonly StoryRow[], events: readonly StoryEvent[]): readonly StoryRow[] {
  const all = [...rows];
  for (const event of events) {
    const row = toRow(event);
    const last = all.at(-1);
    if (last !== undefined && isRepeated(last, row)) all[all.length - 1] = joined(last, row);
    else all.push(row);
  }
  return all;
}

function isRepeated(last: StoryRow, row: StoryRow): boolean {
  return (
    row.kind === 'ProgressEvent' &&
    row.kind === last.kind &&
    row.worker === null &&
    row.text === last.text &&
    row.step === last.step &&
    row.attempt === last.attempt
  );
}

function joined(last: StoryRow, row: StoryRow): StoryRow {
  const from = last.progress?.from ?? 0;
  return { ...last, to: row.to, count: last.count + 1, progress: { from, to: row.progress?.to ?? from } };
}

function toRow(event: StoryEvent): StoryRow {
  const { __typename: kind, attempt, id, job, timestamp } = event;
  const common = { id, version: job.version, kind, attempt, from: timestamp, to: timestamp, count: 1 };
  const rest = { step: null, text: '', progress: null, status: null, worker: null, error: null };
  switch (event.__typename) {
    case 'ProgressEvent': {
      const { message: text, progress, status, step, worker } = event;
      return { ...common, ...rest, step, text, status, worker, progress: { from: progress, to: progress } };
    }
    case 'ErrorEvent': {
      const { code, error: text, willRetry } = event;
      return { ...common, ...rest, text, error: { code, willRetry } };
    }
    case 'CompletionEvent':
      return { ...common, ...rest };
  }
}
