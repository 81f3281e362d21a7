/** The events of a job: the interface, the three kinds, and the union that the subscription yields. */
import type { Workflows } from '../jobs/definition.ts';
import { encodeCursor } from '../log/cursor.ts';
import {
  type CompletionEvent,
  type ErrorEvent,
  type JobEvent,
  type LoggedEvent,
  type ProgressEvent,
  toPercent,
} from '../progress/events.ts';
import type { Position } from '../progress/position.ts';
import type { Workflow } from '../progress/steps.ts';
import { type ArtifactRef, PREVIEW } from './artifact.ts';
import type { Builder } from './builder.ts';
import type { Enums } from './enums.ts';
import type { EtaRef } from './eta.ts';
import { EventJob } from './event-job.ts';
import type { JobRef } from './job.ts';
import { ERROR_FILES, filesOf } from './job-error.ts';
import type { Results } from './job-result.ts';

interface EventId {
  /** The cursor of the event's position in the log. */
  readonly id: string;
  readonly at: Position;
}

type EventSource = JobEvent & EventId;

interface EventParts {
  readonly artifact: ArtifactRef;
  readonly eta: EtaRef;
  readonly job: JobRef;
  readonly results: Results;
  readonly enums: Enums;
  readonly workflows: Workflows;
  /** All task names, in words. */
  readonly taskNames: string;
}

export type JobEventRef = ReturnType<typeof addJobEvents>;

export function addJobEvents(builder: Builder, parts: EventParts) {
  const event = addEvent(builder, parts);
  return builder.unionType('JobEvent', {
    description: 'Every kind of event of jobEvents. Select __typename, and fields per type.',
    types: [
      addProgressEvent(builder, event, parts),
      addErrorEvent(builder, event, parts),
      addCompletionEvent(builder, event, parts),
    ],
    resolveType: ({ type }) => type,
  });
}

type EventRef = ReturnType<typeof addEvent>;

function addEvent(builder: Builder, { enums, job, taskNames, workflows }: EventParts) {
  const byTask = workflowsByTask(workflows);
  // Earlier versions did not store it.
  const workflowOf = ({ taskName, workflow }: EventSource) => workflow ?? byTask.get(taskName) ?? taskName;
  return builder.interfaceRef<EventSource>('Event').implement({
    description:
      'What every event has. Events of one project reach a subscriber in the order of the log, each once.',
    resolveType: ({ type }) => type,
    fields: (t) => ({
      id: t.exposeID('id', {
        description:
          'Opaque id of the event, at most 110 characters; the cursor to pass as jobEvents(after:).',
      }),
      projectId: t.exposeID('projectId', { description: 'The project that the job belongs to.' }),
      jobId: t.exposeID('jobId', { description: 'The job that the event is about.' }),
      workflow: t.field({
        type: enums.workflow,
        description: 'The kind of work that the job is.',
        resolve: workflowOf,
      }),
      taskName: t.exposeString('taskName', {
        description: taskNames,
      }),
      attempt: t.exposeInt('attempt', {
        description: 'The attempt that the event belongs to, 1 for the first.',
      }),
      timestamp: t.expose('timestamp', { type: 'DateTime', description: 'When it happened.' }),
      job: t.field({
        type: job,
        description: EVENT_JOB,
        resolve: (source, _args, { recordOf }) =>
          new EventJob(source, { last: source.at, workflow: workflowOf(source), recordOf }),
      }),
    }),
  });
}

const EVENT_JOB = `The job as this event left it, not as it is by now; in a normalised cache, it keeps every list and page right. What the event tells costs nothing: id, projectId, workflow, taskName, version, lastEventId, status, progress, step, message, metadata, preview, attempt, result, error, eta, finishedAt. The rest is read once per event, and told as of the event: title, input, createdAt, startedAt, maxAttempts, steps. Not of that moment are \`parent\` and \`items\`, which are as they are when they are read (each with a \`version\` of its own), and \`queuePosition\`. Of an attempt of long ago, from which others have taken the record, startedAt, maxAttempts and steps are as far as they are still known; of a job that is no longer kept, title and startedAt are null, maxAttempts is the attempt, and steps and items are empty.`;

