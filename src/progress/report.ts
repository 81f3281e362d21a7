/** What a report makes of a tracked job's state. Pure. */
import type { JsonObject } from '../core/json.ts';
import { shorten } from '../core/text.ts';
import type { Preview, ProgressEvent } from './events.ts';
import { mapProgress } from './mapper.ts';
import { closeStep, halveStep, type JobState, openStep, rangesOf } from './state.ts';
import type { StepRange } from './steps.ts';

/** What a task reports about its progress; anything left out stays as it was. */
export interface ProgressReport {
  /** 0..1 of the whole job. */
  readonly progress?: number | undefined;
  /** One of the job's steps. */
  readonly step?: string | undefined;
  /** 0..1 inside the step. */
  readonly stepProgress?: number | undefined;
  readonly message?: string | undefined;
  /** Null: there is none any more. */
  readonly metadata?: JsonObject | null | undefined;
  /** A link to what is shown of the work; it is removed when the attempt ends. */
  readonly preview?: Preview | undefined;
  /** The number of the report in its attempt; a report whose number is not above the last one's is late, and changes nothing. */
  readonly sequence?: number | undefined;
}

const MAX_MESSAGE_CHARS = 1_000;
const MAX_FACTS_CHARS = 16_384;

/**
 * The state after a report. Progress never goes back (G5), and neither does the step: reports may come twice, late, and in
 * any order.
 * @param now ms since the epoch
 * @returns null when the report changes nothing: it is a heartbeat, or late
 * @throws RangeError when progress is to be found by a step that the job does not have
 */
export function reportedJob(state: JobState, report: ProgressReport, now: number): JobState | null {
  const { message, metadata, preview = state.preview, sequence, step = state.step, ...more } = report;
  const { tracked } = state;
  if (tracked === null || isHeartbeat(report)) return null;
  if (sequence !== undefined && sequence <= tracked.sequence) return null;
  const ranges = rangesOf(state);
  if (placeOf(ranges, step) < placeOf(ranges, state.step)) return null;
  const entered =
    step === null || step === state.step ? state : openStep(closeStep(state, 'COMPLETED', now), step, now);
  const progress = more.progress ?? progressIn(ranges, step, more.stepProgress);
  const moved = {
    ...entered,
    progress: Math.max(state.progress, progress),
    message: message === undefined ? state.message : shorten(message, MAX_MESSAGE_CHARS),
    metadata: metadata === undefined ? state.metadata : boundedFacts(metadata),
    preview,
    tracked: { ...tracked, sequence: sequence ?? tracked.sequence },
  };
  return isHalfway(moved, ranges) ? halveStep(moved, now) : moved;
}

/** Whether a report says only that its task is alive. */
function isHeartbeat({ sequence: _, ...told }: ProgressReport): boolean {
  return Object.values(told).every((value) => value === undefined);
}

/** The event for a tracked job's state as a report left it. @param now ms since the epoch */
export function reportedEvent(state: JobState, status: ProgressEvent['status'], now: number): ProgressEvent {
  const { attempt, eta, id, message, metadata, preview, progress, projectId, step, taskName, workflow } =
    state;
  return {
    type: 'ProgressEvent',
    ...{ projectId, jobId: id, workflow, taskName, attempt, timestamp: new Date(now).toISOString() },
    ...{ progress, status, step, message: message ?? '', metadata },
    ...(eta !== null && { eta }),
    ...(preview !== null && { preview }),
  };
}

/**
 * Facts of a task or of a step. More than 16 KB of them are replaced by `{"truncated": true}`, in the snapshot too, so that one
 * job can't fill the log (G7).
 */
export function boundedFacts<Facts extends JsonObject | null>(facts: Facts): Facts | JsonObject {
  return JSON.stringify(facts).length > MAX_FACTS_CHARS ? { truncated: true } : facts;
}

/** The place of a step among the job's; -1: none has begun. */
function placeOf(ranges: readonly StepRange[], step: string | null): number {
  return ranges.findIndex(({ name }) => name === step);
}

function progressIn(ranges: readonly StepRange[], step: string | null, inside = 0): number {
  return step === null ? 0 : mapProgress(ranges, step, inside);
}

/** Whether the running step has done half of its progress, and this was not noted yet. */
function isHalfway({ progress, step, steps }: JobState, ranges: readonly StepRange[]): boolean {
  const range = ranges.find(({ name }) => name === step);
  if (range === undefined || range.to <= range.from || steps[range.name]?.halfAt !== undefined) return false;
  return progress >= (range.from + range.to) / 2;
}
