/** The steps of workflows. Their names and shares come from the workflows' definitions; nothing here names one. */

import { createHash } from 'node:crypto';

/** The name of a workflow: a value of the GraphQL enum, such as `TRANSCODE`. */
export type Workflow = string;

/** The workflow of tracked jobs, which somebody else's workers run. No definition may have its name. */
export const TRACKED: Workflow = 'TRACKED';

/** The form of a workflow's name. */
export const WORKFLOW_NAME = /^[A-Z][A-Z0-9_]*$/;

/** One step with the job's progress (0..1) at its start and end. */
export interface StepRange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** What is known of a workflow wherever its jobs are read. */
export interface WorkflowSteps {
  /** Name of its tasks in jobs and events, for example `video_generation`. */
  readonly taskName: string;
  /** In the order in which they are walked; the ranges join from 0 to 1. */
  readonly steps: readonly StepRange[];
}

/** The workflows of this process, by name, in the order of their list. */
export type StepTables = ReadonlyMap<Workflow, WorkflowSteps>;

/** The names of all workflows of which there may be jobs. */
export function workflowNames(tables: StepTables): readonly Workflow[] {
  return [...tables.keys(), TRACKED];
}

/** @returns an empty table for a workflow that this process does not know */
export function stepsOf(tables: StepTables, workflow: Workflow): readonly StepRange[] {
  return tables.get(workflow)?.steps ?? [];
}

const FINGERPRINT_CHARS = 12;
const fingerprints = new WeakMap<readonly StepRange[], string>();

/**
 * Tells whether two definitions have the same steps: a hash of their names in their order. Shares of the progress make no
 * difference, since nothing that a job keeps depends on them.
 * @returns 12 characters; null if there are no steps, as for tracked jobs and unknown workflows
 */
export function stepsFingerprint(steps: readonly StepRange[]): string | null {
  if (steps.length === 0) return null;
  const known = fingerprints.get(steps);
  if (known !== undefined) return known;
  const names = JSON.stringify(steps.map(({ name }) => name));
  const made = createHash('sha256').update(names).digest('base64url').slice(0, FINGERPRINT_CHARS);
  fingerprints.set(steps, made);
  return made;
}

/** Whether these steps, in whatever order, are the first ones of a table. */
export function areFirstSteps(walked: readonly string[], table: readonly StepRange[]): boolean {
  const first = new Set(table.slice(0, walked.length).map(({ name }) => name));
  return walked.every((name) => first.has(name));
}
