/**
 * How jobs begin, are cancelled and are retried: the only way from the API to the log and the queue.
 *
 * A job is written in two steps. The first writes its snapshot, first event, idempotency key and place in `unended`, so that
 * the reconciler knows of it whatever happens next (creation.ts); the second adds its queue entry. The reconciler repairs a
 * crash between the two, so a job that a client was told of is never lost. A batch is written the same way, with its items
 * between the append and the entry (batch.ts).
 */

import type { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../core/clock.ts';
import { badInput, PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ItemRetry } from '../log/append.ts';
import type { JobStore } from '../log/job-store.ts';
import type { EventLog } from '../log/log.ts';
import type { WorkSize } from '../progress/run-so-far.ts';
import { endedJob, hasEnded, type JobState, MAX_ITEMS, newJob, requeuedJob } from '../progress/state.ts';
import type { StepRange, Workflow } from '../progress/steps.ts';
import { newWriteId } from '../progress/write-id.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { withDeadline } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { ServerClock, WriteDeadline } from '../redis/write-deadline.ts';
import type { AdmissionRequest, Admit } from './admission.ts';
import { type BatchInput, cancelItems, fillBatch, planRetries, reportEnd } from './batch.ts';
import { writeControl } from './control.ts';
import { JobCreator, type NewJob } from './creation.ts';
import type { WorkflowDefinition, Workflows } from './definition.ts';
import type { DiskUsage } from './disk-usage.ts';
import { fingerprintOf } from './fingerprint.ts';
import { IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_EXPECTED } from './idempotency-key.ts';
import { parseInput } from './input-parsing.ts';
import { cancelledEvent, queuedEvent } from './job-events.ts';
import { languageOf, message } from './messages.ts';
import { parseProjectId } from './project-id.ts';
import { removeJob } from './removal.ts';
import { retire } from './retirement.ts';
import { titleOf } from './title.ts';
import { memberOf, watch } from './watch.ts';

export interface NewJobRequest {
  readonly workflow: Workflow;
  /** The field of the request that the input came in, for error paths; for example `input`. */
  readonly field: string;
  readonly projectId: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly maxAttempts?: number | null | undefined;
  /** The workflow's own fields, not yet parsed. */
  readonly input: unknown;
}

export interface NewBatchRequest extends Omit<NewJobRequest, 'input'> {
  /** 1 to 1,000 inputs of the workflow, not yet parsed. `maxAttempts` applies to each. */
  readonly items: readonly unknown[];
}

export interface Quotas {
  /** Unfinished jobs of one project, including items of batches; batches made at the same time may exceed it. */
  readonly maxQueuedJobs: number;
  /** Characters of a script, text or brief. */
  readonly maxTextChars: number;
}

export interface JobCommandsParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Refuses what no worker could carry out, and looks up how much work it is; default: everything is admitted. */
  readonly admission?: Admit;
  /** The limits of one project; default: none. */
  readonly quotas?: Quotas;
  /** Whether a project’s files leave room; default: they do. */
  readonly usage?: Pick<DiskUsage, 'findFull' | 'maxBytes' | 'refusal'>;
  /** How long an ended job is kept (G9); default: only the reconciler retires cancelled jobs, page by page. */
  readonly retentionMs?: number;
  /** How long after its request a mutation may still be carried out; default: a minute. */
  readonly writeLimitMs?: number;
  /** Step ranges for new jobs; default: the tables'. */
  readonly ranges?: (workflow: Workflow) => Promise<readonly StepRange[] | null>;
  readonly workflows: Workflows;
}

/** A mutation under way. */
interface Mutation {
  readonly deadline: WriteDeadline;
  /** Call this with what its write has left, which is then its answer even if the work behind the write does not end. */
  readonly accept: (state: JobState) => void;
}

const DEFAULT_MAX_ATTEMPTS = 3;
const MAX_ATTEMPTS = 10;

export class JobCommands {
  readonly #parts: JobCommandsParts;
  readonly #creator: JobCreator;
  readonly #serverClock: ServerClock;

