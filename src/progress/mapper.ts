/**
 * ProgressMapper: from the progress inside a step to the progress of the whole job, by the step tables, or by the ranges that
 * a job was given instead (calibration.ts). Pure.
 */
import { STEP_TABLES, type StepName, type StepRange, type Workflow } from './steps.ts';

/**
 * The job's progress for a step's progress.
 * @param progress 0..1 inside the step
 * @param table default: the owner's
 * @returns 0..1 of the job, rounded to 6 digits so that `0.1 + 0.5 * 0.5` reads 0.35
 * @throws RangeError for a step that the workflow does not have, or a progress outside 0..1
 * @example mapProgress('DIRECTOR', 'generate_videos', 0.5) // 0.35
 */
export function mapProgress(
  workflow: Workflow,
  step: string,
  progress: number,
  table?: readonly StepRange[],
): number {
  const range = stepRange(workflow, step, table);
  if (!(progress >= 0 && progress <= 1)) {
    throw new RangeError(`progress inside ${step}: expected 0..1, received ${progress}`);
  }
  return round(range.from + (range.to - range.from) * progress);
}

/**
 * A step's range.
 * @throws RangeError for a step that the workflow does not have
 */
export function stepRange(
  workflow: Workflow,
  step: string,
  table: readonly StepRange[] = STEP_TABLES[workflow].steps,
): StepRange {
  const range = table.find((candidate) => candidate.name === step);
  if (range === undefined) {
    const names = table.map((candidate) => candidate.name).join(', ');
    throw new RangeError(`step of ${workflow}: expected one of ${names}, received ${step}`);
  }
  return range;
}

type Mapping<W extends Workflow> = (step: StepName<W>, progress: number) => number;

/** The earlier system's form: one function per workflow, `director("generate_videos", 0.5)` is 0.35. */
export const ProgressMapper = {
  director: ((step, progress) => mapProgress('DIRECTOR', step, progress)) as Mapping<'DIRECTOR'>,
  audio: ((step, progress) => mapProgress('AUDIO', step, progress)) as Mapping<'AUDIO'>,
  writer: ((step, progress) => mapProgress('WRITER', step, progress)) as Mapping<'WRITER'>,
  lipsync: ((step, progress) => mapProgress('LIPSYNC', step, progress)) as Mapping<'LIPSYNC'>,
  stepRange,
};

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
