/**
 * How a job comes into being: under the reconciler's watch (watch.ts), with its first event, if its project has room, and with
 * its place in the queue's order. On a single Redis that is one atomic step; on a Cluster, where it takes keys of several
 * nodes, it is one step after the other, each of which may be the last that is carried out.
 */

import type { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';
import type { AppendCommand, CreateOutcome } from '../log/append.ts';
import type { EventLog } from '../log/log.ts';
import type { JobEvent } from '../progress/events.ts';
import type { Position } from '../progress/position.ts';
import type { JobState } from '../progress/state.ts';
import { newWriteId } from '../progress/write-id.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { clusterOf } from '../redis/cluster.ts';
import type { Keys } from '../redis/keys.ts';
import type { WriteDeadline } from '../redis/write-deadline.ts';
import type { DiskUsage } from './disk-usage.ts';
import { queueFull, unfinishedBefore } from './unfinished-quota.ts';
import { memberOf, watch } from './watch.ts';

interface CreationParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly queue: Pick<JobQueue, 'placing'>;
  /** Unfinished jobs of one project; default: any number. */
  readonly maxQueuedJobs?: number | undefined;
  /** Default: files leave room. */
  readonly usage?: Pick<DiskUsage, 'findFull' | 'maxBytes' | 'refusal'> | undefined;
}

export interface NewJob {
  readonly state: JobState;
  readonly event: JobEvent;
  /** As JSON. */
  readonly input: string;
  readonly idempotencyKey?: string | undefined;
  /** The hash of the input (fingerprint.ts), where there is an idempotency key. */
  readonly fingerprint?: string | undefined;
}

export type Creation =
  | {
      readonly code: 'CREATED';
      readonly last: Position;
      readonly version: number;
      /** The place of its queue entry; undefined: still to be taken. */
      readonly place: number | undefined;
    }
  /** The idempotency key has already made another job. */
  | { readonly code: 'EXISTS'; readonly jobId: string };

interface Room {
  /** How many jobs may be unfinished beforehand; -1: none may begin. */
  readonly maxUnfinished: number | undefined;
  /** The error for an append that is refused as FULL. */
  readonly refusal: () => PlayheadError;
}

export class JobCreator {
  readonly #parts: CreationParts;
  readonly #onCluster: boolean;

  constructor(parts: CreationParts) {
    this.#parts = parts;
    this.#onCluster = clusterOf(parts.redis) !== null;
  }

  /** @throws PlayheadError IDEMPOTENCY_CONFLICT, QUOTA_EXCEEDED, UNAVAILABLE; nothing is written then */
  async create(job: NewJob, deadline: WriteDeadline): Promise<Creation> {
    return this.#onCluster ? this.#createInSteps(job, deadline) : this.#createAtOnce(job, deadline);
  }

  /** Whether a project has room for this many more unfinished jobs; the append decides, and recognises repeats of what exists. */
  async roomFor(projectId: string, jobs: number): Promise<Room> {
    const { maxQueuedJobs, usage } = this.#parts;
    const full = (await usage?.findFull(projectId)) ?? null;
    return full === null
      ? { maxUnfinished: unfinishedBefore(maxQueuedJobs, jobs), refusal: () => queueFull(maxQueuedJobs) }
      : { maxUnfinished: -1, refusal: () => full };
  }

  async #createAtOnce(job: NewJob, deadline: WriteDeadline): Promise<Creation> {
    const { log, queue, usage } = this.#parts;
    const { state } = job;
    const maxBytes = usage?.maxBytes ?? Infinity;
    const maxUnfinished = unfinishedBefore(this.#parts.maxQueuedJobs, 1 + state.itemCount);
    const command = toCommand(job, maxUnfinished);
    const registration = {
      watched: { member: memberOf(state), since: state.createdAt },
      maxFileBytes: Number.isFinite(maxBytes) ? maxBytes : undefined,
      // The entries of a batch are added, and ordered, when its items are made.
      starts: { count: state.itemCount > 0 ? 0 : 1, ...queue.placing },
    };
    const outcome = await deadline.send((notAfter) => log.create({ ...command, notAfter }, registration));
    if (outcome.code === 'FULL') {
      const { usedBytes } = outcome;
      throw usedBytes !== undefined && usage !== undefined
        ? usage.refusal(usedBytes)
        : queueFull(this.#parts.maxQueuedJobs);
    }
    return toCreation(outcome);
  }

  async #createInSteps(job: NewJob, deadline: WriteDeadline): Promise<Creation> {
    const { keys, log, redis } = this.#parts;
    const { state } = job;
    const [, { maxUnfinished, refusal }] = await Promise.all([
      watch(redis, keys, [state], state.createdAt),
      this.roomFor(state.projectId, 1 + state.itemCount),
    ]);
    const command = toCommand(job, maxUnfinished);
    const outcome = await deadline.send((notAfter) => log.append({ ...command, notAfter }));
    const { code } = outcome;
    if (code === 'EXISTS' || code === 'CONFLICT' || code === 'FULL') {
      await redis.zrem(keys.unended, memberOf(state));
    }
    if (code === 'FULL') throw refusal();
    return toCreation(outcome);
  }
}

function toCommand(
  job: NewJob,
  maxUnfinished: number | undefined,
): AppendCommand & { readonly mode: 'create' } {
  return { mode: 'create', writeId: newWriteId(), ...job, maxUnfinished };
}

function toCreation({ code, jobId, position, version, firstStart }: CreateOutcome): Creation {
  switch (code) {
    case 'OK':
    case 'DUP':
      // An append that was sent twice took its place the first time, and did not learn which.
      return { code: 'CREATED', last: position, version, place: firstStart };
    case 'EXISTS':
      return { code, jobId };
    case 'CONFLICT':
      throw new PlayheadError(
        'IDEMPOTENCY_CONFLICT',
        `idempotencyKey: expected the input that this key was first sent with, received other input: take a new key for it; this one has made the job ${jobId}`,
        { details: { jobId } },
      );
    default:
      throw new Error(`append answered ${code} to the creation of a job, which can't get it`);
  }
}
