/**
 * The remaining time of a run, from earlier runs of the same workflow and from its own speed. Pure: no clock, no storage.
 *
 * Each step's duration is learned by itself and scaled by the work's size (step-duration.ts). The speed of the latest runs says
 * what to expect of a run before it has begun (pace.ts). As it unfolds, what its steps took compared with that scales the rest,
 * and inside a step its own speed counts for more the further it is. The interval comes from how far the same method was off
 * for the earlier runs, each predicted without itself (eta-band.ts). Other ways: Jenkins takes the mean of earlier runs, Argo
 * Workflows the last one, progress bars extrapolate the percentage; `npm run bench -- eta` compares them.
 */

import type { Estimate, ShownEstimate } from '../progress/estimate.ts';
import type { RunRecord, RunSoFar } from '../progress/run-so-far.ts';
import { Bands } from './eta-band.ts';
import { expectBeside, fitSteps, type Prediction, predictRemaining } from './eta-prediction.ts';
import { type Expectation, Pace } from './pace.ts';
import type { StepModel } from './step-duration.ts';

/** What was learned from earlier runs; made once for many estimates. */
export interface Model {
  /** Number of earlier runs. */
  readonly runs: number;
  /** In the order of the table. */
  readonly steps: ReadonlyMap<string, StepModel>;
  readonly pace: Pace;
  readonly bands: Bands;
}

/** Older runs than these are not looked at. */
export const HISTORY_LIMIT = 200;
/** Progress is rounded to this; less says nothing. */
const MIN_PROGRESS = 1e-6;
/** Before this, a run's own speed says nothing: a task may report at once how far it was when it began. */
const MIN_ELAPSED_SECONDS = 1;
/**
 * By the run's own speed alone, low and high are the remaining time divided and multiplied by these: the tables are not
 * durations.
 */
const EXTRAPOLATION_LOW = 10;
const EXTRAPOLATION_HIGH = 8;
/** The run's own speed counts as much as this many earlier runs. */
const FEW_PRIOR = 0.2;
/** With too few runs for a band: the factor for low and high beyond 1, less with more runs, and the share of the total on top. */
const FEW_SPREAD = 2;
const FEW_MARGIN = 0.1;

/**
 * Learns from earlier runs.
 * @param history oldest first; the newest HISTORY_LIMIT count, and none is needed
 * @param stepNames in the order of the table; other steps in the history are ignored
 */
export function createModel(history: readonly RunRecord[], stepNames: readonly string[]): Model {
  const runs = history.slice(-HISTORY_LIMIT).filter(isSound);
  const steps = fitSteps(runs, stepNames);
  const pace = new Pace(runs, steps);
  return {
    runs: runs.length,
    steps,
    pace,
    bands: new Bands(runs, stepNames, pace),
  };
}

/**
 * The remaining time.
 * @param expected what to expect of a run about which nothing is known yet; default: what the latest runs suggest
 * @returns null only when nothing at all can be said: no earlier run, and no progress yet, or less than a second of it
 */
export function estimate(
  model: Model,
  run: RunSoFar,
  expected: Expectation = model.pace.before(),
): Estimate | null {
  const own = extrapolate(run);
  if (model.runs === 0) return own;
  const learned = predictRemaining(model.steps, run, expected);
  const band = model.bands.find(run.size, learned);
  if (band === null) return widened(learned, model.runs, own);
  return ordered(
    learned.remaining,
    learned.least + band.low * learned.scale,
    learned.most + band.high * learned.scale,
  );
}

/** What is expected of the next run while others of the same workflow are under way. */
export function expectationBeside({ pace, steps }: Model, runs: readonly RunSoFar[]): Expectation {
  return expectBeside(steps, runs, pace.kept, pace.before());
}

/**
 * The estimate to show: as long as the new one agrees with what is shown, the finish time stays where it is, so that it does
 * not jitter.
 * @param previous what is shown; null at first
 * @param now milliseconds since the epoch
 */
export function steady(previous: ShownEstimate | null, next: Estimate, now: number): ShownEstimate {
  const finishesAt = now + next.remainingSeconds * 1_000;
  if (previous === null) return { ...next, finishesAt };
  const kept = (previous.finishesAt - now) / 1_000;
  const tolerance = TOLERANCE * next.remainingSeconds;
  const agrees = Math.abs(kept - next.remainingSeconds) <= tolerance;
  if (!agrees || kept < next.lowSeconds || kept > next.highSeconds) return { ...next, finishesAt };
  return { ...next, remainingSeconds: kept, finishesAt: previous.finishesAt };
}

/** Share of the remaining time by which a new estimate may differ from what is shown. */
const TOLERANCE = 0.15;

/** A record with a duration that cannot be one says nothing. */
function isSound({ steps, halves = {}, size }: RunRecord): boolean {
  return [steps, halves, size]
    .flatMap((part) => Object.values(part))
    .every((value) => value === undefined || (Number.isFinite(value) && value >= 0));
}

/**
 * Estimates by the run's own speed alone. The tables' ranges are not durations, so it may be far off, and its interval says so.
 */
function extrapolate({ elapsedSeconds, progress }: RunSoFar): Estimate | null {
  if (!(progress >= MIN_PROGRESS) || !(elapsedSeconds >= MIN_ELAPSED_SECONDS)) return null;
  const remaining = (elapsedSeconds * (1 - Math.min(1, progress))) / progress;
  return ordered(remaining, remaining / EXTRAPOLATION_LOW, remaining * EXTRAPOLATION_HIGH);
}

/**
 * The estimate with too few runs for a band: what they say and, with one or two of them, a little of what the run's own speed
 * says; wide.
 */
function widened(
  { least, most, remaining, total }: Prediction,
  runs: number,
  own: Estimate | null,
): Estimate {
  const trust = runs / (runs + FEW_PRIOR);
  const likely = own === null ? remaining : trust * remaining + (1 - trust) * own.remainingSeconds;
  const margin = FEW_MARGIN * total;
  const spread = 1 + FEW_SPREAD / Math.sqrt(runs);
  return ordered(likely, Math.min(likely, least) / spread - margin, Math.max(likely, most) * spread + margin);
}

function ordered(remaining: number, low: number, high: number): Estimate {
  const remainingSeconds = Math.max(0, remaining);
  return {
    remainingSeconds,
    lowSeconds: Math.max(0, Math.min(low, remainingSeconds)),
    highSeconds: Math.max(high, remainingSeconds),
  };
}
