/** Jobs that run elsewhere: how their tasks report. The rules are in src/jobs/tracked-jobs.ts. */
import type { Tracked } from '../jobs/tracked-begin.ts';
import {
  DEFAULT_LEASE_SECONDS,
  MAX_JSON_CHARS,
  MAX_LEASE_SECONDS,
  MAX_REPORTS,
  MAX_TRACKED_ATTEMPTS,
  MIN_LEASE_SECONDS,
} from '../jobs/tracked-input.ts';
import type { Receipt } from '../jobs/tracked-report.ts';
import type { Builder } from './builder.ts';
import type { JobRef } from './job.ts';
import { PROJECT_ID } from './mutation.ts';

const JOB_ID = 'Id of the job, as trackJob gave it.';
const LEASE = 'The lease of the attempt, as trackJob gave it.';
const ERRORS =
  'Errors: BAD_USER_INPUT, NOT_FOUND (no such job, or the lease was never one of its), UNAVAILABLE. Scope: report, or write.';

export function addTracked(builder: Builder, job: JobRef): void {
  const receipt = addReceipt(builder, job);
  addTrackJob(builder, job, receipt.stop);
  addReports(builder, receipt.receipt);
}

function addReceipt(builder: Builder, job: JobRef) {
  const stop = builder.enumType('StopReason', {
    description: 'Why a task should end.',
    values: {
      CANCELLED: { description: 'The job was cancelled by cancelJob.' },
      LOST: {
        description:
          'The attempt is no longer this task’s: it was silent for longer than its lease, another attempt has begun, or it has reported its end already.',
      },
    },
  });
  const receipt = builder.objectRef<Receipt>('Receipt').implement({
    description: 'What became of a report.',
    fields: (t) => ({
      accepted: t.exposeBoolean('accepted', {
        description: 'Whether the report counts. False: nothing was changed, and the task should end.',
      }),
      stop: t.expose('stop', {
        type: stop,
        nullable: true,
        description: 'Why the report was not accepted; null when it was.',
      }),
      job: t.field({
        type: job,
        description: 'The job as the report left it, or as it stands.',
        resolve: (receipt) => receipt.job,
      }),
    }),
  });
  return { stop, receipt };
}