  constructor(parts: JobCommandsParts) {
    this.#parts = parts;
    this.#creator = new JobCreator({ ...parts, maxQueuedJobs: parts.quotas?.maxQueuedJobs });
    this.#serverClock = new ServerClock(parts.redis);
  }

  /**
   * Enqueues a job, or returns the one that was already made with this idempotency key.
   * @throws PlayheadError BAD_USER_INPUT, IDEMPOTENCY_CONFLICT, TOOL_MISSING, QUOTA_EXCEEDED (nothing is enqueued), UNAVAILABLE when Redis does not answer within 2 s
   */
  async enqueue(request: NewJobRequest): Promise<JobState> {
    const deadline = this.#startDeadline();
    const { field } = request;
    const workflow = this.#workflow(request.workflow, field);
    const projectId = parseProjectId(request.projectId, `${field}.projectId`);
    const idempotencyKey = parseIdempotencyKey(request.idempotencyKey, `${field}.idempotencyKey`);
    const maxAttempts = parseMaxAttempts(request.maxAttempts, `${field}.maxAttempts`);
    const input = this.#parseInput(workflow, request.input, field);
    const [found] = await this.#admit({ projectId, workflow, inputs: [{ field, input }] });
    const state = newJob({
      id: uuidv7(),
      projectId,
      workflow: workflow.name,
      taskName: workflow.taskName,
      table: workflow.steps,
      maxAttempts,
      createdAt: this.#parts.clock.now(),
      message: message(languageOf(input), 'job.queued'),
      size: { ...workflow.measure(input), ...found },
      title: titleOf(workflow, [input]),
    });
    return this.#answer(deadline, (mutation) =>
      this.#create(state, input, { idempotencyKey, maxAttempts }, mutation),
    );
  }

  /**
   * Enqueues a batch, or returns the one that was already made with this idempotency key. Returns once the batch is written;
   * items that could not be made within 2 s are made by the reconciler.
   * @throws PlayheadError BAD_USER_INPUT (the field is for example `input.items.3.script`), IDEMPOTENCY_CONFLICT,
   *   TOOL_MISSING, QUOTA_EXCEEDED (nothing is enqueued), UNAVAILABLE
   */
  async enqueueBatch(request: NewBatchRequest): Promise<JobState> {
    const deadline = this.#startDeadline();
    const { field, items } = request;
    const workflow = this.#workflow(request.workflow, field);
    if (workflow.batch === null) throw badInput(field, 'a workflow that has batches', workflow.name);
    const projectId = parseProjectId(request.projectId, `${field}.projectId`);
    const idempotencyKey = parseIdempotencyKey(request.idempotencyKey, `${field}.idempotencyKey`);
    const maxAttempts = parseMaxAttempts(request.maxAttempts, `${field}.maxAttempts`);
    if (items.length < 1 || items.length > MAX_ITEMS) {
      throw badInput(`${field}.items`, `1 to ${MAX_ITEMS} items`, `${items.length}`);
    }
    const input: BatchInput = {
      maxAttempts,
      items: items.map((item, index) => this.#parseInput(workflow, item, `${field}.items.${index}`)),
    };
    const inputs = input.items.map((item, index) => ({ field: `${field}.items.${index}`, input: item }));
    await this.#admit({ projectId, workflow, inputs });
    const state = newJob({
      id: uuidv7(),
      projectId,
      workflow: workflow.name,
      taskName: workflow.batch.taskName,
      table: workflow.steps,
      maxAttempts: 1,
      createdAt: this.#parts.clock.now(),
      // A batch speaks the language of its first item.
      message: message(languageOf(input.items[0]), 'job.queued'),
      itemCount: items.length,
      title: titleOf(workflow, input.items),
    });
    return this.#answer(deadline, (mutation) =>
      this.#create(state, input, { idempotencyKey, maxAttempts }, mutation),
    );
  }

  /**
   * Cancels a job: its last event is written at once, and the worker that runs it is told to stop.
   * A batch is cancelled with all its items. Cancelling a cancelled job changes nothing.
   * @throws PlayheadError NOT_FOUND, JOB_ENDED when it has completed or failed, UNAVAILABLE
   */
  async cancel(projectId: string, jobId: string): Promise<JobState> {
    parseProjectId(projectId);
    return this.#answer(this.#startDeadline(), (mutation) => this.#cancel(projectId, jobId, mutation));
  }

  /**
   * Queues a FAILED or CANCELLED job again; it goes on from its last finished step, as the next attempt. A batch may also have
   * COMPLETED: only its failed and cancelled items run again. Retrying an item of a batch that has ended also takes the batch
   * up again.
   * @throws PlayheadError NOT_FOUND, JOB_NOT_RETRYABLE, QUOTA_EXCEEDED, UNAVAILABLE
   */
  async retry(projectId: string, jobId: string): Promise<JobState> {
    parseProjectId(projectId);
    return this.#answer(this.#startDeadline(), (mutation) => this.#retry(projectId, jobId, mutation));
  }

  /**
   * Removes a job that has ended, or a batch with all its items.
   * @throws PlayheadError NOT_FOUND, JOB_NOT_ENDED, BAD_USER_INPUT for an item of a batch, UNAVAILABLE
   */
  async remove(projectId: string, jobId: string): Promise<void> {
    parseProjectId(projectId);
    return withDeadline(removeJob(this.#parts, projectId, jobId));
  }

  /** The deadline for everything that is written for the mutation that begins now. */
  #startDeadline(): WriteDeadline {
    return new WriteDeadline(this.#serverClock, this.#parts.writeLimitMs);
  }

  /**
   * Limits the wait for a mutation. The job stands as an accepted write left it, so a long delay behind that does not turn the
   * answer into UNAVAILABLE.
   */
  async #answer(
    deadline: WriteDeadline,
    carryOut: (mutation: Mutation) => Promise<JobState>,
  ): Promise<JobState> {
    let accepted: JobState | null = null;
    const accept = (state: JobState): void => {
      accepted = state;
    };
    return withDeadline(carryOut({ deadline, accept })).catch((err: unknown) => {
      if (accepted === null) throw err;
      const text = 'answered before the work behind a write was done; what is missing will be repaired';
      this.#parts.logger.warn({ err, jobId: accepted.id }, text);
      return accepted;
    });
  }

  async #admit(request: AdmissionRequest): Promise<readonly WorkSize[]> {
    const { admission } = this.#parts;
    return admission === undefined ? [] : admission(request);
  }

  #workflow(name: Workflow, field: string): WorkflowDefinition {
    const workflow = this.#parts.workflows.get(name);
    if (workflow === undefined) throw badInput(field, 'a workflow that this server runs', name);
    return workflow;
  }

  #parseInput({ input: schema }: WorkflowDefinition, input: unknown, field: string): unknown {
    return this.#limitText(parseInput(schema, input, field), field);
  }

  #limitText(input: unknown, field: string): unknown {
    const most = this.#parts.quotas?.maxTextChars;
    if (most === undefined || typeof input !== 'object' || input === null) return input;
    for (const [name, value] of Object.entries(input)) {
      if (typeof value !== 'string' || value.length <= most) continue;
      throw badInput(`${field}.${name}`, `at most ${most} characters`, `${value.length} characters`);
    }
    return input;
  }

  async #create(
    job: JobState,
    parsed: unknown,
    { idempotencyKey, maxAttempts }: Pick<NewJobRequest, 'maxAttempts'> & Pick<NewJob, 'idempotencyKey'>,
    { deadline, accept }: Mutation,
  ): Promise<JobState> {
    const { clock, queue, ranges: rangesFor } = this.#parts;
    const ranges = (await rangesFor?.(job.workflow)) ?? null;
    const state = { ...job, ranges };
    const event = queuedEvent(state, clock.now());
    const input = JSON.stringify(parsed);
    const fingerprint = idempotencyKey && fingerprintOf({ maxAttempts, input: parsed });
    const creation = await this.#creator.create(
      { state, event, input, idempotencyKey, fingerprint },
      deadline,
    );
    if (creation.code === 'EXISTS') return this.#load(state.projectId, creation.jobId);
    const created = { ...state, last: creation.last, version: creation.version };
    const { place } = creation;
    accept(created);
    await this.#afterwards(
      created,
      () => (state.itemCount > 0 ? fillBatch(this.#parts, created) : queue.add(created, { place, input })),
      'adding to the queue failed; the reconciler will add it',
    );
    return created;
  }

  /**
   * Does the work that follows an accepted append. If that fails, it is repaired later, so the mutation has succeeded.
   */
  async #afterwards(state: JobState, work: () => Promise<void>, otherwise: string): Promise<void> {
    await work().catch((error: unknown) => {
      this.#parts.logger.warn({ err: error, jobId: state.id }, otherwise);
    });
  }

  async #cancel(projectId: string, jobId: string, { deadline, accept }: Mutation): Promise<JobState> {
    const { clock, log } = this.#parts;
    for (;;) {
      const state = await this.#load(projectId, jobId);
      if (state.status === 'CANCELLED') return state;
      if (hasEnded(state.status)) {
        throw new PlayheadError('JOB_ENDED', `The job has already ended with status ${state.status}`);
      }
      const now = clock.now();
      const event = cancelledEvent(state, now);
      const cancelled = endedJob(state, event, now);
      const closing = { mode: 'close', writeId: newWriteId(), event, state: cancelled } as const;
      const outcome = await deadline.send((notAfter) => log.append({ ...closing, notAfter }));
      // The job moved on since it was read: read it again.
      if (outcome.code !== 'OK' && outcome.code !== 'DUP') continue;
      const answer = { ...cancelled, last: outcome.position, version: outcome.version };
      accept(answer);
      await this.#afterwards(
        state,
        () => this.#cleanUpCancelled(cancelled, outcome.batchAttempt),
        'telling the workers failed; they look for themselves, and queue entries end when they are taken',
      );
      return answer;
    }
  }

  /** Stops what a cancelled job has under way. */
  async #cleanUpCancelled(state: JobState, batchAttempt: number): Promise<void> {
    const { clock, keys, log, queue, redis } = this.#parts;
    if (state.itemCount > 0) {
      const { cancelled, isRemoved } = await cancelItems(this.#parts, state);
      await this.#retire(isRemoved ? [state, ...cancelled] : cancelled);
      return;
    }
    const { attempt, id: jobId, projectId } = state;
    await redis.publish(keys.control, writeControl({ cancel: { projectId, jobId, attempt } }));
    await reportEnd(log, state, batchAttempt, 'cancelled', clock.now());
    if (state.tracked === null) await queue.remove(state.queueId);
    await this.#retire([state]);
  }

  /** Thousands of jobs cancelled at once must not hold up the reconciler's repairs. */
  async #retire(ended: readonly JobState[]): Promise<void> {
    const { retentionMs } = this.#parts;
    if (retentionMs !== undefined) await retire({ ...this.#parts, retentionMs }, ended);
  }

  async #retry(projectId: string, jobId: string, mutation: Mutation): Promise<JobState> {
    for (let first = true; ; first = false) {
      const state = await this.#load(projectId, jobId);
      if (state.tracked !== null) {
        throw new PlayheadError(
          'JOB_NOT_RETRYABLE',
          'Expected a job that this server runs, received a tracked job: the system that runs it has to retry it',
          { details: { workflow: state.workflow, externalId: state.tracked.externalId } },
        );
      }
      const retries = await this.#retries(state);
      if (retries === null) {
        // Somebody else retried it in between: that retry is as good as this one.
        if (!first) return state;
        throw new PlayheadError(
          'JOB_NOT_RETRYABLE',
          `Expected a FAILED or CANCELLED job, or a batch with such items, received a job that is ${state.status}. ${hasEnded(state.status) ? 'Start a new job instead' : 'Wait for its end, or cancel it first'}`,
        );
      }
      const requeued = await this.#retryOnce(state, retries, mutation);
      if (requeued !== null) return requeued;
    }
  }

  /** @returns null when the job, or its batch, moved on since it was read */
  async #retryOnce(
    state: JobState,
    retries: readonly ItemRetry[],
    mutation: Mutation,
  ): Promise<JobState | null> {
    if (state.itemCount > 0) return this.#requeue(state, mutation, retries);
    if (state.parentId === null) return this.#requeue(state, mutation);
    const batch = await this.#load(state.projectId, state.parentId);
    if (!hasEnded(batch.status)) return this.#requeue(state, mutation, undefined, batch);
    // An item runs only in a batch that is running: take the batch up again, with this item alone.
    const only = { index: state.itemIndex ?? 0, attempt: state.attempt + 1 };
    const ofBatch = { ...mutation, accept: () => mutation.accept(state) };
    return (await this.#requeue(batch, ofBatch, [only])) && this.#load(state.projectId, state.id);
  }

  /** The items that a retry takes up again (none for a job that is not a batch); null when the job may not be retried. */
  async #retries(state: JobState): Promise<readonly ItemRetry[] | null> {
    const failed = state.status === 'FAILED' || state.status === 'CANCELLED';
    if (state.itemCount === 0) return failed ? [] : null;
    if (!hasEnded(state.status)) return null;
    const retries = await planRetries(this.#parts.jobs, state);
    return failed || retries.length > 0 ? retries : null;
  }

  /** @returns null when the job, or its batch, moved on since it was read */
  async #requeue(
    state: JobState,
    { deadline, accept }: Mutation,
    retries?: readonly ItemRetry[],
    batch?: JobState,
  ): Promise<JobState | null> {
    const { clock, jobs, log, queue } = this.#parts;
    await deadline.notAfter();
    await this.#watch(state);
    const requeued = requeuedJob(state, await this.#queuedMessage(state));
    const event = queuedEvent(requeued, clock.now());
    const room = await this.#creator.roomFor(state.projectId, 1 + (retries?.length ?? 0));
    const command = {
      ...({ mode: 'retry', writeId: newWriteId(), event, state: requeued } as const),
      maxUnfinished: room.maxUnfinished,
      ...(retries !== undefined && { retries }),
    };
    const outcome = await deadline.send((notAfter) => log.append({ ...command, notAfter }));
    if (outcome.code === 'FULL') throw room.refusal();
    if (outcome.code !== 'OK' && outcome.code !== 'DUP') return null;
    const answer = { ...requeued, last: outcome.position, version: outcome.version };
    accept(answer);
    // Watch it once more: the worker may have retired the ended job since.
    await this.#watch(state);
    await this.#afterwards(
      state,
      () => (state.itemCount > 0 ? fillBatch(this.#parts, requeued) : queue.add(requeued, { batch })),
      'adding to the queue failed; the reconciler will add it',
    );
    // A batch's progress is counted by the script.
    return state.itemCount === 0 ? answer : ((await jobs.load(state.projectId, state.id)) ?? answer);
  }

  async #queuedMessage({ id, itemCount, projectId }: JobState): Promise<string> {
    const input = await this.#parts.jobs.loadInput(projectId, id);
    // Only this class writes it.
    const own = itemCount > 0 ? (input as unknown as BatchInput | null)?.items[0] : input;
    return message(languageOf(own), 'job.queued');
  }

  /** Puts the job under the reconciler's watch. */
  async #watch(state: JobState): Promise<void> {
    const { clock, keys, redis } = this.#parts;
    // One after the other: the two keys may lie on different nodes of a Cluster.
    await watch(redis, keys, [state], clock.now());
    await redis.zrem(keys.retired, memberOf(state));
  }

  async #load(projectId: string, jobId: string): Promise<JobState> {
    const state = await this.#parts.jobs.load(projectId, jobId);
    if (state === null) {
      throw new PlayheadError('NOT_FOUND', `There is no job ${jobId} in project ${projectId}`);
    }
    return state;
  }
}

function parseIdempotencyKey(key: string | null | undefined, field: string): string | undefined {
  if (key == null) return undefined;
  if (!IDEMPOTENCY_KEY.test(key)) throw badInput(field, IDEMPOTENCY_KEY_EXPECTED, key);
  return key;
}

function parseMaxAttempts(count: number | null | undefined, field: string): number {
  if (count == null) return DEFAULT_MAX_ATTEMPTS;
  if (!Number.isInteger(count) || count < 1 || count > MAX_ATTEMPTS) {
    throw badInput(field, `a whole number from 1 to ${MAX_ATTEMPTS}`, count);
  }
  return count;
}
