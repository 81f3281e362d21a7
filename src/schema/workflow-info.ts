/** The workflows as clients see them: enough to offer a form, a card and a command for one that they do not know. */
import type { WorkflowDefinition } from '../jobs/definition.ts';
import type { StepRange } from '../progress/steps.ts';
import { toJsonSchema } from '../workflow/fields.ts';
import type { Builder } from './builder.ts';
import type { Enums } from './enums.ts';

export type WorkflowInfoRef = ReturnType<typeof addWorkflowInfo>;

export function addWorkflowInfo(builder: Builder, { workflow }: Enums) {
  const stepRange = builder.objectRef<StepRange>('StepRange').implement({
    description: 'One step of a workflow and its share of a job’s progress.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'Name of the step, unique within the workflow.' }),
      from: t.exposeFloat('from', { description: 'Progress of the whole job when the step begins, 0..1.' }),
      to: t.exposeFloat('to', { description: 'Progress of the whole job when the step is finished, 0..1.' }),
    }),
  });
  return builder.objectRef<WorkflowDefinition>('WorkflowInfo').implement({
    description:
      'A workflow, with everything that a client needs to start and show its jobs, even if the client was not made for it.',
    fields: (t) => ({
      workflow: t.expose('name', { type: workflow, description: 'The workflow.' }),
      label: t.exposeString('label', { description: 'What people call it, for example `Video`.' }),
      description: t.exposeString('description', { description: 'What it does, in one sentence.' }),
      taskName: t.exposeString('taskName', {
        description: 'Name of its tasks in jobs and events, for example `video_generation`.',
      }),
      command: t.exposeString('command', {
        description: 'Its command in the command line, for example `video`.',
      }),
      steps: t.expose('steps', {
        type: [stepRange],
        description: 'Its steps in the order in which they run; their ranges cover 0 to 1 without gaps.',
      }),
      mutation: t.exposeString('mutation', { description: 'The mutation that enqueues a job of it.' }),
      inputType: t.exposeString('inputType', {
        description:
          'The type of that mutation’s argument `input`: projectId, the fields of `inputSchema`, idempotencyKey and maxAttempts.',
      }),
      batchMutation: t.string({
        nullable: true,
        description: 'The mutation that enqueues a batch of it; null if it has no batches.',
        resolve: ({ batch }) => batch?.mutation ?? null,
      }),
      batchInputType: t.string({
        nullable: true,
        description:
          'The type of that mutation’s argument `input`; its `items` have the fields of `inputSchema`.',
        resolve: ({ batch }) => (batch === null ? null : batchInputType(batch.mutation)),
      }),
      inputSchema: t.field({
        type: 'JSON',
        description:
          'The input of a job as JSON Schema (2020-12), with each field’s range, default, `title` and `description`. `x-playhead-job` marks the id of another job and names its workflow; `multiline: true` marks long text.',
        resolve: ({ input, name }) => toJsonSchema(input, 'input', name),
      }),
      resultType: t.exposeString('resultType', {
        description: 'The member of JobResult that its jobs give.',
      }),
      resultSchema: t.field({
        type: 'JSON',
        description:
          'What its jobs return, as JSON Schema. `x-playhead-artifact` marks a file, an Artifact, and gives its media type.',
        resolve: ({ name, result }) => toJsonSchema(result, 'output', name),
      }),
    }),
  });
}

/** `GenerateVideoBatchInput`. */
export function batchInputType(mutation: string): string {
  return `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
}
