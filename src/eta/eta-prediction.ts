/** The remaining time of a run from what was learned about its steps, and from its own speed so far. Pure. */
import type { RunRecord, RunSoFar } from '../progress/run-so-far.ts';
import { clampPace, type Expectation, PACE_LIMIT } from './pace.ts';
import { fitStep, placeAbove, predictStep, quantile, type StepModel, timeShare } from './step-duration.ts';

/** In the order of the table. */
export type StepModels = ReadonlyMap<string, StepModel>;

/** Seconds, 0 or more. */
export interface Prediction {
  readonly remaining: number;
  /**
   * The least and the most that is left, whether the run goes on as it has so far or as was expected of it. They are far apart
   * when it has left the pace of the runs that it is predicted from, and converge as it ends.
   */
  readonly least: number;
  readonly most: number;
  /** Elapsed plus remaining. */
  readonly total: number;
  /** The unit of its errors: the more uncertain this run is, the larger. */
  readonly scale: number;
}

/** How much of the predicted total counts as evidence for the expected pace, before the run's own is believed. */
const PACE_PRIOR = 1;
/** The same for the least and most that is left, where a different pace of the run's own should show early. */
const OWN_PRIOR = 0.05;
/** A pace that is known from only a part of the run may be further off: by this power of it. */
const BEYOND = 1.25;
/** What the scale of errors has beyond most - least, as a share of the total; each unit of doubt adds as much again. */
const SCALE = 0.2;
/** A smaller share of a step says nothing. */
const MIN_SHARE = 1e-6;
/** What is left of a step that has taken longer than ever: this share of what it has taken. */
const OVERDUE = 0.1;
/** A step's own speed is believed by this power of the share that is done, while all earlier runs took longer. */
const USUAL_TRUST = 2;
/** The same when no earlier run took longer. */
const OUTRUN_TRUST = 0.5;

/** @param runs sound runs, in any order */
export function fitSteps(runs: readonly RunRecord[], stepNames: readonly string[]): StepModels {
  const models = new Map<string, StepModel>();
  for (const name of stepNames) {
    const samples = runs.flatMap(({ steps, halves, size }) => {
      const seconds = steps[name];
      return seconds === undefined ? [] : [{ seconds, half: halves?.[name], size }];
    });
    if (samples.length > 0) models.set(name, fitStep(samples));
  }
  return models;
}

/** What is left of the present step, and all of the steps still to come, at the run's own pace. */
export function predictRemaining(steps: StepModels, run: RunSoFar, expected: Expectation): Prediction {
  const usual = usualOf(steps, run, expected);
  const seen = evidenceOf(steps, usual, run);
  // What the present step shows about itself is weighed in restOfStep.
  const before = evidenceOf(steps, usual, { ...run, current: null });
  const remaining = restOfRun(steps, usual, run, paceFrom(before, PACE_PRIOR), paceFrom(seen, PACE_PRIOR));
  const own = paceFrom(seen, OWN_PRIOR) ** BEYOND;
  const others = [1, own].map((pace) => restOfRun(steps, usual, run, pace, pace));
  const least = Math.min(remaining, ...others);
  const most = Math.max(remaining, ...others);
  const total = Math.max(0, run.elapsedSeconds) + remaining;
  const scale = most - least + SCALE * (1 + expected.doubt) * total;
  return { remaining, least, most, total, scale };
}

/**
 * What is expected of a run while others are under way: those count as the latest ones, as far as they have come.
 * @param kept as in Pace
 * @param before what was expected of all of them
 */
export function expectBeside(
  steps: StepModels,
  runs: readonly RunSoFar[],
  kept: number,
  before: Expectation,
): Expectation {
  let weights = 0;
  let logs = 0;
  let errors = 0;
  for (const run of runs) {
    const seen = evidenceOf(steps, usualOf(steps, run, before), run);
    const weight = seen.total > 0 ? seen.expected / seen.total : 0;
    const log = Math.log(paceFrom(seen, OWN_PRIOR));
    weights += weight;
    logs += weight * log;
    errors += weight * Math.abs(log);
  }
  const known = Math.min(1, weights);
  if (known <= 0) return before;
  return {
    pace: before.pace * Math.exp((kept * known * logs) / weights),
    doubt: (1 - known) * before.doubt + (known * errors) / weights,
  };
}

