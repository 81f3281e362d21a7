/**
 * Batches: a parent job and its items, each a job of its own.
 *
 * The parent is written first, with the input of all items; then its items, then the queue entries of all of them in one step.
 * Item ids are derived from the parent's, so `fillBatch` may be repeated: a crash anywhere in between leaves a parent without a
 * queue entry, and the reconciler fills it. The same holds for a retry, whose items are listed in the parent's snapshot.
 *
 * All that the queue does is wake the parent's entry when those of its items are done. append.lua decides whether the items
 * have ended, by the counts that it keeps with their own snapshots; an entry that wakes early waits again.
 */

import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import { PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ItemRetry } from '../log/append.ts';
import { type FoundJob, isReadable } from '../log/damaged-job.ts';
import { recountItems } from '../log/job-repair.ts';
import type { JobStore } from '../log/job-store.ts';
import type { EventLog } from '../log/log.ts';
import { BatchProgressTracker, reportOnce } from '../progress/batch.ts';
import type { BatchRef } from '../progress/event-writer.ts';
import {
  endedJob,
  hasEnded,
  itemId,
  itemIds,
  type JobState,
  newJob,
  requeuedJob,
} from '../progress/state.ts';
import { newWriteId } from '../progress/write-id.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { Keys } from '../redis/keys.ts';
import { writeControl } from './control.ts';
import type { Workflows } from './definition.ts';
import { cancelledEvent, queuedEvent } from './job-events.ts';
import { languageOf, message } from './messages.ts';
import { titleOf } from './title.ts';
import { watch } from './watch.ts';

interface BatchParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly workflows: Workflows;
}

/** A batch's input, as stored with it. */
export interface BatchInput {
  /** Attempts of each item. */
  readonly maxAttempts: number;
  /** Parsed by the workflow's schema, in order. */
  readonly items: readonly unknown[];
}

/** The prefix of batches' task names; the task name of their items follows. */
const BATCH_TASK = 'batch_';

/** The batch that a job is an item of, at this attempt of the batch; null for any other job. */
export function batchOf(item: JobState, attempt: number): BatchRef | null {
  const { parentId, projectId, taskName, workflow } = item;
  return parentId === null
    ? null
    : { projectId, id: parentId, workflow, taskName: `${BATCH_TASK}${taskName}`, attempt };
}

/** Tells a batch that an item was ended from outside an attempt; does nothing for a job that is not an item. */
export async function reportEnd(
  log: EventLog,
  item: JobState,
  batchAttempt: number,
  status: 'failed' | 'cancelled',
  now: number,
): Promise<void> {
  const batch = batchOf(item, batchAttempt);
  if (batch === null || item.itemIndex === null) return;
  const message = item.message ?? '';
  await reportOnce(log, batch, { index: item.itemIndex, status, message }, now);
}

/**
 * Makes the items that are missing, including lost ones, carries out the retries that were ordered, and adds the queue entries.
 * Safe to repeat.
 */
export async function fillBatch(parts: BatchParts, batch: JobState): Promise<void> {
  const { jobs, queue } = parts;
  const found = await jobs.loadMany(idsOf(batch));
  const items = found.filter(isReadable);
  const isMissing = found.includes(null);
  // A lost item may have been counted.
  if (isMissing) await recountItems(parts, batch, 'any');
  const made = isMissing ? await createItems(parts, batch, found) : [];
  const retried = await retryItems(parts, batch, items);
  const open = items.filter(({ status }) => !hasEnded(status));
  const states = await Promise.all(open.map(({ queueId }) => queue.stateOf(queueId)));
  // A failed entry would keep the parent waiting for ever; its item gets its last event from the reconciler.
  const alive = open.filter((_, at) => states[at] !== 'failed');
  const children = [...made, ...retried, ...alive].sort((one, other) => (one.id < other.id ? -1 : 1));
  await queue.addBatch(batch, children);
}

async function createItems(
  { clock, jobs, keys, log, redis, workflows }: BatchParts,
  batch: JobState,
  found: readonly FoundJob[],
): Promise<readonly JobState[]> {
  // Only JobCommands writes it.
  const input = (await jobs.loadInput(batch.projectId, batch.id)) as unknown as BatchInput;
  const now = clock.now();
  const workflow = workflows.get(batch.workflow);
  const missing = input.items.flatMap((item, index) => (found[index] === null ? [{ index, item }] : []));
  const items = missing.map(({ index, item }) => ({
    input: JSON.stringify(item),
    state: newJob({
      id: itemId(batch.id, index),
      projectId: batch.projectId,
      workflow: batch.workflow,
      taskName: batch.taskName.slice(BATCH_TASK.length),
      table: batch.table,
      maxAttempts: input.maxAttempts,
      createdAt: batch.createdAt,
      parentId: batch.id,
      itemIndex: index,
      ranges: batch.ranges,
      message: message(languageOf(item), 'job.queued'),
      size: workflow?.measure(item) ?? {},
      title: workflow === undefined ? null : titleOf(workflow, [item]),
    }),
  }));
  const notAfter = await watch(
    redis,
    keys,
    items.map(({ state }) => state),
    now,
  );
  const outcomes = await Promise.all(
    items.map(({ state, input: itemInput }) => {
      const event = queuedEvent(state, now);
      return log.append({ mode: 'create', writeId: newWriteId(), event, state, input: itemInput, notAfter });
    }),
  );
  refuseLate(outcomes);
  // An item was refused if another process filled the batch at the same time, or if the batch has been cancelled.
  return items.filter((_, at) => outcomes[at]?.code === 'OK').map(({ state }) => state);
}

