/** The BullMQ queue: its name, its options, and what a queue entry holds. */

import { FlowProducer, type JobsOptions, Queue, type Telemetry } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Json } from '../core/json.ts';
import type { Logger } from '../core/logger.ts';
import { currentTracing } from '../core/tracing.ts';
import type { AttemptBasis } from '../log/job-store.ts';
import type { WorkSize } from '../progress/run-so-far.ts';
import { type JobState, newJob } from '../progress/state.ts';
import { type StepTables, stepsOf } from '../progress/steps.ts';
import type { Keys } from '../redis/keys.ts';
import { takePriorities } from './fairness.ts';

export const QUEUE_NAME = 'jobs';

/** A queue entry points to the snapshot, which holds everything else. */
export interface QueueEntry {
  readonly projectId: string;
  readonly jobId: string;
  /** Added to BullMQ's attemptsStarted to give the attempt. */
  readonly attemptBase: number;
  /** How much work it is, as far as that was known: for predictions, without a look at the snapshot. */
  readonly size?: WorkSize;
  /** What the first attempt begins with, where it is small: the snapshot need not be read then. */
  readonly first?: FirstAttempt;
}

/** A job as it was made; nothing of it changes before its first attempt begins. */
export interface FirstAttempt extends Pick<JobState, 'workflow' | 'maxAttempts' | 'createdAt' | 'message'> {
  readonly ranges?: NonNullable<JobState['ranges']>;
  /** As JSON. */
  readonly input: string;
}

export type JobQueue = Queue<QueueEntry, void, string>;

const DEFAULT_OPTIONS: JobsOptions = {
  // The snapshot is the record (G9). Failed entries stay a while: the reconciler must see that a job was failed by
  // the stall limit, and not add it again.
  removeOnComplete: true,
  removeOnFail: { age: 24 * 3600, count: 10_000 },
  backoff: { type: 'custom' },
};

/** Of a batch's entry: its processing only writes the last event, so an error there (Redis away) is worth repeating. */
const BATCH_ATTEMPTS = 20;

/** A connection for a queue that only adds, looks and removes. */
export function createQueue(connection: Redis, keys: Keys, logger: Logger): JobQueue {
  const queue: JobQueue = new Queue(QUEUE_NAME, {
    connection,
    prefix: keys.queuePrefix,
    streams: { events: { maxLen: 1_000 } },
    defaultJobOptions: DEFAULT_OPTIONS,
    ...queueTelemetry(),
  });
  queue.on('error', (error) => logger.warn({ err: error }, 'queue connection'));
  return queue;
}

/** How BullMQ carries the trace of a job in its entry; nothing while nothing is traced. */
export function queueTelemetry(): { telemetry?: Telemetry } {
  const tracing = currentTracing();
  // The port knows no BullMQ; src/observe makes it by BullMQ's own interface.
  return tracing === undefined ? {} : { telemetry: tracing.queue as Telemetry };
}

/** What is known beside the snapshot when an entry is added. */
interface EntryFacts {
  /** For an item: the batch whose entry waits for this one. */
  readonly batch?: JobState | undefined;
  /** From fairness.ts, where it has been taken. */
  readonly priority?: number | undefined;
  /** Of a job that has just been made, as JSON. */
  readonly input?: string | undefined;
}

/** Adds the entry for a job's present run; adding it twice leaves one (BullMQ keeps one entry per id). */
export async function addToQueue(queue: JobQueue, state: JobState, facts: EntryFacts = {}): Promise<void> {
  const { batch, input } = facts;
  const priority = facts.priority ?? (await takePriorities(queue, state.projectId, 1))[0];
  const { name, data, opts } = toEntry(state, priority, input);
  const add = (more: JobsOptions): Promise<unknown> => queue.add(name, data, { ...opts, ...more });
  if (batch === undefined) {
    await add({});
    return;
  }
  const parent = { id: batch.queueId, queue: queue.qualifiedName };
  await add({ parent, ignoreDependencyOnFailure: true }).catch(async (error: unknown) => {
    // The batch's own entry is missing. When the reconciler adds it, it links the item's.
    if (await queue.getJob(batch.queueId)) throw error;
    await add({});
  });
}

