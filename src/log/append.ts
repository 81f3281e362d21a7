/** What an append is given, and how it is passed to the script (scripts/append.lua). */
import { toJson } from '../core/json.ts';
import { tracePlace } from '../core/tracing.ts';
import type {
  AttemptMode,
  BatchFinish,
  BatchRef,
  BatchReport,
  EventWrite,
  ItemProgress,
  WriteOutcome,
} from '../progress/event-writer.ts';
import {
  type FieldTexts,
  type JobField,
  writeAttempt,
  writeEnding,
  writeFields,
  writeNewRecord,
  writeRecord,
} from '../progress/job-record.ts';
import type { JobState } from '../progress/state.ts';
import type { ProjectKeys } from '../redis/keys.ts';
import type { AppendArgs, AppendKeys } from './scripts.ts';

/** What an append is allowed to do; the rules are in append.lua. */
export type AppendMode = AttemptMode | 'create' | 'close' | 'retry';

/** An event to append, of an attempt or from outside of one. */
export interface AppendCommand extends Omit<EventWrite, 'mode'> {
  readonly mode: AppendMode;
  /** The workflow's input as JSON; with `create` only. */
  readonly input?: string;
  /** The key under which a repeated `create` finds the job that it has made; with `create` only. */
  readonly idempotencyKey?: string | undefined;
  /**
   * The input's fingerprint, with an idempotency key. CONFLICT: the key has a job of another input. Default: all inputs count
   * as the same.
   */
  readonly fingerprint?: string | undefined;
  /**
   * The unfinished jobs that the project may have beforehand, with `create` and `retry`; FULL when it has more. Default: any
   * number.
   */
  readonly maxUnfinished?: number | undefined;
  /** The latest time (ms, by Redis' clock) at which it may be written; LATE after that (redis/write-deadline.ts). */
  readonly notAfter?: number | undefined;
  /** The items that run again, and the attempts that they begin; with `retry` of a batch. */
  readonly retries?: readonly ItemRetry[];
}

/** An item that the retry of its batch takes up again. */
export interface ItemRetry {
  readonly index: number;
  readonly attempt: number;
}

/** What is done in the step that creates a job, besides its first event (scripts/create.lua). */
export interface Registration {
  /** The job's member of the set that the reconciler works through, and since when (ms) it is there. */
  readonly watched: { readonly member: string; readonly since: number };
  /** FULL when the project's files take this many bytes; default: no limit. */
  readonly maxFileBytes?: number | undefined;
  /** Places in the queue's order to be taken, from 0, and where they are counted (queue/bullmq-fairness.ts). */
  readonly starts: {
    readonly count: number;
    readonly highest: number;
    readonly stateKey: string;
    readonly waitingKey: string;
    readonly parkedKey: string;
  };
}

/** What is done in the step that writes an event of a tracked job, besides the event (scripts/tracked.lua). */
export interface TrackedAppend {
  /** Leads from the job's name in its own system to the job; null: it has no name there. */
  readonly externalKey: string | null;
  /** How long it leads there from now on (s); left out: unchanged. */
  readonly externalSeconds?: number | undefined;
  /** The job as its writer knows it; STALE when another event of it was written since. Null with `create`. */
  readonly known: Pick<JobState, 'version' | 'last'> | null;
  /** How long the job may be silent from now on (ms); left out: unchanged. */
  readonly waitMs?: number | undefined;
  /** Only when the job has been silent for too long; STALE otherwise. */
  readonly isLapsed?: boolean | undefined;
  /** The idempotency key of the call that creates the job. */
  readonly callKey?: string | null | undefined;
}

/** What became of an append. */
export interface AppendOutcome extends WriteOutcome {
  /** The job that the idempotency key belongs to, with EXISTS and CONFLICT; otherwise the job itself. */
  readonly jobId: string;
  /** The present attempt of the batch that the job is an item of, with OK and DUP; 0 for any other job. */
  readonly batchAttempt: number;
}

/** What became of a job's creation. */
export interface CreateOutcome extends AppendOutcome {
  /** The first of the starts, with OK, if any was to be taken. */
  readonly firstStart?: number | undefined;
  /** The bytes that the project's files take, with FULL, if it is they that leave no room. */
  readonly usedBytes?: number | undefined;
}

/** One call of the script. */
export interface AppendCall {
  readonly keys: AppendKeys;
  readonly args: AppendArgs;
  /** The snapshot's fields that change: name, value, name, value … */
  readonly fields: FieldTexts;
}

/** The arguments of every append to a log, the same for all its projects. */
export type LogArgs = Pick<AppendArgs, 'publish' | 'logLength' | 'logSeconds' | 'idempotencySeconds'>;

/** Arguments that most modes don't take. */
const UNUSED = {
  notAfter: '',
  itemIndex: '',
  maxUnfinished: '',
  fingerprint: '',
  queueId: '',
  items: '',
  counts: '',
  now: '',
} as const;

