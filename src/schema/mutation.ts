/** The mutations. They hand requests to the job commands and write nothing themselves. */
import type { JobState } from '../progress/state.ts';
import type { Workflow } from '../progress/steps.ts';
import { builder } from './builder.ts';
import type { SchemaContext } from './context.ts';
import {
  GenerateAudioBatchInput,
  GenerateAudioInput,
  GenerateVideoBatchInput,
  GenerateVideoInput,
  SyncLipsInput,
  WriteScriptInput,
} from './inputs.ts';
import { JobRef } from './job.ts';

const ENQUEUED =
  'Returns at once with the job, usually QUEUED; follow it with jobEvents. Errors: BAD_USER_INPUT (nothing is enqueued; extensions.field names the field), IDEMPOTENCY_CONFLICT, UNAVAILABLE.';
const BATCH =
  'Each item is a job of its own (Job.items) and may run on any worker; one that fails does not stop the others. The batch is RUNNING from its first item on and COMPLETED when all have ended, also when some or all of them failed: its BatchResult counts them.';
const PROJECT_ID = 'The project of the job: 1 to 64 of letters, digits, `_` and `-`.';

builder.mutationType({
  description: 'What can be changed.',
  fields: (t) => ({
    generateVideo: t.field({
      type: JobRef,
      description: `Makes a video from a script (workflow DIRECTOR). ${ENQUEUED}`,
      args: {
        input: t.arg({
          type: GenerateVideoInput,
          required: true,
          description: 'The script and how to film it.',
        }),
      },
      resolve: (_root, { input }, context) => enqueue(context, 'DIRECTOR', input),
    }),
    generateVideoBatch: t.field({
      type: JobRef,
      description: `Makes several videos as one batch. ${BATCH} ${ENQUEUED}`,
      args: { input: t.arg({ type: GenerateVideoBatchInput, required: true, description: 'The scripts.' }) },
      resolve: (_root, { input }, context) => enqueueBatch(context, 'DIRECTOR', input),
    }),
    generateAudio: t.field({
      type: JobRef,
      description: `Speaks a text and verifies what was spoken (workflow AUDIO). ${ENQUEUED}`,
      args: {
        input: t.arg({
          type: GenerateAudioInput,
          required: true,
          description: 'The text and how to speak it.',
        }),
      },
      resolve: (_root, { input }, context) => enqueue(context, 'AUDIO', input),
    }),
    generateAudioBatch: t.field({
      type: JobRef,
      description: `Speaks several texts as one batch. ${BATCH} ${ENQUEUED}`,
      args: { input: t.arg({ type: GenerateAudioBatchInput, required: true, description: 'The texts.' }) },
      resolve: (_root, { input }, context) => enqueueBatch(context, 'AUDIO', input),
    }),
    writeScript: t.field({
      type: JobRef,
      description: `Writes a script from a brief (workflow WRITER). ${ENQUEUED}`,
      args: { input: t.arg({ type: WriteScriptInput, required: true, description: 'The brief.' }) },
      resolve: (_root, { input }, context) => enqueue(context, 'WRITER', input),
    }),
    syncLips: t.field({
      type: JobRef,
      description: `Makes a character speak finished audio (workflow LIPSYNC). ${ENQUEUED}`,
      args: {
        input: t.arg({ type: SyncLipsInput, required: true, description: 'The audio and who speaks it.' }),
      },
      resolve: (_root, { input }, context) => enqueue(context, 'LIPSYNC', input),
    }),
    cancelJob: t.field({
      type: JobRef,
      description:
        'Cancels a job that has not ended: its last event is written at once and its tools are stopped within 2 s. A batch is cancelled with all its items. Cancelling a CANCELLED job changes nothing. Errors: BAD_USER_INPUT, NOT_FOUND, JOB_ENDED, UNAVAILABLE.',
      args: {
        projectId: t.arg.id({ required: true, description: PROJECT_ID }),
        id: t.arg.id({ required: true, description: 'Id of the job.' }),
      },
      resolve: (_root, { projectId, id }, { commands }) => commands.cancel(projectId, id),
    }),
    retryJob: t.field({
      type: JobRef,
      description:
        'Queues a FAILED or CANCELLED job again, as the next attempt, from its last finished step. Of a batch, which may also be COMPLETED with failed or cancelled items, those items alone run again, and the others stay counted. An item of a batch that has ended takes the batch up again. Errors: BAD_USER_INPUT, NOT_FOUND, JOB_NOT_RETRYABLE, UNAVAILABLE.',
      args: {
        projectId: t.arg.id({ required: true, description: PROJECT_ID }),
        id: t.arg.id({ required: true, description: 'Id of the job.' }),
      },
      resolve: (_root, { projectId, id }, { commands }) => commands.retry(projectId, id),
    }),
  }),
});

interface JobInput {
  readonly projectId: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly maxAttempts?: number | null | undefined;
}

/** The fields that every job has, and the workflow's own. */
function enqueue({ commands }: SchemaContext, workflow: Workflow, request: JobInput): Promise<JobState> {
  const { projectId, idempotencyKey, maxAttempts, ...input } = request;
  return commands.enqueue({ workflow, field: 'input', projectId, idempotencyKey, maxAttempts, input });
}

interface BatchInput extends JobInput {
  readonly items: readonly unknown[];
}

function enqueueBatch(
  { commands }: SchemaContext,
  workflow: Workflow,
  { projectId, idempotencyKey, maxAttempts, items }: BatchInput,
): Promise<JobState> {
  return commands.enqueueBatch({ workflow, field: 'input', projectId, idempotencyKey, maxAttempts, items });
}
