/** The snapshot of a job. */

import { excerptOf, MAX_EXCERPT_CHARS } from '../jobs/excerpt.ts';
import { encodeCursor } from '../log/cursor.ts';
import { isReadable } from '../log/damaged-job.ts';
import { toPercent } from '../progress/events.ts';
import { hasEnded, itemIds, type JobState, MAX_TITLE_CHARS, viewSteps } from '../progress/state.ts';
import { type ArtifactRef, PREVIEW } from './artifact.ts';
import type { Builder } from './builder.ts';
import type { Enums } from './enums.ts';
import type { EtaRef } from './eta.ts';
import { EventJob } from './event-job.ts';
import type { JobErrorRef } from './job-error.ts';
import type { Results } from './job-result.ts';
import type { JobStepRef } from './job-step.ts';

/** The types of a job's fields. */
interface JobParts {
  readonly artifact: ArtifactRef;
  readonly enums: Enums;
  readonly eta: EtaRef;
  readonly error: JobErrorRef;
  readonly results: Results;
  readonly step: JobStepRef;
  /** All task names, in words. */
  readonly taskNames: string;
}

export type JobRef = ReturnType<typeof createJobRef>;

/** A job as read, or as an event left it. */
type JobSource = JobState | EventJob;

function createJobRef(builder: Builder) {
  return builder.objectRef<JobSource>('Job');
}

export function addJob(builder: Builder, parts: JobParts): JobRef {
  const job = createJobRef(builder);
  addIdentity(job, parts);
  addExcerpt(builder, job);
  addProgress(builder, job, parts);
  addOutcome(builder, job, parts);
  return job;
}

function addIdentity(job: JobRef, { enums, taskNames }: JobParts): void {
  job.implement({
    description:
      'A job and its durable state at one moment. It stays readable for a configured time after the job has ended. To follow it from here, subscribe to jobEvents with after: lastEventId.',
    fields: (t) => ({
      id: t.exposeID('id', {
        description:
          'Id of the job: a UUID that sorts by creation time; an item’s is that of its batch with its index.',
      }),
      projectId: t.exposeID('projectId', { description: 'The project that the job belongs to.' }),
      workflow: t.expose('workflow', { type: enums.workflow, description: 'The kind of work.' }),
      taskName: t.exposeString('taskName', {
        description: taskNames,
      }),
      externalId: t.string({
        nullable: true,
        description:
          'Of a tracked job: its name in the system that runs it. Null when it has none there, and for any other job.',
        resolve: async ({ tracked }) => (await tracked)?.externalId ?? null,
      }),
      title: t.exposeString('title', {
        nullable: true,
        description: `What a person would call the job, in one line of at most ${MAX_TITLE_CHARS} characters: the title of the film or script, the first words of the text. Of a batch: the titles of its items. Null when there is nothing to call it by, and for jobs made by earlier versions.`,
      }),
      version: t.exposeInt('version', {
        description:
          'Grows with every event of the job: of two states of it, the greater is the later. A cache that is given both a query’s answer and events keeps the one with the greater version. Comparable within one history only: after EVENTS_EXPIRED, forget what was kept. 0 for a job without an event.',
      }),
      input: t.field({
        type: 'JSON',
        nullable: true,
        description:
          'What was asked for, as it was accepted: an object with the fields of the mutation’s input, defaults included, without projectId, idempotencyKey and maxAttempts. Of a batch: `items`, a list of those, and `maxAttempts`. {"truncated": true} stands for more than 256 KB. Null where the credential may not write.',
        resolve: ({ projectId, id }, _args, { inputOf }) => inputOf(projectId, id),
      }),
      status: t.expose('status', { type: enums.jobStatus, description: 'Where the job stands.' }),
      parent: t.field({
        type: job,
        nullable: true,
        description: 'The batch that this job is an item of; null for a job of its own.',
        resolve: ({ parentId, projectId }, _args, { jobs }) =>
          parentId === null ? null : jobs.load(projectId, parentId),
      }),
      items: t.field({
        type: [job],
        description:
          'A batch’s items in the order of its input, up to 1,000; empty for other jobs. While the batch is being created, the last ones may still be missing; one that cannot be read (RECORD_DAMAGED) is left out.',
        resolve: async (batch, _args, { jobs }) => {
          const itemCount = await batch.itemCount;
          if (itemCount === 0) return [];
          const ids = itemIds({ id: batch.id, itemCount }).map((jobId) => ({
            projectId: batch.projectId,
            jobId,
          }));
          return (await jobs.loadMany(ids)).filter(isReadable);
        },
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the job was asked for.' }),
      startedAt: t.expose('startedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When its first attempt began; null before.',
      }),
      finishedAt: t.expose('finishedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it ended; null unless COMPLETED, FAILED or CANCELLED.',
      }),
      lastEventId: t.id({
        nullable: true,
        description:
          'Id of the job’s newest event, which this snapshot includes: pass it as jobEvents(after:) to continue from here without a gap. Null when no event has been written.',
        resolve: ({ last }) => (last === null ? null : encodeCursor(last)),
      }),
    }),
  });
}

