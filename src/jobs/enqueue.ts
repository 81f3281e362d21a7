/**
 * How jobs begin, are cancelled and are retried: the only way from the API to the log and the queue.
 *
 * A job is written in three steps: into `unended` (so that the reconciler knows of it whatever happens next), then
 * snapshot, first event and idempotency key in one atomic append, then the BullMQ entry. A crash between the last two is
 * repaired by the reconciler, so a job that a client was told of is never lost.
 */

import type { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { badInput, PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ErrorEvent, ProgressEvent } from '../progress/events.ts';
import type { JobStore } from '../progress/job-store.ts';
import { type EventLog, newTag } from '../progress/log.ts';
import { endedJob, hasEnded, type JobState, newJob, requeuedJob } from '../progress/state.ts';
import { STEP_TABLES, type Workflow } from '../progress/steps.ts';
import { withDeadline } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { addToQueue, type JobQueue, removeFromQueue } from './queue.ts';

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

export interface JobCommandsParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How each workflow parses its input. */
  readonly inputs: Readonly<Partial<Record<Workflow, z.ZodType<unknown>>>>;
}

const DEFAULT_MAX_ATTEMPTS = 3;
const MAX_ATTEMPTS = 10;
const PROJECT_ID = /^[A-Za-z0-9_-]{1,64}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * Checks a project id.
 * @throws PlayheadError BAD_USER_INPUT
 */
export function parseProjectId(projectId: string, field = 'projectId'): string {
  if (!PROJECT_ID.test(projectId)) {
    throw badInput(field, '1 to 64 of letters, digits, _ and -', projectId);
  }
  return projectId;
}

export class JobCommands {
  readonly #parts: JobCommandsParts;

  constructor(parts: JobCommandsParts) {
    this.#parts = parts;
  }

  /**
   * Enqueues a job, or gives back the one that the idempotency key has already made.
   * @throws PlayheadError BAD_USER_INPUT (nothing is enqueued), UNAVAILABLE when Redis does not answer within 2 s
   */
  async enqueue(request: NewJobRequest): Promise<JobState> {
    const { field, workflow } = request;
    const projectId = parseProjectId(request.projectId, `${field}.projectId`);
    const idempotencyKey = parseIdempotencyKey(request.idempotencyKey, `${field}.idempotencyKey`);
    const maxAttempts = parseMaxAttempts(request.maxAttempts, `${field}.maxAttempts`);
    const input = this.#parseInput(workflow, request.input, field);
    const state = newJob({
      id: uuidv7(),
      projectId,
      workflow,
      taskName: STEP_TABLES[workflow].taskName,
      maxAttempts,
      createdAt: this.#parts.clock.now(),
    });
    return withDeadline(this.#create(state, JSON.stringify(input), idempotencyKey));
  }

  /**
   * Cancels a job: its last event is written at once, and the worker that runs it is told to stop.
   * Cancelling a cancelled job changes nothing.
   * @throws PlayheadError NOT_FOUND, JOB_ENDED when it has completed or failed, UNAVAILABLE
   */
  async cancel(projectId: string, jobId: string): Promise<JobState> {
    parseProjectId(projectId);
    return withDeadline(this.#cancel(projectId, jobId));
  }

  /**
   * Queues a FAILED or CANCELLED job again; it goes on from its last finished step, as the next attempt.
   * @throws PlayheadError NOT_FOUND, JOB_NOT_RETRYABLE, UNAVAILABLE
   */
  async retry(projectId: string, jobId: string): Promise<JobState> {
    parseProjectId(projectId);
    return withDeadline(this.#retry(projectId, jobId));
  }

  #parseInput(workflow: Workflow, input: unknown, field: string): unknown {
    const schema = this.#parts.inputs[workflow];
    if (schema === undefined) {
      throw badInput(field, 'a workflow that this server runs', workflow);
    }
    const parsed = schema.safeParse(input);
    if (parsed.success) return parsed.data;
    throw inputError(field, parsed.error, input);
  }

  async #create(state: JobState, input: string, idempotencyKey: string | undefined): Promise<JobState> {
    const { redis, keys, log, logger } = this.#parts;
    await redis.zadd(keys.unended, state.createdAt, `${state.projectId}|${state.id}`);
    const event = this.#queuedEvent(state);
    const outcome = await log.append({ mode: 'create', tag: newTag(), event, state, input, idempotencyKey });
    if (outcome.code === 'EXISTS') {
      await redis.zrem(keys.unended, `${state.projectId}|${state.id}`);
      return this.#load(state.projectId, outcome.jobId);
    }
    await addToQueue(this.#parts.queue, state).catch((error: unknown) => {
      logger.warn({ err: error, jobId: state.id }, 'adding to the queue failed; the reconciler will add it');
    });
    return { ...state, last: outcome.position };
  }

