/** Runs the Director without Redis. */

import { steps } from '../../media/workflows/director/definition.ts';
import type { ScriptInput } from '../../media/workflows/director/input.ts';
import { createTestRun, type TestRun, type TestRunOptions } from './workflow-run.ts';

type DirectorStep = (typeof steps)[number]['name'];

export type FilmRun = TestRun<ScriptInput, DirectorStep>;

export const createFilmRun = (options: TestRunOptions<ScriptInput, DirectorStep>): Promise<FilmRun> =>
  createTestRun(options);

/** The steps before this one, in the table's order. */
export function stepsBefore(step: DirectorStep): DirectorStep[] {
  const names = steps.map(({ name }) => name);
  return names.slice(0, names.indexOf(step));
}
