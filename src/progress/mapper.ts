/**
 * ProgressMapper: from the progress inside a step to the progress of the whole job, by a workflow's step table, or by the ranges
 * that a job was given instead (eta/calibration.ts). Pure.
 */
import type { StepRange } from './steps.ts';

/**
 * The job's progress for a step's progress.
 * @param table the steps of its workflow
 * @param progress 0..1 inside the step
 * @returns 0..1 of the job, rounded to 6 digits so that `0.1 + 0.5 * 0.5` reads 0.35
 * @throws RangeError for a step that the table does not have, or a progress outside 0..1
 * @example mapProgress([{ name: 'encode', from: 0.1, to: 0.6 }], 'encode', 0.5) // 0.35
 */
export function mapProgress(table: readonly StepRange[], step: string, progress: number): number {
  const range = stepRange(table, step);
  if (!(progress >= 0 && progress <= 1)) {
    throw new RangeError(`progress inside ${step}: expected 0..1, received ${progress}`);
  }
  return round(range.from + (range.to - range.from) * progress);
}

/**
 * A step's range.
 * @throws RangeError for a step that the table does not have
 */
export function stepRange(table: readonly StepRange[], step: string): StepRange {
  const range = table.find((candidate) => candidate.name === step);
  if (range === undefined) {
    const names = table.map((candidate) => candidate.name).join(', ');
    throw new RangeError(`step: expected one of ${names}, received ${step}`);
  }
  return range;
}

/** One workflow's mapping: `map('encode', 0.5)`. */
export type ProgressMapper<Step extends string> = (step: Step, progress: number) => number;

/** @returns mapProgress for the steps of one workflow */
export function createProgressMapper<Step extends string>(
  table: readonly (StepRange & { readonly name: Step })[],
): ProgressMapper<Step> {
  return (step, progress) => mapProgress(table, step, progress);
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
