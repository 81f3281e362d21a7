/** The enums. The statuses are those of src/progress; the compiler rejects a missing or an extra one. */

import type { WorkflowDefinition, Workflows } from '../jobs/definition.ts';
import type { JobStatus, StepStatus } from '../progress/state.ts';
import { TRACKED } from '../progress/steps.ts';
import type { Builder } from './builder.ts';

interface EnumValue {
  readonly description: string;
}

export type Enums = ReturnType<typeof addEnums>;

export function addEnums(builder: Builder, workflows: Workflows) {
  return {
    workflow: addWorkflow(builder, workflows),
    jobStatus: addJobStatus(builder),
    stepStatus: addStepStatus(builder),
  };
}

function addWorkflow(builder: Builder, workflows: Workflows) {
  return builder.enumType('Workflow', {
    description: 'A kind of work. Query.workflows tells of each but TRACKED.',
    values: Object.fromEntries([
      ...[...workflows.values()].map(
        (workflow) => [workflow.name, { description: describeWorkflow(workflow) }] as const,
      ),
      [TRACKED, { description: 'A job that runs elsewhere: any task, reported by trackJob.' }] as const,
    ]),
  });
}

function describeWorkflow({ batch, description, mutation, taskName }: WorkflowDefinition): string {
  const ofBatches = batch === null ? '' : `; ${batch.taskName}, started by ${batch.mutation}`;
  return `${description.replace(/\.$/, '')}: task ${taskName}, started by ${mutation}${ofBatches}.`;
}

function addJobStatus(builder: Builder) {
  return builder.enumType('JobStatus', {
    description:
      'Where a job stands. QUEUED → RUNNING → COMPLETED, FAILED or CANCELLED; a failed attempt that will be repeated is RETRYING in between; retryJob takes FAILED and CANCELLED back to QUEUED, and a COMPLETED batch whose items did not all succeed.',
    values: {
      QUEUED: { description: 'Waits for a worker; nothing has been done in this run.' },
      RUNNING: { description: 'A worker carries it out.' },
      RETRYING: { description: 'An attempt failed; the next one waits for its time or for a worker.' },
      COMPLETED: {
        description:
          'Ended with a result. It never runs again, unless it is a batch with failed or cancelled items.',
      },
      FAILED: { description: 'Ended with an error after its last attempt; retryJob runs it again.' },
      CANCELLED: { description: 'Ended by cancelJob; retryJob runs it again.' },
    } satisfies Record<JobStatus, EnumValue>,
  });
}

function addStepStatus(builder: Builder) {
  return builder.enumType('StepStatus', {
    description: 'Where one step of a job stands.',
    values: {
      PENDING: { description: 'Has not begun.' },
      RUNNING: { description: 'Is being carried out.' },
      COMPLETED: { description: 'Is finished; a later attempt does not do it again.' },
      FAILED: { description: 'Failed, or was under way when the job ended.' },
    } satisfies Record<StepStatus, EnumValue>,
  });
}