function addTrackJob(builder: Builder, job: JobRef, stop: ReturnType<typeof addReceipt>['stop']): void {
  const step = builder.inputType('StepInput', {
    description: 'One step of a tracked job.',
    fields: (t) => ({
      name: t.string({
        required: true,
        description:
          'Name of the step, unique within the job: 1 to 64 letters, digits and `_`, with a letter first.',
      }),
      share: t.float({
        required: true,
        description: 'Its share of the job’s time, 0 or more, in any unit: shares are relative.',
      }),
    }),
  });
  const input = builder.inputType('TrackJobInput', {
    description: 'What trackJob takes.',
    fields: (t) => ({
      projectId: t.id({ required: true, description: PROJECT_ID }),
      taskName: t.string({
        required: true,
        description:
          'What the task is called: 1 to 100 characters without control characters, for example `transcode`.',
      }),
      externalId: t.string({
        description:
          'The job’s name in the system that runs it, such as the id of its queue’s entry: 1 to 200 characters without control characters, unique within the project and taskName. The same one again is the next attempt of that job. It is known for 30 days after its latest attempt began. Null: a new job with each call.',
      }),
      idempotencyKey: t.string({
        description:
          'Names this call: 1 to 200 printable ASCII characters. The same key, sent again for the same externalId while the attempt is the present one, returns that attempt and begins none.',
      }),
      title: t.string({
        description: 'What a person would call the job; what is longer than 200 characters is cut.',
      }),
      input: t.field({
        type: 'JSON',
        description: `What was asked for, to be shown: at most ${MAX_JSON_CHARS} characters of JSON.`,
      }),
      steps: t.field({
        type: [step],
        description:
          'The steps in their order, at most 100. Null or empty: the job has none, or those of its attempt before.',
      }),
      leaseSeconds: t.int({
        description: `How long the task may be silent before its attempt is lost: ${MIN_LEASE_SECONDS}..${MAX_LEASE_SECONDS}, default ${DEFAULT_LEASE_SECONDS}. Every accepted report begins this time anew.`,
      }),
      maxAttempts: t.int({
        description: `How many attempts its own queue makes: 1..${MAX_TRACKED_ATTEMPTS}, default 1. While some are left, a job whose task is lost is RETRYING.`,
      }),
      restart: t.boolean({
        defaultValue: false,
        description: 'Whether a CANCELLED job is taken up again. Otherwise the answer says stop.',
      }),
    }),
  });
  const tracked = builder.objectRef<Tracked>('TrackedJob').implement({
    description: 'An attempt of a tracked job that has begun.',
    fields: (t) => ({
      job: t.field({ type: job, description: 'The job, RUNNING.', resolve: (begun) => begun.job }),
      attempt: t.exposeInt('attempt', { description: 'Number of the attempt, 1 for the first.' }),
      lease: t.exposeID('lease', {
        description: 'Opaque; the reports of this attempt carry it. Whoever has it can report for the task.',
      }),
      stop: t.expose('stop', {
        type: stop,
        nullable: true,
        description:
          'CANCELLED: the job was cancelled, no attempt was begun, and the task should not run. Otherwise null.',
      }),
    }),
  });
  builder.mutationField('trackJob', (t) =>
    t.field({
      type: tracked,
      description:
        'Begins an attempt of a job that runs elsewhere. Without an externalId, and when the job of that externalId has COMPLETED: a new job. While it is RUNNING or RETRYING: its next attempt; the one before can report no more. When it has FAILED: a new run of it. When it was CANCELLED: none, see `restart`. Errors: BAD_USER_INPUT, QUOTA_EXCEEDED, UNAVAILABLE. Scope: report, or write.',
      args: { input: t.arg({ type: input, required: true, description: 'What trackJob takes.' }) },
      resolve: (_root, args, { tracked: jobs }) => jobs.track(args.input),
    }),
  );
}

function addReports(builder: Builder, receipt: ReturnType<typeof addReceipt>['receipt']): void {
  const link = addLinkInput(builder);
  const progress = addProgressInput(builder, link);
  const many = builder.inputType('ReportProgressManyInput', {
    description: 'What reportProgressMany takes.',
    fields: (t) => ({
      reports: t.field({
        type: [progress],
        required: true,
        description: `The reports, 1 to ${MAX_REPORTS}; those of one job count in their order.`,
      }),
    }),
  });
  const error = addErrorInput(builder);
  const completion = addCompletionInput(builder, link);
  builder.mutationFields((t) => ({
    reportProgress: t.field({
      type: receipt,
      description: `Reports the progress of a tracked job, or, with nothing but the lease, that its task is alive (no event is written then). ${ERRORS}`,
      args: { input: t.arg({ type: progress, required: true, description: 'What reportProgress takes.' }) },
      resolve: (_root, { input }, { tracked }) => tracked.reportProgress(input),
    }),
    reportProgressMany: t.field({
      type: [receipt],
      nullable: { list: false, items: true },
      description: `Reports the progress of several jobs, each as reportProgress does, so that a process needs one request for all of its jobs. A receipt for each report in its place; null, with an error, for one that was not carried out. ${ERRORS}`,
      args: { input: t.arg({ type: many, required: true, description: 'What reportProgressMany takes.' }) },
      // graphql-js turns an error in place of a receipt into an error of that list entry.
      resolve: async (_root, { input }, { tracked }) =>
        (await tracked.reportProgressMany(input.reports)) as readonly Receipt[],
    }),
    reportError: t.field({
      type: receipt,
      description: `Reports that an attempt of a tracked job failed: the job’s last event, unless willRetry. Repeating it has no effect. ${ERRORS}`,
      args: { input: t.arg({ type: error, required: true, description: 'What reportError takes.' }) },
      resolve: (_root, { input }, { tracked }) => tracked.reportError(input),
    }),
    reportCompletion: t.field({
      type: receipt,
      description: `Reports that a tracked job is done: its last event. Repeating it has no effect. ${ERRORS}`,
      args: {
        input: t.arg({ type: completion, required: true, description: 'What reportCompletion takes.' }),
      },
      resolve: (_root, { input }, { tracked }) => tracked.reportCompletion(input),
    }),
  }));
}

