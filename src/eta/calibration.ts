/**
 * Step ranges from measured durations, so that progress grows as time does: those with the least mean absolute distance between
 * the progress that the earlier runs would have shown and the share of their time that had passed. Pure.
 *
 * Shares of the time alone would not do: a step that reports nothing until its end stands still meanwhile, and is closest to
 * the time when it stands half-way. Progress is linear in the ends of the steps, so the distance is convex in them, and the best
 * place of one end, the others being fixed, is a weighted median (least absolute deviations).
 */

import type { RunRecord } from '../progress/run-so-far.ts';
import type { StepRange } from '../progress/steps.ts';
import { replayRun } from './run-replay.ts';
import { median, weightedMedian } from './step-duration.ts';

/** Fewer runs say too little. */
export const MIN_RUNS_TO_CALIBRATE = 10;
/** No step that has a width in the tables loses it. */
const MIN_WIDTH = 0.001;
/** Moments of each run that are looked at. */
const POINTS = 20;
/** Rounds over the ends of all steps; further ones change less than the rounding. */
const ROUNDS = 8;

/** A moment of an earlier run. */
interface Moment {
  /** Among the steps that have a width. */
  readonly step: number;
  /** 0..1, what the step had reported. */
  readonly inside: number;
  /** 0..1 of the run's time. */
  readonly passed: number;
}

/**
 * Ranges for the steps of a table: in its order, from 0 to 1, without gaps, rounded to 3 digits. Steps of zero width in the
 * table keep it; their time is left out.
 * @param history of runs of the table's workflow, in any order
 * @returns null when there are fewer than MIN_RUNS_TO_CALIBRATE runs that took any time
 */
export function calibrateRanges(
  history: readonly RunRecord[],
  table: readonly StepRange[],
): readonly StepRange[] | null {
  const wide = table.filter(({ from, to }) => to > from);
  const names = wide.map(({ name }) => name);
  const runs = history.filter(({ steps }) => {
    const seconds = names.map((name) => steps[name] ?? 0);
    return sum(seconds) > 0 && seconds.every((one) => Number.isFinite(one) && one >= 0);
  });
  if (runs.length < MIN_RUNS_TO_CALIBRATE) return null;
  const moments = runs.flatMap((run) => momentsOf(run, names));
  // The distance is convex but not smooth, so where a search ends depends on where it begins.
  const [ends = []] = [measuredEnds(runs, names), wide.map(({ to }) => to)]
    .map((start) => spaced(improve(moments, start)))
    .sort((one, other) => distanceOf(moments, one) - distanceOf(moments, other));
  let at = 0;
  return table.map(({ name }) => {
    const from = at;
    const index = names.indexOf(name);
    if (index >= 0) at = ends[index] ?? 1;
    return { name, from, to: at };
  });
}

function momentsOf(run: RunRecord, names: readonly string[]): readonly Moment[] {
  const total = sum(names.map((name) => run.steps[name] ?? 0));
  return Array.from({ length: POINTS }, (_, point) => {
    const passed = (point + 0.5) / POINTS;
    const { current } = replayRun(run, names, passed * total);
    return { step: names.indexOf(current?.step ?? ''), inside: current?.share ?? 0, passed };
  }).filter(({ step }) => step >= 0);
}

/** The median share of the time at which each step ended. */
function measuredEnds(runs: readonly RunRecord[], names: readonly string[]): readonly number[] {
  const taken = runs.map(({ steps }) => names.map((name) => steps[name] ?? 0));
  return names.map((_, index) =>
    median(taken.map((seconds) => sum(seconds.slice(0, index + 1)) / sum(seconds))),
  );
}

/** Moves each end in turn to its best place between its neighbours. */
function improve(moments: readonly Moment[], start: readonly number[]): readonly number[] {
  const ends = [...start];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let index = 0; index < ends.length - 1; index += 1) {
      const before = ends[index - 1] ?? 0;
      const after = ends[index + 1] ?? 1;
      // Progress is before + (end - before) * inside in the step that ends here, end + (after - end) * inside in the next.
      const pulls = moments.flatMap(({ step, inside, passed }) => {
        if (step === index) return pull(passed - before * (1 - inside), inside);
        return step === index + 1 ? pull(passed - after * inside, 1 - inside) : [];
      });
      const best = weightedMedian(pulls);
      if (best !== null) ends[index] = Math.min(after, Math.max(before, best));
    }
  }
  return ends;
}

/** Where a moment wants an end to be, and how strongly. */
function pull(share: number, weight: number): { value: number; weight: number }[] {
  return weight > 0 ? [{ value: share / weight, weight }] : [];
}

function distanceOf(moments: readonly Moment[], ends: readonly number[]): number {
  const misses = moments.map(({ step, inside, passed }) => {
    const from = ends[step - 1] ?? 0;
    return Math.abs(from + ((ends[step] ?? 1) - from) * inside - passed);
  });
  return sum(misses) / misses.length;
}

/** Ends with at least MIN_WIDTH between them, the last one at 1. */
function spaced(ends: readonly number[]): readonly number[] {
  const unit = 1 / MIN_WIDTH;
  let before = 0;
  return ends.map((end, index) => {
    const least = before + 1;
    const most = unit - (ends.length - 1 - index);
    before = index === ends.length - 1 ? unit : Math.min(most, Math.max(least, Math.round(end * unit)));
    return before / unit;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
