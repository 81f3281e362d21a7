/** The mutations. They pass requests to the job commands and write nothing themselves. */
import type { WorkflowDefinition, Workflows } from '../jobs/definition.ts';
import type { Builder } from './builder.ts';
import { addBatchInput, addJobInput } from './inputs.ts';
import type { JobRef } from './job.ts';

const ENQUEUED =
  'Returns at once with the job, usually QUEUED; follow it with jobEvents. Errors: BAD_USER_INPUT (nothing is enqueued; extensions.field names the field), IDEMPOTENCY_CONFLICT, UNAVAILABLE.';
const BATCH =
  'Each item is a job of its own (Job.items) and may run on any worker; one that fails does not stop the others. The batch is RUNNING from its first item on and COMPLETED when all have ended, also when some or all of them failed: its BatchResult counts them.';
export const PROJECT_ID = 'The project of the job: 1 to 64 letters, digits, `_` or `-`.';

export function addMutations(builder: Builder, workflows: Workflows, job: JobRef): void {
  builder.mutationType({ description: 'What can be changed.' });
  for (const workflow of workflows.values()) addWorkflowMutations(builder, workflow, job);
  builder.mutationFields((t) => ({
    cancelJob: t.field({
      type: job,
      description:
        'Cancels a job that has not ended: its last event is written at once and its tools are stopped within 2 s. A batch is cancelled with all its items. Cancelling a CANCELLED job has no effect. Errors: BAD_USER_INPUT, NOT_FOUND, JOB_ENDED, UNAVAILABLE.',
      args: {
        projectId: t.arg.id({ required: true, description: PROJECT_ID }),
        id: t.arg.id({ required: true, description: 'Id of the job.' }),
      },
      resolve: (_root, { projectId, id }, { commands }) => commands.cancel(projectId, id),
    }),
    retryJob: t.field({
      type: job,
      description:
        'Queues a FAILED or CANCELLED job again, as the next attempt, after its last finished step. For a batch, which may also be COMPLETED with failed or cancelled items, only those items run again; the others stay counted. An item of a batch that has ended takes the batch up again. Errors: BAD_USER_INPUT, NOT_FOUND, JOB_NOT_RETRYABLE, UNAVAILABLE.',
      args: {
        projectId: t.arg.id({ required: true, description: PROJECT_ID }),
        id: t.arg.id({ required: true, description: 'Id of the job.' }),
      },
      resolve: (_root, { projectId, id }, { commands }) => commands.retry(projectId, id),
    }),
    deleteJob: t.field({
      type: 'ID',
      description:
        'Deletes a job that has ended, or a batch with all its items, before its time is over. It is gone at once, its files within about a minute; no event tells of it. Returns its id. Errors: BAD_USER_INPUT (an item of a batch), NOT_FOUND, JOB_NOT_ENDED, UNAVAILABLE.',
      args: {
        projectId: t.arg.id({ required: true, description: PROJECT_ID }),
        id: t.arg.id({ required: true, description: 'Id of the job.' }),
      },
      resolve: async (_root, { projectId, id }, { commands }) => {
        await commands.remove(projectId, id);
        return id;
      },
    }),
  }));
}

function addWorkflowMutations(builder: Builder, workflow: WorkflowDefinition, job: JobRef): void {
  const { batch, description, mutation, name } = workflow;
  const input = addJobInput(builder, workflow);
  builder.mutationField(mutation, (t) =>
    t.field({
      type: job,
      description: `${description.replace(/\.$/, '')} (workflow ${name}). ${ENQUEUED}`,
      args: { input: t.arg({ type: input, required: true, description: `What ${mutation} takes.` }) },
      resolve: (_root, { input: { projectId, idempotencyKey, maxAttempts, ...own } }, { commands }) =>
        commands.enqueue({
          ...{ workflow: name, field: 'input', projectId, idempotencyKey, maxAttempts },
          input: own,
        }),
    }),
  );
  const batchInput = addBatchInput(builder, workflow);
  if (batch === null || batchInput === null) return;
  builder.mutationField(batch.mutation, (t) =>
    t.field({
      type: job,
      description: `${description.replace(/\.$/, '')}, for several inputs as one batch (workflow ${name}). ${BATCH} ${ENQUEUED}`,
      args: {
        input: t.arg({ type: batchInput, required: true, description: `What ${batch.mutation} takes.` }),
      },
      resolve: (_root, { input: { projectId, idempotencyKey, maxAttempts, items } }, { commands }) =>
        commands.enqueueBatch({
          ...{ workflow: name, field: 'input', projectId, idempotencyKey, maxAttempts },
          items,
        }),
    }),
  );
}
