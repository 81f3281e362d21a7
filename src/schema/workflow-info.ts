/** The workflows and their step tables, as clients see them. */
import { STEP_TABLES, type StepRange, WORKFLOWS, type Workflow } from '../progress/steps.ts';
import { builder } from './builder.ts';
import { WorkflowEnum } from './enums.ts';

const StepRangeRef = builder.objectRef<StepRange>('StepRange').implement({
  description: 'One step of a workflow and its share of a job’s progress.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the step, unique within the workflow.' }),
    from: t.exposeFloat('from', { description: 'Progress of the whole job when the step begins, 0..1.' }),
    to: t.exposeFloat('to', { description: 'Progress of the whole job when the step is finished, 0..1.' }),
  }),
});

interface WorkflowInfo {
  readonly workflow: Workflow;
  readonly taskName: string;
  readonly steps: readonly StepRange[];
}

export const WorkflowInfoRef = builder.objectRef<WorkflowInfo>('WorkflowInfo').implement({
  description: 'A workflow with its steps, for drawing a progress bar before a job has begun.',
  fields: (t) => ({
    workflow: t.expose('workflow', { type: WorkflowEnum, description: 'The workflow.' }),
    taskName: t.exposeString('taskName', {
      description: 'Name of its tasks in jobs and events, for example `video_generation`.',
    }),
    steps: t.expose('steps', {
      type: [StepRangeRef],
      description: 'Its steps in the order in which they are walked; the ranges join from 0 to 1.',
    }),
  }),
});

/** Every workflow in the order of WORKFLOWS. */
export function listWorkflows(): readonly WorkflowInfo[] {
  return WORKFLOWS.map((workflow) => ({ workflow, ...STEP_TABLES[workflow] }));
}
