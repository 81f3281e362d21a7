/** What becomes of a job whose workflow's steps were changed while the job was under way. */
import { PlayheadError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import type { JobState } from '../progress/state.ts';
import { areFirstSteps, stepsFingerprint } from '../progress/steps.ts';
import { stepsIn } from './step-results.ts';

/**
 * Finds out whether this worker can carry on a job that was begun with other steps: it can if the finished ones are the first
 * of its own. What they returned is then kept, and the job goes on after them.
 * @param outputs what earlier attempts have kept
 * @returns null when it can
 */
export function findWorkflowChange(
  { stepsFingerprint: begunWith, table, workflow }: JobState,
  outputs: Readonly<Record<string, Json>>,
): PlayheadError | null {
  const own = stepsFingerprint(table);
  // A job of an earlier version has no fingerprint: its steps are trusted.
  if (begunWith === null || own === null || begunWith === own) return null;
  const finished = stepsIn(outputs);
  if (areFirstSteps(finished, table)) return null;
  const steps = table.map(({ name }) => name);
  return new PlayheadError(
    'WORKFLOW_CHANGED',
    `The steps of ${workflow} have changed since the job was begun: expected its finished steps (${finished.join(', ')}) to be the first of ${steps.join(', ')}. Start a new job, or run a worker of the earlier version and use retryJob`,
    { details: { workflow, finished, steps } },
  );
}