function workflowsByTask(workflows: Workflows): ReadonlyMap<string, Workflow> {
  return new Map(
    [...workflows.values()].flatMap(({ batch, name, taskName }) => [
      [taskName, name] as const,
      ...(batch === null ? [] : [[batch.taskName, name] as const]),
    ]),
  );
}

function addProgressEvent(builder: Builder, event: EventRef, { artifact, eta }: EventParts) {
  return builder.objectRef<ProgressEvent & EventId>('ProgressEvent').implement({
    description: 'A job made progress. For a slow subscriber, only the newest of each job is kept.',
    interfaces: [event],
    fields: (t) => ({
      progress: t.exposeFloat('progress', {
        description:
          'Progress of the whole job, 0..1. Never goes back within one attempt; a new attempt (see `attempt`) begins at 0.',
      }),
      progressPercent: t.int({
        description: '`progress` in whole percent, 0..100; 100 only when `progress` is 1.',
        resolve: ({ progress }) => toPercent(progress),
      }),
      status: t.exposeString('status', {
        description:
          '"queued": waits for a worker; "processing": a worker carries it out; "retrying": a later attempt begins.',
      }),
      step: t.exposeString('step', {
        nullable: true,
        description: 'Name of the step that runs; null before the first step of an attempt.',
      }),
      message: t.exposeString('message', {
        description:
          'What is being done, in one sentence in the job’s language, for example "Generating clips (3/10)".',
      }),
      metadata: t.expose('metadata', {
        type: 'JSON',
        nullable: true,
        description:
          'Facts about the step, as an object, for example {"current_clip": 3, "total_clips": 10}; `warnings` is a list of strings; {"truncated": true} stands for more than 16 KB. Null when there are none.',
      }),
      worker: t.string({
        nullable: true,
        description:
          'Of an attempt’s first event: the worker that makes the attempt, as `machine/process id`. Otherwise null, as for tracked jobs.',
        resolve: ({ worker }) => worker ?? null,
      }),
      eta: t.field({
        type: eta,
        nullable: true,
        description: 'The predicted remaining time; null while nothing can be predicted.',
        resolve: (progress) => progress.eta ?? null,
      }),
      preview: t.field({
        type: artifact,
        nullable: true,
        description: PREVIEW,
        resolve: (progress) => progress.preview ?? null,
      }),
    }),
  });
}

function addErrorEvent(builder: Builder, event: EventRef, { artifact }: EventParts) {
  return builder.objectRef<ErrorEvent & EventId>('ErrorEvent').implement({
    description:
      'An attempt failed, or the job was cancelled. With willRetry false it is the job’s last event.',
    interfaces: [event],
    fields: (t) => ({
      error: t.exposeString('error', { description: 'What went wrong, in one English sentence.' }),
      code: t.exposeString('code', {
        description:
          'CANCELLED, TIMED_OUT, INVALID_INPUT, PROVIDER_FAILED, TOOL_MISSING, STORAGE_FAILED, WORKER_LOST or INTERNAL; see docs/errors.md. New codes may be added.',
      }),
      details: t.expose('details', {
        type: 'JSON',
        nullable: true,
        description:
          'Facts for a program, as an object whose keys depend on the code; null when there are none.',
      }),
      artifacts: t.field({
        type: [artifact],
        description: ERROR_FILES,
        resolve: ({ details, jobId, projectId }) => filesOf(details, `${projectId}/${jobId}/`),
      }),
      willRetry: t.exposeBoolean('willRetry', {
        description: 'True: another attempt follows. False: this is the job’s last event.',
      }),
      retryAfterSeconds: t.exposeFloat('retryAfterSeconds', {
        nullable: true,
        description:
          'Seconds until the next attempt or, if the provider named a time, until a retryJob can help; 0 or more; otherwise null.',
      }),
    }),
  });
}

function addCompletionEvent(builder: Builder, event: EventRef, { results }: EventParts) {
  return builder.objectRef<CompletionEvent & EventId>('CompletionEvent').implement({
    description: 'The job is done. Always its last event.',
    interfaces: [event],
    fields: (t) => ({
      result: t.field({
        type: results.union,
        description: 'What the job made.',
        resolve: ({ result }) => results.read(result),
      }),
    }),
  });
}

/** A logged event in the resolvers' form: its fields, with its cursor as the id. */
export function toEventSource(logged: LoggedEvent): EventSource {
  return { ...logged.event, id: encodeCursor(logged), at: logged };
}