export function toAppendCall(command: AppendCommand, project: ProjectKeys, log: LogArgs): AppendCall {
  const { event, idempotencyKey, mode, state, writeId, retries = [] } = command;
  return {
    keys: keysOf(state, project, idempotencyKey),
    args: {
      ...UNUSED,
      ...log,
      mode,
      jobId: state.id,
      attempt: state.attempt,
      writeId,
      event: toJson(event),
      status: state.status,
      channel: project.live,
      notAfter: command.notAfter ?? '',
      itemIndex: state.itemIndex ?? '',
      maxUnfinished: command.maxUnfinished ?? '',
      fingerprint: command.fingerprint ?? '',
      queueId: mode === 'begin' ? state.queueId : '',
      items: retries.length === 0 ? '' : toItems(retries.map(({ index }) => ({ index, progress: 0 }))),
    },
    fields: fieldsOf(command),
  };
}

export function toReportCall(
  batch: BatchRef,
  { event, items, now, writeId }: BatchReport,
  project: ProjectKeys,
  log: LogArgs,
): AppendCall {
  const status = 'RUNNING';
  return {
    keys: keysOf({ ...batch, parentId: null, itemCount: 1 }, project),
    args: {
      ...UNUSED,
      ...log,
      ...{ mode: 'report', writeId, jobId: batch.id, attempt: batch.attempt, status, now },
      event: toJson(event),
      channel: project.live,
      items: toItems(items),
    },
    fields: writeFields({ status, message: event.message }),
  };
}

export function toFinishCall(
  batch: BatchRef,
  { counts, event, now, writeId }: BatchFinish,
  project: ProjectKeys,
  log: LogArgs,
): AppendCall {
  const status = 'COMPLETED';
  const ending = { status, message: 'Done', result: event.result, error: null, finishedAt: now } as const;
  return {
    keys: keysOf({ ...batch, parentId: null, itemCount: 1 }, project),
    args: {
      ...UNUSED,
      ...log,
      ...{ mode: 'finish', writeId, jobId: batch.id, attempt: batch.attempt, status },
      event: toJson(event),
      channel: project.live,
      counts: `${counts.succeeded}:${counts.failed}:${counts.cancelled}`,
    },
    fields: [...writeEnding(ending), ...writeFields({ progress: 1 })],
  };
}

type Target = Pick<JobState, 'id' | 'workflow' | 'taskName' | 'parentId' | 'itemCount'>;

function keysOf(
  { id, itemCount, parentId, taskName, workflow }: Target,
  project: ProjectKeys,
  idempotencyKey?: string,
): AppendKeys {
  const jobKey = project.job(id);
  const index = parentId === null ? project.index : project.itemIndex;
  const batchId = parentId ?? (itemCount > 0 ? id : null);
  return {
    metaKey: project.meta,
    logKey: project.log,
    jobKey,
    jobsKey: parentId === null ? project.jobs : project.items,
    activeKey: project.active,
    latestKey: project.latest,
    idempotencyKey: idempotencyKey === undefined ? jobKey : project.idempotency(taskName, idempotencyKey),
    queuedKey: index(workflow, 'QUEUED'),
    runningKey: index(workflow, 'RUNNING'),
    retryingKey: index(workflow, 'RETRYING'),
    completedKey: index(workflow, 'COMPLETED'),
    failedKey: index(workflow, 'FAILED'),
    cancelledKey: index(workflow, 'CANCELLED'),
    batchKey: batchId === null ? jobKey : project.batch(batchId),
    parentKey: parentId === null ? jobKey : project.job(parentId),
  };
}

/** The snapshot's fields that an append writes. */
function fieldsOf(command: AppendCommand): FieldTexts {
  const { fingerprint, input, mode, retries } = command;
  const fields = [...stateFieldsOf(command)];
  const add = (name: JobField, text: string | null | undefined): void => {
    if (text != null) fields.push(name, text);
  };
  add('input', input);
  add('fingerprint', fingerprint);
  add('retries', retries && JSON.stringify(retries));
  // The reconciler continues this trace when it adds the job to the queue again.
  if (mode === 'create' || mode === 'retry') add('trace', tracePlace());
  return fields;
}

function stateFieldsOf({ mode, state, base }: AppendCommand): FieldTexts {
  if (mode === 'create') return writeNewRecord(state);
  // A tracked job's next attempt may have other steps, and nobody has written to it since it was read (tracked.lua).
  if (mode === 'retry' || (mode === 'begin' && state.tracked !== null)) return writeRecord(state);
  // The attempt before may have reported once more since the snapshot was read, so nobody knows what it holds now.
  if (mode === 'begin' && state.attempt > 1) return writeAttempt(state);
  return mode === 'close' ? writeEnding(state) : writeAttempt(state, base);
}

/** Writes progress in millionths, so that the sum over many items is exact. */
function toItems(items: readonly ItemProgress[]): string {
  return items.map(({ index, progress }) => `${index}:${Math.round(progress * 1e6)}`).join(',');
}
