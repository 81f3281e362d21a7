/** The queue on BullMQ. */
import { type JobState as BullState, FlowProducer, type JobsOptions, Queue, type Telemetry } from 'bullmq';
import type { Redis } from 'ioredis';
import { DamagedRecords } from '../core/damaged-records.ts';
import type { Logger } from '../core/logger.ts';
import { currentTracing } from '../core/tracing.ts';
import type { JobState } from '../progress/state.ts';
import { wrongTypeOf } from '../redis/cluster.ts';
import type { Keys } from '../redis/keys.ts';
import { type BullQueue, QUEUE_NAME, toEntry } from './bullmq-entry.ts';
import { placingOf, takePriorities } from './bullmq-fairness.ts';
import { BullMQList } from './bullmq-list.ts';
import { BullMQParking } from './bullmq-parking.ts';
import { BullMQTaker } from './bullmq-worker.ts';
import {
  DamagedEntry,
  type EntryFacts,
  type EntryHandler,
  type EntryState,
  type EntryTaker,
  type JobQueue,
  type Placing,
  type QueueListing,
  type TakeOptions,
} from './job-queue.ts';

const DEFAULT_OPTIONS: JobsOptions = {
  // The snapshot is the record (G9). Failed entries stay a while: the reconciler must see that a job was failed by
  // the stall limit, and not add it again.
  removeOnComplete: true,
  removeOnFail: { age: 24 * 3600, count: 10_000 },
  backoff: { type: 'custom' },
};

/** A batch's entry only writes the last event, so an error there (Redis is away) is worth repeating. */
const BATCH_ATTEMPTS = 20;

/** getDelayedScore.lua keeps the time and a counter in one number. */
const SCORE_PER_MS = 0x1000;

const STATES: Readonly<Record<BullState | 'unknown', EntryState>> = {
  waiting: 'waiting',
  prioritized: 'waiting',
  delayed: 'delayed',
  active: 'active',
  'waiting-children': 'waiting-for-items',
  failed: 'failed',
  // Nobody sees it: such an entry is removed in the same step.
  completed: 'active',
  unknown: 'missing',
};

const COUNTED = ['waiting', 'prioritized', 'delayed', 'active', 'waiting-children', 'failed'] as const;

interface BullMQQueueParts {
  readonly connection: Redis;
  readonly keys: Keys;
  readonly logger: Logger;
  /** Notes entries that can't be read; default: they are counted, and logged by `logger`. */
  readonly damaged?: DamagedRecords;
}

/** Opens the queue for adding, looking, removing and taking, on a connection that stays the caller's. */
export async function openBullMQQueue(parts: BullMQQueueParts): Promise<JobQueue> {
  // Nothing is loaded while nothing is traced.
  if (currentTracing() === undefined) return new BullMQQueue(parts, {});
  const { BullMQTelemetry } = await import('./bullmq-telemetry.ts');
  return new BullMQQueue(parts, { telemetry: new BullMQTelemetry() });
}

class BullMQQueue implements JobQueue {
  readonly placing: Placing;
  readonly #connection: Redis;
  readonly #prefix: string;
  readonly #logger: Logger;
  readonly #damaged: DamagedRecords;
  /** How BullMQ carries the trace of a job in its entry. */
  readonly #telemetry: { readonly telemetry?: Telemetry };
  readonly #queue: BullQueue;
  readonly #parking: BullMQParking;
  readonly #list: BullMQList;

