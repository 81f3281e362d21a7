/** When a job did what, attempt by attempt: from its events, or from its steps where events are no longer kept. Pure. */

import type { StoryLine } from './job-story.ts';
import { hasEnded, type JobView } from './job-view.ts';
import type { StoryRow } from './story-rows.ts';

export type SpanKind = 'queue' | 'step' | 'retry';
export type SpanStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'KEPT';

/** A wait or a step. */
export interface Span {
  readonly kind: SpanKind;
  /** The name of the step; null: a wait. */
  readonly step: string | null;
  /** ms since the epoch. */
  readonly from: number;
  /** Null: it has not ended. */
  readonly to: number | null;
  readonly status: SpanStatus;
  /** Its lines, oldest first. */
  readonly lines: readonly StoryLine[];
}

export interface AttemptTrack {
  readonly attempt: number;
  readonly worker: string | null;
  readonly spans: readonly Span[];
  /** Why it failed; null: it did not. */
  readonly failure: { readonly code: string | null; readonly text: string } | null;
}

interface Draft {
  attempt: number;
  worker: string | null;
  spans: Span[];
  failure: AttemptTrack['failure'];
}

type TimedJob = Pick<JobView, 'attempt' | 'createdAt' | 'startedAt' | 'finishedAt' | 'status' | 'steps'>;

/** The attempts of a job, oldest first. */
export function buildTimeline(
  job: TimedJob,
  rows: readonly StoryRow[],
  lines: readonly StoryLine[],
): readonly AttemptTrack[] {
  const tracks = new Tracks();
  for (const row of rows) tracks.add(row);
  const drafts = tracks.all;
  const present = drafts.find(({ attempt }) => attempt === job.attempt);
  // The steps of a job are known even if its events are no longer kept.
  if (!isWhole(rows)) completeFromSteps(job, drafts, present);
  return drafts.map(({ spans, ...track }) => ({
    ...track,
    spans: spans.map((span) => withLines(markKept(span, track.attempt, job), track.attempt, lines)),
  }));
}

/** Whether the events begin with the job’s first. */
export function isWhole(rows: readonly StoryRow[]): boolean {
  return rows[0]?.version === 1;
}

/** The beginning and end of the whole, in ms since the epoch. @param now the end of what has not ended */
export function rangeOf(
  job: Pick<JobView, 'createdAt' | 'status'>,
  tracks: readonly AttemptTrack[],
  now: number,
): { readonly from: number; readonly to: number } {
  const spans = tracks.flatMap((track) => track.spans);
  const from = Math.min(Date.parse(job.createdAt), ...spans.map((span) => span.from));
  const ends = spans.map((span) => span.to ?? (hasEnded(job) ? span.from : now));
  return { from, to: Math.max(from + 1, ...ends) };
}

const NICE_SECONDS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200,
  86_400,
];

/** Ticks of a time axis in seconds: round values, at most `most` after 0. */
export function ticksOf(seconds: number, most: number): readonly number[] {
  const days = (count: number): number => Math.ceil(count / 86_400) * 86_400;
  const gap = NICE_SECONDS.find((nice) => seconds / nice <= most) ?? days(seconds / most);
  const count = Math.floor(seconds / gap + 1e-9);
  return Array.from({ length: count + 1 }, (_, at) => Number((at * gap).toFixed(1)));
}

class Tracks {
  readonly all: Draft[] = [];

  add(row: StoryRow): void {
    const [from, to] = [Date.parse(row.from), Date.parse(row.to)];
    if (row.error !== null) return this.#fail(row, from);
    const before = this.all.at(-1);
    const track = this.#track(row.attempt, from);
    if (row.worker !== null) track.worker = row.worker;
    if (row.kind === 'CompletionEvent') return close(track, from, 'COMPLETED');
    if (row.status === 'queued') return this.#open(track, 'queue', null, from);
    const isBegun = row.worker !== null || row.status === 'retrying' || track !== before;
    const open = track.spans.at(-1);
    if (isBegun && open !== undefined && open.kind !== 'step') close(track, from, 'COMPLETED');
    if (row.step !== null && (open?.step !== row.step || open.to !== null)) {
      close(track, from, 'COMPLETED');
      this.#open(track, 'step', row.step, from);
    } else if (open !== undefined && open.kind !== 'step' && open.to === null) {
      close(track, to, 'COMPLETED');
    }
  }

  /** The attempt's track. A new one means that the previous one is over, for whatever reason. */
  #track(attempt: number, at: number): Draft {
    const last = this.all.at(-1);
    if (last !== undefined && last.attempt >= attempt) return last;
    if (last?.spans.at(-1)?.to === null) {
      close(last, at, 'FAILED');
      last.failure ??= { code: null, text: '' };
    }
    const track: Draft = { attempt, worker: null, spans: [], failure: null };
    this.all.push(track);
    return track;
  }

  #open(track: Draft, kind: SpanKind, step: string | null, from: number): void {
    track.spans.push({ kind, step, from, to: null, status: 'RUNNING', lines: [] });
  }

  #fail({ attempt, error, text }: StoryRow, at: number): void {
    const track = this.#track(attempt, at);
    const code = error?.code ?? null;
    close(track, at, code === 'CANCELLED' ? 'CANCELLED' : 'FAILED');
    track.failure = { code, text };
    if (error?.willRetry === true) this.#open(this.#track(attempt + 1, at), 'retry', null, at);
  }
}

/** Closes the open span of a track. */
function close(track: Draft, at: number, status: SpanStatus): void {
  const open = track.spans.at(-1);
  if (open === undefined || open.to !== null) return;
  track.spans[track.spans.length - 1] = { ...open, to: at, status };
}

function completeFromSteps(job: TimedJob, drafts: Draft[], present: Draft | undefined): void {
  const track = present ?? { attempt: job.attempt, worker: null, spans: [], failure: null };
  if (present === undefined) drafts.push(track);
  const known = track.spans.filter(({ kind }) => kind !== 'step');
  const steps = job.steps.flatMap(({ finishedAt, name, startedAt, status }): Span[] => {
    if (startedAt === null || status === 'PENDING') return [];
    const to = finishedAt === null ? null : Date.parse(finishedAt);
    return [{ kind: 'step', step: name, from: Date.parse(startedAt), to, status, lines: [] }];
  });
  const [created, started] = [job.createdAt, job.startedAt].map((iso) =>
    iso === null ? null : Date.parse(iso),
  );
  const wait: Span[] =
    job.attempt === 1 && known.length === 0 && created != null
      ? [
          {
            ...{ kind: 'queue', step: null, from: created, to: started ?? null, lines: [] },
            status: started == null ? 'RUNNING' : 'COMPLETED',
          },
        ]
      : [];
  track.spans = [...wait, ...known, ...steps].sort((one, other) => one.from - other.from);
}

/** A step that an earlier attempt has finished is merely skipped. */
function markKept(span: Span, attempt: number, job: TimedJob): Span {
  if (span.kind !== 'step' || attempt !== job.attempt || span.to === null) return span;
  const step = job.steps.find(({ name }) => name === span.step);
  const finished = step?.finishedAt == null ? null : Date.parse(step.finishedAt);
  return finished !== null && finished < span.from ? { ...span, status: 'KEPT' } : span;
}

function withLines(span: Span, attempt: number, lines: readonly StoryLine[]): Span {
  if (span.kind !== 'step') return span;
  return { ...span, lines: lines.filter((line) => line.attempt === attempt && line.step === span.step) };
}
