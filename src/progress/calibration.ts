/**
 * Step ranges from measured durations, so that progress grows as time does. Pure.
 *
 * The end of each step is the median, over the runs, of the share of the run's time that had passed by then: of all single
 * points it is the one with the least mean absolute distance from what was measured.
 */
import type { RunRecord } from './run-so-far.ts';
import { median } from './step-duration.ts';
import type { StepRange } from './steps.ts';

/** Fewer runs say too little. */
export const LEAST_RUNS_TO_CALIBRATE = 10;
/** No step that has a width in the tables loses it. */
const LEAST_WIDTH = 0.001;

/**
 * Ranges for the steps of a table: in its order, from 0 to 1, without gaps, rounded to 3 digits. Steps of zero width in the
 * table keep it; their time is left out.
 * @param history of runs of the table's workflow, in any order
 * @returns null when there are fewer than LEAST_RUNS_TO_CALIBRATE runs that took any time
 */
export function calibrateRanges(
  history: readonly RunRecord[],
  table: readonly StepRange[],
): readonly StepRange[] | null {
  const wide = table.filter(({ from, to }) => to > from).map(({ name }) => name);
  const runs = history
    .map(({ steps }) => wide.map((name) => steps[name] ?? 0))
    .filter((seconds) => sum(seconds) > 0 && seconds.every((one) => Number.isFinite(one) && one >= 0));
  if (runs.length < LEAST_RUNS_TO_CALIBRATE) return null;
  const ends = spaced(
    wide.map((_, index) => median(runs.map((seconds) => sum(seconds.slice(0, index + 1)) / sum(seconds)))),
  );
  let at = 0;
  return table.map(({ name }) => {
    const from = at;
    const index = wide.indexOf(name);
    if (index >= 0) at = ends[index] ?? 1;
    return { name, from, to: at };
  });
}

/** Ends with at least LEAST_WIDTH between them, the last one at 1. */
function spaced(ends: readonly number[]): readonly number[] {
  const unit = 1 / LEAST_WIDTH;
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
