/**
 * ProgressMapper: from the progress inside a step to the progress of the whole job, by a workflow's step table, by the ranges
 * that a job was given instead (eta/calibration.ts), or by the steps of any other work. Pure.
 */
import { type StepNames, type StepShares, toStepRanges } from './step-shares.ts';
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

/** The mapping of one kind of work: `map('encode', 0.5)`. */
export type ProgressMapper<Step extends string = string> = (step: Step, progress: number) => number;

/**
 * mapProgress for the steps of one kind of work: a workflow's, or any other's.
 * @param steps shares of the time by step, in any unit, or ranges that join from 0 to 1
 * @throws DefinitionError for invalid steps
 * @example createProgressMapper({ probe: 1, encode: 3 })('encode', 0.5) // 0.625
 */
export function createProgressMapper<const Steps extends StepShares>(
  steps: Steps,
): ProgressMapper<StepNames<Steps>> {
  const table = toStepRanges(steps, 'steps');
  return (step, progress) => mapProgress(table, step, progress);
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
