/** Reads the order of BullMQ's queue, which BullMQ itself does not report, from the keys in which it keeps it (6.7). */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { DamagedRecords } from '../core/damaged-records.ts';
import type { QueuedWork } from '../eta/queue-source.ts';
import { sendEach, WrongType } from '../redis/cluster.ts';
import { readWork } from './bullmq-entry.ts';
import type { BullMQParking } from './bullmq-parking.ts';
import type { QueueListing } from './job-queue.ts';

export class BullMQList {
  readonly #redis: Redis;
  readonly #queue: Pick<Queue, 'toKey'>;
  readonly #parking: Pick<BullMQParking, 'sets'>;
  readonly #damaged: DamagedRecords;
  /** The entries of the latest listing; the key is an entry's id. */
  #known: ReadonlyMap<string, QueuedWork> = new Map();

  constructor(
    redis: Redis,
    queue: Pick<Queue, 'toKey'>,
    parking: Pick<BullMQParking, 'sets'>,
    damaged: DamagedRecords,
  ) {
    this.#redis = redis;
    this.#queue = queue;
    this.#parking = parking;
    this.#damaged = damaged;
  }

  /** A handful of round trips, and each entry is read once. */
  async list(mostWaiting: number): Promise<QueueListing> {
    const { waiting, active } = await this.#listIds(mostWaiting);
    const works = await this.#lookUp([...waiting, ...active]);
    const found = (ids: readonly string[]): readonly QueuedWork[] =>
      ids.map((id) => works.get(id)).filter((work) => work !== undefined);
    return { waiting: found(waiting), active: found(active) };
  }

  async #listIds(
    mostWaiting: number,
  ): Promise<{ readonly waiting: readonly string[]; readonly active: readonly string[] }> {
    const last = String(mostWaiting - 1);
    const sets = [this.#queue.toKey('prioritized'), ...(await this.#parking.sets())];
    // One transaction: an entry that moves on meanwhile is seen once.
    const transaction = this.#redis
      .multi()
      .lrange(this.#queue.toKey('wait'), -mostWaiting, -1)
      .lrange(this.#queue.toKey('active'), 0, -1);
    for (const set of sets) transaction.zrange(set, '0', last, 'WITHSCORES');
    const replies = await transaction.exec();
    const [unordered = [], active = [], ...ordered] = (replies ?? []).map(([error, value]) => {
      if (error) throw error;
      return value as string[];
    });
    // BullMQ takes entries without a priority first, from the right end of its list.
    const waiting = [...unordered.toReversed(), ...inOrder(ordered)];
    return { waiting: waiting.slice(0, mostWaiting), active };
  }

  async #lookUp(ids: readonly string[]): Promise<ReadonlyMap<string, QueuedWork>> {
    const missing = ids.filter((id) => !this.#known.has(id));
    const replies = await sendEach<readonly (string | null)[]>(
      this.#redis,
      missing.map((id) => ['hmget', this.#queue.toKey(id), 'name', 'data']),
    );
    const works = new Map<string, QueuedWork>();
    for (const [at, fields] of replies.entries()) {
      const id = missing[at] ?? '';
      const work = this.#read(id, fields);
      if (work !== null) works.set(id, work);
    }
    for (const id of ids) {
      const work = this.#known.get(id);
      if (work !== undefined) works.set(id, work);
    }
    this.#known = works;
    return works;
  }

  /** @returns null for a damaged entry, and for one that is gone because the job has just ended */
  #read(id: string, fields: readonly (string | null)[] | WrongType): QueuedWork | null {
    const [name = null, data = null] = fields instanceof WrongType ? ['', ''] : fields;
    if (name === null || data === null) return null;
    try {
      return readWork(name, data);
    } catch {
      this.#damaged.note('queue_entry', this.#queue.toKey(id), 'expected an entry of ours');
      return null;
    }
  }
}

/** @param sets each as ZRANGE returns it: id, score, id, score …, in order */
function inOrder(sets: readonly (readonly string[])[]): readonly string[] {
  const entries = sets.flatMap((set) =>
    set.flatMap((id, at) => (at % 2 === 0 ? [{ id, score: Number(set[at + 1]) }] : [])),
  );
  // Sorting is stable, and one set is in order already.
  if (sets.length > 1) entries.sort((one, other) => one.score - other.score);
  return entries.map(({ id }) => id);
}