/**
 * Adds the entries of a batch in one step: one per item, and the batch's own, which waits until each of them is through,
 * failed or not. Entries that are there already stay as they are.
 */
export async function addBatchToQueue(
  queue: JobQueue,
  batch: JobState,
  items: readonly JobState[],
): Promise<void> {
  const { connection, prefix } = queue.opts;
  const flow = new FlowProducer({ connection, ...(prefix !== undefined && { prefix }), ...queueTelemetry() });
  flow.on('error', () => {
    // The queue has the same connection, and reports its errors.
  });
  const priorities = await takePriorities(queue, batch.projectId, items.length);
  const node = (state: JobState, more: JobsOptions, priority?: number) => {
    const { name, data, opts } = toEntry(state, priority);
    return { name, queueName: queue.name, data, opts: { ...DEFAULT_OPTIONS, ...opts, ...more } };
  };
  try {
    await flow.add({
      ...node(batch, { attempts: BATCH_ATTEMPTS }),
      children: items.map((item, at) => node(item, { ignoreDependencyOnFailure: true }, priorities[at])),
    });
  } finally {
    await flow.close();
  }
}

/** @param priority from fairness.ts; a batch's own entry has none: it only writes the last event */
function toEntry(
  state: JobState,
  priority: number | undefined,
  input?: string,
): { readonly name: string; readonly data: QueueEntry; readonly opts: JobsOptions } {
  const { projectId, id, attemptBase, queueId, maxAttempts, size, taskName } = state;
  const attempts = Math.max(1, maxAttempts - attemptBase);
  const opts = { jobId: queueId, attempts, ...(priority !== undefined && { priority }) };
  const first = input !== undefined && input.length <= SMALL_INPUT_CHARS && firstAttempt(state, input);
  return { name: taskName, data: { projectId, jobId: id, attemptBase, size, ...(first && { first }) }, opts };
}

/** An entry is read as a whole by whoever looks at the queue. */
const SMALL_INPUT_CHARS = 1_000;

function firstAttempt(
  { workflow, maxAttempts, createdAt, message, ranges }: JobState,
  input: string,
): FirstAttempt {
  return { workflow, maxAttempts, createdAt, message, ...(ranges !== null && { ranges }), input };
}

/**
 * What a job's first attempt begins with, as its entry tells it.
 * @param attempt that begins
 * @returns null for any other attempt, and when the entry does not tell: read the snapshot then
 */
export function basisOf(
  workflows: StepTables,
  name: string,
  entry: QueueEntry,
  attempt: number,
): AttemptBasis | null {
  const { projectId, jobId, size = {}, first } = entry;
  if (first === undefined || attempt !== 1) return null;
  const { input, ...fields } = first;
  const table = stepsOf(workflows, fields.workflow);
  const state = newJob({ id: jobId, projectId, taskName: name, size, table, ...fields });
  return { state, input: JSON.parse(input) as Json, outputs: {} };
}

/**
 * Takes a batch's entry out, and those of its items that no worker has.
 * @returns false when a worker has the batch's own entry, which is there still
 */
export async function removeBatchFromQueue(queue: JobQueue, queueId: string): Promise<boolean> {
  const entry = await queue.getJob(queueId);
  await entry?.removeUnprocessedChildren();
  return removeFromQueue(queue, queueId);
}

/**
 * Takes a job's entry out, and of a batch its own alone: an item's entry that a worker has must not keep it.
 * @returns false when a worker has the entry (the worker is told by other means), which is there still
 */
export async function removeFromQueue(queue: JobQueue, queueId: string): Promise<boolean> {
  // Most often it is gone already, and BullMQ would look for it in every list.
  if ((await queue.getJob(queueId)) === undefined) return true;
  return (await queue.remove(queueId, { removeChildren: false })) === 1;
}