async function retryItems(
  { clock, jobs, keys, log, redis }: BatchParts,
  batch: JobState,
  items: readonly JobState[],
): Promise<readonly JobState[]> {
  if (batch.attempt === 1) return [];
  const ordered = await jobs.itemRetries(batch.projectId, batch.id);
  const attempts = new Map(ordered.map(({ index, attempt }) => [itemId(batch.id, index), attempt]));
  // For an item at that attempt or beyond, the order has been carried out.
  const due = items.filter(({ id, attempt }) => attempts.get(id) === attempt + 1);
  if (due.length === 0) return [];
  const now = clock.now();
  const notAfter = await watch(redis, keys, due, now);
  // Only JobCommands writes it.
  const { items: inputs } = (await jobs.loadInput(batch.projectId, batch.id)) as unknown as BatchInput;
  const requeued = due.map((item) =>
    requeuedJob(item, message(languageOf(inputs[item.itemIndex ?? 0]), 'job.queued')),
  );
  const outcomes = await Promise.all(
    requeued.map((state) =>
      log.append({ mode: 'retry', writeId: newWriteId(), event: queuedEvent(state, now), state, notAfter }),
    ),
  );
  refuseLate(outcomes);
  return requeued.filter((_, at) => outcomes[at]?.code === 'OK');
}

/** Throws if a write came too late: the batch then gets no queue entry, so the reconciler begins again. */
function refuseLate(outcomes: readonly { readonly code: string }[]): void {
  if (!outcomes.some(({ code }) => code === 'LATE')) return;
  throw new PlayheadError('UNAVAILABLE', 'Redis carried the writes of a batch out too late');
}

/** The items that a retry of the batch takes up again: those that failed or were cancelled. */
export async function planRetries(jobs: JobStore, batch: JobState): Promise<readonly ItemRetry[]> {
  const items = await jobs.loadMany(idsOf(batch));
  return items.flatMap((item, index) =>
    isReadable(item) && (item.status === 'FAILED' || item.status === 'CANCELLED')
      ? [{ index, attempt: item.attempt + 1 }]
      : [],
  );
}

/**
 * Cancels what is left of a batch that has ended: last events, running workers, queue entries. Safe to repeat.
 * @returns the items that this has cancelled, and whether the batch's own queue entry is gone
 */
export async function cancelItems(
  parts: BatchParts,
  batch: JobState,
): Promise<{ readonly cancelled: readonly JobState[]; readonly isRemoved: boolean }> {
  const { clock, jobs, log, queue } = parts;
  const items = await jobs.loadMany(idsOf(batch));
  const open = items.filter(isReadable).filter(({ status }) => !hasEnded(status));
  const now = clock.now();
  const closings = open.map((item) => {
    const event = cancelledEvent(item, now);
    return { mode: 'close', writeId: newWriteId(), event, state: endedJob(item, event, now) } as const;
  });
  // No attempt of an item begins after the end of its batch, so an item that has moved on is one of the batch's next run.
  const outcomes = await Promise.all(closings.map((closing) => log.append(closing)));
  const cancelled = closings.filter((_, at) => outcomes[at]?.code === 'OK').map(({ state }) => state);
  await tellWorkers(parts, open);
  return { cancelled, isRemoved: await queue.removeBatch(batch.queueId) };
}

async function tellWorkers({ keys, redis }: BatchParts, items: readonly JobState[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const { projectId, id, attempt, status } of items) {
    if (status !== 'RUNNING') continue;
    pipeline.publish(keys.control, writeControl({ cancel: { projectId, jobId: id, attempt } }));
  }
  await pipeline.exec();
}

/**
 * Ends a batch whose items have all ended.
 * @returns the ended batch, whoever ended it; null while an item is left, or when the batch is gone or at another attempt
 */
export async function finishBatch(
  { clock, jobs, log, logger }: Pick<BatchParts, 'clock' | 'jobs' | 'log' | 'logger'>,
  batch: JobState,
): Promise<JobState | null> {
  for (;;) {
    const counts = await jobs.itemCounts(batch.projectId, batch.id);
    const ended = counts.succeeded + counts.failed + counts.cancelled;
    const complete =
      ended === batch.itemCount &&
      (await new BatchProgressTracker(batch, { log, clock, logger }).complete({ ...counts, total: ended }));
    const now = await jobs.load(batch.projectId, batch.id);
    if (now !== null && hasEnded(now.status)) return now;
    // The ending was refused although all items had ended: one was retried since they were counted, so count again.
    if (now?.attempt !== batch.attempt || ended < batch.itemCount || complete) return null;
  }
}

function idsOf(batch: JobState): readonly { readonly projectId: string; readonly jobId: string }[] {
  return itemIds(batch).map((jobId) => ({ projectId: batch.projectId, jobId }));
}
