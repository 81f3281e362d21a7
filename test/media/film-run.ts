/** Runs the Director without Redis. */
import type { ScriptInput } from '../../media/text-input.ts';
import { STEP_TABLES, type StepName } from '../../src/progress/steps.ts';
import { createTestRun, type TestRun, type TestRunOptions } from './workflow-run.ts';

type DirectorStep = StepName<'DIRECTOR'>;

export type FilmRun = TestRun<ScriptInput, DirectorStep>;

export const createFilmRun = (options: TestRunOptions<ScriptInput, DirectorStep>): Promise<FilmRun> =>
  createTestRun(options);

/** The steps before this one, in the table's order. */
export function stepsBefore(step: DirectorStep): DirectorStep[] {
  const names = STEP_TABLES.DIRECTOR.steps.map(({ name }) => name);
  return names.slice(0, names.indexOf(step));
}