/** What each step is expected to take. */
function usualOf(steps: StepModels, { size }: RunSoFar, { pace }: Expectation): ReadonlyMap<string, number> {
  return new Map([...steps].map(([name, model]) => [name, predictStep(model, size) * pace] as const));
}

/** @param pace the pace of the present step @param later that of the others */
function restOfRun(
  steps: StepModels,
  usual: ReadonlyMap<string, number>,
  { current, finished, skipped }: RunSoFar,
  pace: number,
  later: number,
): number {
  let remaining = 0;
  for (const [name, seconds] of usual) {
    if (name === current?.step) remaining += restOfStep(steps.get(name), seconds * pace, current);
    else if (finished[name] === undefined && !skipped.includes(name)) remaining += seconds * later;
  }
  return remaining;
}

/** What a run shows about its pace, in seconds. */
interface Evidence {
  /** What its finished steps took, and the present one so far. */
  readonly taken: number;
  /** What was expected of these, as far as they have come. */
  readonly expected: number;
  /** What is expected of the whole run. */
  readonly total: number;
}

function evidenceOf(
  steps: StepModels,
  usual: ReadonlyMap<string, number>,
  { current, finished }: RunSoFar,
): Evidence {
  let taken = 0;
  let expected = 0;
  let total = 0;
  const add = (seconds: number, part: number): void => {
    taken += Math.min(seconds, part * PACE_LIMIT);
    expected += part;
  };
  for (const [name, seconds] of usual) {
    total += seconds;
    const own = finished[name];
    if (own !== undefined) add(own, seconds);
    else if (name === current?.step) add(current.elapsedSeconds, partOf(steps.get(name), seconds, current));
  }
  return { taken, expected, total };
}

/** How long the present step was expected to take for what it has done; 0: it has shown nothing. */
function partOf(
  model: StepModel | undefined,
  seconds: number,
  { elapsedSeconds, share }: NonNullable<RunSoFar['current']>,
): number {
  const passed = timeShare(model?.half ?? 0.5, Math.min(1, share));
  if (passed >= MIN_SHARE) return passed * seconds;
  // A step that reports nothing shows only that it takes longer than was expected of all of it.
  return elapsedSeconds > seconds ? seconds : 0;
}

/** Taken / expected, drawn towards 1 as if this share of the total had taken what was expected of it. */
function paceFrom({ taken, expected, total }: Evidence, prior: number): number {
  const held = prior * total;
  return expected + held > 0 ? clampPace((taken + held) / (expected + held)) : 1;
}

/**
 * What is left of the present step: from those earlier runs in which it took longer than it has by now, and from its own speed,
 * which counts for more the further it is and the fewer such runs there are.
 */
function restOfStep(
  model: StepModel | undefined,
  usual: number,
  { elapsedSeconds, share }: NonNullable<RunSoFar['current']>,
): number {
  const ratios = model?.ratios ?? [];
  // Those from this place on took longer.
  const place = usual > 0 ? placeAbove(ratios, elapsedSeconds / usual) : ratios.length;
  const longer = ratios.length - place;
  const learned =
    longer > 0 ? quantile(ratios, 0.5, place) * usual - elapsedSeconds : OVERDUE * elapsedSeconds;
  const passed = timeShare(model?.half ?? 0.5, Math.min(1, share));
  if (!(passed >= MIN_SHARE)) return learned;
  const own = (elapsedSeconds * (1 - passed)) / passed;
  // The fewer earlier runs took longer than this one already has, the less weight they have. For a step that usually takes no
  // time there is no such count, and they keep all of it.
  const support = usual > 0 && ratios.length > 0 ? longer / ratios.length : 1;
  const trust = passed ** (OUTRUN_TRUST + (USUAL_TRUST - OUTRUN_TRUST) * support);
  return (1 - trust) * learned + trust * own;
}