  constructor({ connection, keys, logger, damaged }: BullMQQueueParts, telemetry: { telemetry?: Telemetry }) {
    this.#connection = connection;
    this.#prefix = keys.queuePrefix;
    this.#logger = logger;
    this.#damaged = damaged ?? new DamagedRecords(logger);
    this.#telemetry = telemetry;
    this.#queue = new Queue(QUEUE_NAME, {
      connection,
      prefix: this.#prefix,
      streams: { events: { maxLen: 1_000 } },
      defaultJobOptions: DEFAULT_OPTIONS,
      ...telemetry,
    });
    this.#queue.on('error', (err) => logger.warn({ err }, 'queue connection'));
    this.#parking = new BullMQParking(connection, this.#queue);
    this.#list = new BullMQList(connection, this.#queue, this.#parking, this.#damaged);
    this.placing = placingOf(this.#queue);
  }

  async add(job: JobState, { batch, input, place }: EntryFacts = {}): Promise<void> {
    const priority = place ?? (await this.#takePriorities(job.projectId, 1))[0];
    const { name, data, opts } = toEntry(job, priority, input);
    const add = (more: JobsOptions): Promise<unknown> => this.#queue.add(name, data, { ...opts, ...more });
    if (batch === undefined) {
      await add({});
      return;
    }
    const parent = { id: batch.queueId, queue: this.#queue.qualifiedName };
    await add({ parent, ignoreDependencyOnFailure: true }).catch(async (error: unknown) => {
      // The batch's own entry is missing. When the reconciler adds it, it links the item's.
      if (await this.#queue.getJob(batch.queueId)) throw error;
      await add({});
    });
  }

  async addBatch(batch: JobState, items: readonly JobState[]): Promise<void> {
    const priorities = await this.#takePriorities(batch.projectId, items.length);
    const node = (state: JobState, more: JobsOptions, priority?: number) => {
      const { name, data, opts } = toEntry(state, priority);
      return { name, queueName: QUEUE_NAME, data, opts: { ...DEFAULT_OPTIONS, ...opts, ...more } };
    };
    const flow = new FlowProducer({
      connection: this.#connection,
      prefix: this.#prefix,
      ...this.#telemetry,
    });
    flow.on('error', () => {
      // The queue has the same connection, and reports its errors.
    });
    try {
      await flow.add({
        ...node(batch, { attempts: BATCH_ATTEMPTS }),
        children: items.map((item, at) => node(item, { ignoreDependencyOnFailure: true }, priorities[at])),
      });
    } finally {
      await flow.close();
    }
  }

  async remove(entryId: string): Promise<boolean> {
    // Most often it is gone already, and BullMQ would look for it in every list.
    if ((await this.#queue.getJob(entryId)) === undefined) return true;
    const isRemoved = (await this.#queue.remove(entryId, { removeChildren: false })) === 1;
    if (isRemoved) await this.#parking.forget(entryId);
    return isRemoved;
  }

  async removeBatch(entryId: string): Promise<boolean> {
    const entry = await this.#queue.getJob(entryId);
    await entry?.removeUnprocessedChildren();
    await this.#parking.forget();
    return this.remove(entryId);
  }

  async stateOf(entryId: string): Promise<EntryState> {
    try {
      const state = STATES[await this.#queue.getJobState(entryId)];
      if (state !== 'missing') return state;
      // BullMQ does not know of parked entries, and one may have been taken since BullMQ was asked.
      if ((await this.#parking.placeOf(entryId)) !== null) return 'waiting';
      // Nor does it look at the entry itself, in whose place there may be a key of another type.
      await this.#connection.hlen(this.#queue.toKey(entryId));
      return STATES[await this.#queue.getJobState(entryId)];
    } catch (error) {
      if (wrongTypeOf(error) === null) throw error;
      this.#damaged.note('queue_entry', this.#queue.toKey(entryId), 'expected a hash');
      throw new DamagedEntry(`expected a queue entry at ${entryId}, found a key of another type`, {
        cause: error,
      });
    }
  }

  async failureOf(entryId: string): Promise<string | null> {
    return (await this.#queue.getJob(entryId))?.failedReason ?? null;
  }

  async positionOf({
    status,
    itemCount,
    queueId,
  }: Pick<JobState, 'status' | 'itemCount' | 'queueId'>): Promise<number | null> {
    return status === 'QUEUED' && itemCount === 0 ? this.#parking.placeOf(queueId) : null;
  }

  list(mostWaiting: number): Promise<QueueListing> {
    return this.#list.list(mostWaiting);
  }

  async delayedUntil(entryId: string): Promise<number | null> {
    const score = await this.#connection.zscore(this.#queue.toKey('delayed'), entryId);
    return score === null ? null : Number(score) / SCORE_PER_MS;
  }

  async endDelay(entryId: string): Promise<void> {
    const entry = await this.#queue.getJob(entryId);
    // If it was taken meanwhile, it is no longer delayed.
    if (await entry?.isDelayed()) await entry?.promote();
  }

  async counts(): Promise<ReadonlyMap<string, number>> {
    const counts = await this.#queue.getJobCounts(...COUNTED);
    const parked = await Promise.all((await this.#parking.sets()).map((set) => this.#connection.zcard(set)));
    return new Map([
      ...COUNTED.map((state) => [state, counts[state] ?? 0] as const),
      ['parked', parked.reduce((sum, count) => sum + count, 0)] as const,
    ]);
  }

  take(handler: EntryHandler, options: TakeOptions): EntryTaker {
    const parts = {
      connection: this.#connection,
      prefix: this.#prefix,
      queue: this.#queue,
      parking: this.#parking,
      logger: this.#logger,
      telemetry: this.#telemetry,
    };
    return new BullMQTaker(parts, handler, options);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  #takePriorities(projectId: string, count: number): Promise<readonly number[]> {
    return takePriorities(this.#connection, this.placing, projectId, count);
  }
}