function addProgressInput(builder: Builder, link: LinkInput) {
  return builder.inputType('ReportProgressInput', {
    description: 'What reportProgress takes. With nothing but the first three fields, a heartbeat.',
    fields: (t) => ({
      projectId: t.id({ required: true, description: PROJECT_ID }),
      jobId: t.id({ required: true, description: JOB_ID }),
      lease: t.id({ required: true, description: LEASE }),
      progress: t.float({
        description:
          'Progress of the whole job, 0..1; a value below an earlier one of the attempt is raised to it.',
      }),
      step: t.string({
        description:
          'The step that runs. A report about a step before the present one is late, and has no effect.',
      }),
      stepProgress: t.float({
        description: 'Progress inside the step, 0..1, in place of `progress`.',
      }),
      message: t.string({
        description: 'What is being done, in one sentence; what is longer than 1,000 characters is cut.',
      }),
      metadata: t.field({
        type: 'JSON',
        description:
          'Facts about the step, as an object, in place of the earlier ones; {"truncated": true} stands for more than 16 KB.',
      }),
      preview: t.field({
        type: link,
        description:
          'A picture or sound of what is being made, in place of the earlier one. It goes when the attempt ends.',
      }),
      sequence: t.field({
        type: 'Float',
        description:
          'Number of the report in its attempt: a whole number from 1. A report whose number is not above the last one is late, and has no effect; so a report may be sent again.',
      }),
    }),
  });
}

function addErrorInput(builder: Builder) {
  return builder.inputType('ReportErrorInput', {
    description: 'What reportError takes.',
    fields: (t) => ({
      projectId: t.id({ required: true, description: PROJECT_ID }),
      jobId: t.id({ required: true, description: JOB_ID }),
      lease: t.id({ required: true, description: LEASE }),
      error: t.string({
        required: true,
        description: 'What went wrong; what is longer than 4,000 characters is cut.',
      }),
      code: t.string({
        description:
          '1 to 64 capital letters, digits and `_`, default TASK_FAILED. CANCELLED: the job ends as CANCELLED.',
      }),
      details: t.field({
        type: 'JSON',
        description: 'Facts for a program, as an object; {"truncated": true} stands for more than 16 KB.',
      }),
      willRetry: t.boolean({
        description:
          'Whether the task’s own queue will make another attempt, default false. The job is then RETRYING until that begins, or for retryAfterSeconds and an hour, after which it fails with WORKER_LOST.',
      }),
      retryAfterSeconds: t.float({
        description: 'Seconds until that attempt, 0 to 2,592,000 (30 days).',
      }),
    }),
  });
}

type LinkInput = ReturnType<typeof addLinkInput>;

function addLinkInput(builder: Builder) {
  return builder.inputType('LinkInput', {
    description: 'Something that a tracked job made, and that lies somewhere else.',
    fields: (t) => ({
      url: t.string({
        required: true,
        description:
          'Where it lies: an http or https address of at most 2,048 characters. Everybody who may see the job sees it.',
      }),
      contentType: t.string({ required: true, description: 'Its media type, for example `video/mp4`.' }),
      sizeBytes: t.float({ description: 'Its size in bytes, a whole number; null: unknown.' }),
      name: t.string({ description: 'Its name, 1 to 200 characters. Null: the last part of the address.' }),
    }),
  });
}

function addCompletionInput(builder: Builder, link: LinkInput) {
  return builder.inputType('ReportCompletionInput', {
    description: 'What reportCompletion takes.',
    fields: (t) => ({
      projectId: t.id({ required: true, description: PROJECT_ID }),
      jobId: t.id({ required: true, description: JOB_ID }),
      lease: t.id({ required: true, description: LEASE }),
      result: t.field({
        type: 'JSON',
        description: `What the job made, as data: at most ${MAX_JSON_CHARS} characters of JSON. Null: {}.`,
      }),
      artifacts: t.field({ type: [link], description: 'What it made besides, at most 100.' }),
    }),
  });
}
