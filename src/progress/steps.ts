/** The steps of workflows. What they are called, and which shares they have, their definitions say; nothing here names one. */

/** The name of a workflow: a value of the GraphQL enum, such as `TRANSCODE`. */
export type Workflow = string;

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

/** @returns an empty table for a workflow that this process does not know */
export function stepsOf(tables: StepTables, workflow: Workflow): readonly StepRange[] {
  return tables.get(workflow)?.steps ?? [];
}