function addExcerpt(builder: Builder, job: JobRef): void {
  builder.objectFields(job, (t) => ({
    inputExcerpt: t.string({
      nullable: true,
      description: `The beginning of the longest text in \`input\`, in one line of at most ${MAX_EXCERPT_CHARS} characters, for lists; of a batch, of its first item. Null where there is none, or where \`input\` is not told.`,
      resolve: async ({ projectId, id }, _args, { inputOf }) => excerptOf(await inputOf(projectId, id)),
    }),
  }));
}

function addProgress(builder: Builder, job: JobRef, { artifact, eta, step }: JobParts): void {
  builder.objectFields(job, (t) => ({
    progress: t.exposeFloat('progress', {
      description:
        'Progress of the whole job, 0..1. Never goes back within one attempt; a new attempt begins at 0. 1 when COMPLETED; the last value when FAILED or CANCELLED. Of a batch: the mean over its items, of which those that have ended count as 1, however they ended; retryJob takes it back to what is kept.',
    }),
    progressPercent: t.int({
      description: '`progress` in whole percent, 0..100; 100 only when `progress` is 1.',
      resolve: ({ progress }) => toPercent(progress),
    }),
    step: t.exposeString('step', {
      nullable: true,
      description: 'Name of the step that runs or ran last; null before the first step of an attempt.',
    }),
    steps: t.field({
      type: [step],
      description:
        'All steps of the workflow in order, each with its state. Empty for a batch, whose items have the steps.',
      resolve: (job) => (job instanceof EventJob ? job.stepViews : viewSteps(job)),
    }),
    message: t.exposeString('message', {
      nullable: true,
      description:
        'What is being done or has happened, in one sentence for people, in the job’s language; errors are in English.',
    }),
    metadata: t.expose('metadata', {
      type: 'JSON',
      nullable: true,
      description:
        'Facts about the current step, as an object, for example {"current_clip": 3, "total_clips": 10}; `warnings` is a list of strings. Null when there are none. Of a batch: `itemIndex` (from 0) and `itemStatus` of the item that reported last, and the counts `completed`, `failed`, `cancelled`, `total`.',
    }),
    attempt: t.exposeInt('attempt', { description: 'Number of the present attempt, 1 for the first run.' }),
    maxAttempts: t.int({
      description:
        'Attempts before the job is FAILED, 1 or more; never below `attempt` (retryJob and lost workers add some).',
      resolve: ({ attempt, maxAttempts }) =>
        typeof maxAttempts === 'number'
          ? Math.max(attempt, maxAttempts)
          : maxAttempts.then((most) => Math.max(attempt, most)),
    }),
    eta: t.field({
      type: eta,
      nullable: true,
      description:
        'The predicted remaining time at the moment of the query, never negative. When QUEUED, it includes the wait for a worker; for a batch, it lasts until its last item ends. Null after the end, and while nothing can be predicted: before the first run of this workflow, without workers, and for the moments in which a job enters or leaves the queue.',
      resolve: (job, _args, { etaOf }) => (job instanceof EventJob ? job.eta : etaOf(job)),
    }),
    preview: t.field({
      type: artifact,
      nullable: true,
      description: PREVIEW,
      // An ending from outside, such as a cancellation, leaves it in the record.
      resolve: ({ preview, status }) => (hasEnded(status) ? null : preview),
    }),
    queuePosition: t.int({
      nullable: true,
      description:
        'Place among all waiting jobs of the server, in the order in which workers take them; 1 is next. At most about a second old. Projects take turns, so a later job of another project may still go first. Null unless QUEUED, and for a batch, whose items wait one by one.',
      resolve: async (job, _args, { queuePosition }) => {
        if (job.status !== 'QUEUED') return null;
        const present = job instanceof EventJob ? await job.readPresent() : job;
        return present === null ? null : queuePosition(present);
      },
    }),
  }));
}

function addOutcome(builder: Builder, job: JobRef, { error, results }: JobParts): void {
  builder.objectFields(job, (t) => ({
    result: t.field({
      type: results.union,
      nullable: true,
      description: 'What the job made; null unless COMPLETED.',
      resolve: ({ result }) => (result === null ? null : results.read(result)),
    }),
    error: t.field({
      type: error,
      nullable: true,
      description: 'Why the latest attempt failed: set when FAILED, CANCELLED or RETRYING, otherwise null.',
      resolve: ({ error: failure, id, projectId }) => failure && { ...failure, id, projectId },
    }),
  }));
}