  async #cancel(projectId: string, jobId: string): Promise<JobState> {
    const { clock, keys, log, logger, queue, redis } = this.#parts;
    for (;;) {
      const state = await this.#load(projectId, jobId);
      if (state.status === 'CANCELLED') return state;
      if (hasEnded(state.status)) {
        throw new PlayheadError('JOB_ENDED', `The job has ended already with status ${state.status}`);
      }
      const event = cancelledEvent(state, clock.now());
      const cancelled = endedJob(state, event, clock.now());
      const outcome = await log.append({ mode: 'close', tag: newTag(), event, state: cancelled });
      // The job moved on since it was read: read it again.
      if (outcome.code !== 'OK' && outcome.code !== 'DUP') continue;
      await redis.publish(
        keys.control,
        JSON.stringify({ cancel: { projectId, jobId, attempt: state.attempt } }),
      );
      await removeFromQueue(queue, state.queueId).catch((error: unknown) => {
        logger.warn({ err: error, jobId }, 'removing from the queue failed; the entry ends when it is taken');
      });
      return { ...cancelled, last: outcome.position };
    }
  }

  async #retry(projectId: string, jobId: string): Promise<JobState> {
    const { log, queue } = this.#parts;
    const state = await this.#load(projectId, jobId);
    if (state.status !== 'FAILED' && state.status !== 'CANCELLED') {
      throw new PlayheadError(
        'JOB_NOT_RETRYABLE',
        `Expected a FAILED or CANCELLED job, received one that is ${state.status}`,
      );
    }
    await this.#watch(state);
    const requeued = requeuedJob(state);
    const event = this.#queuedEvent(requeued);
    const outcome = await log.append({ mode: 'retry', tag: newTag(), event, state: requeued });
    // Somebody else retried it in between: that retry is as good as this one.
    if (outcome.code !== 'OK' && outcome.code !== 'DUP') return this.#load(projectId, jobId);
    // Once more: the worker may have retired the ended job since.
    await this.#watch(state);
    await addToQueue(queue, requeued).catch((error: unknown) => {
      this.#parts.logger.warn(
        { err: error, jobId },
        'adding to the queue failed; the reconciler will add it',
      );
    });
    return { ...requeued, last: outcome.position };
  }

  /** Puts the job under the reconciler's eyes. */
  async #watch({ projectId, id }: JobState): Promise<void> {
    const { clock, keys, redis } = this.#parts;
    await redis
      .multi()
      .zadd(keys.unended, clock.now(), `${projectId}|${id}`)
      .zrem(keys.retired, `${projectId}|${id}`)
      .exec();
  }

  async #load(projectId: string, jobId: string): Promise<JobState> {
    const state = await this.#parts.jobs.load(projectId, jobId);
    if (state === null) {
      throw new PlayheadError('NOT_FOUND', `There is no job ${jobId} in project ${projectId}`);
    }
    return state;
  }

  #queuedEvent(state: JobState): ProgressEvent {
    return {
      type: 'ProgressEvent',
      projectId: state.projectId,
      jobId: state.id,
      taskName: state.taskName,
      attempt: state.attempt,
      timestamp: new Date(this.#parts.clock.now()).toISOString(),
      progress: 0,
      status: 'queued',
      step: null,
      message: state.message ?? '',
      metadata: null,
    };
  }
}

function cancelledEvent(state: JobState, now: number): ErrorEvent {
  return {
    type: 'ErrorEvent',
    projectId: state.projectId,
    jobId: state.id,
    taskName: state.taskName,
    attempt: state.attempt,
    timestamp: new Date(now).toISOString(),
    error: 'Cancelled',
    code: 'CANCELLED',
    details: null,
    willRetry: false,
    retryAfterSeconds: null,
  };
}

function parseIdempotencyKey(key: string | null | undefined, field: string): string | undefined {
  if (key == null) return undefined;
  if (!IDEMPOTENCY_KEY.test(key)) throw badInput(field, '1 to 200 printable ASCII characters', key);
  return key;
}

function parseMaxAttempts(count: number | null | undefined, field: string): number {
  if (count == null) return DEFAULT_MAX_ATTEMPTS;
  if (!Number.isInteger(count) || count < 1 || count > MAX_ATTEMPTS) {
    throw badInput(field, `a whole number from 1 to ${MAX_ATTEMPTS}`, count);
  }
  return count;
}

/** The first issue as the error, all of them in details.issues. */
function inputError(field: string, error: z.ZodError, input: unknown): PlayheadError {
  const issues = error.issues.map((issue) => ({
    field: [field, ...issue.path].join('.'),
    expected: issue.message.replace(/^expected /i, ''),
    received: issue.path.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      input,
    ),
  }));
  const [first] = issues;
  const main = badInput(first?.field ?? field, first?.expected ?? 'acceptable input', first?.received);
  const others = issues.map(({ field: path, expected }) => ({ field: path, expected }));
  return new PlayheadError('BAD_USER_INPUT', main.message, { details: { ...main.details, issues: others } });
}
