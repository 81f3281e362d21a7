/**
 * Entries that wait for a worker which has their workflow.
 *
 * All workflows share one queue, and so one order. A worker that takes an entry of a workflow which it lacks parks it
 * (park.lua), with all such entries at the head of the queue. Just before a worker takes its next entry, the first parked one
 * that it can carry out goes back to its place (recall.lua): both commands leave together, so that another worker hardly ever
 * comes in between, and one that does parks the entry again. If all workers have the same workflows, nothing is parked, and a
 * recall is one look at a key that does not exist.
 *
 * Parked entries wait in the same order as the others: places, listings and the virtual time count them.
 */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Workflow } from '../progress/steps.ts';
import { luaBeside, Script } from '../redis/script.ts';

/** Entries that are looked at when one is parked. */
const MOST_AT_ONCE = 1_000;
/**
 * How many sleeping workers are woken, one after the other, until one carries a parked entry out. The others look by themselves
 * within 5 s.
 */
const CALLS = 32;

const read = luaBeside(import.meta.url);

const PARK = new Script({
  name: 'playheadPark',
  keys: ['activeKey', 'stalledKey', 'prioritizedKey', 'markerKey', 'parkedKey', 'callsKey'],
  args: ['prefix', 'id', 'token', 'workflow', 'most', 'calls'],
  lua: read('park'),
});

const RECALL = new Script({
  name: 'playheadRecall',
  keys: ['waitKey', 'prioritizedKey', 'markerKey', 'parkedKey', 'callsKey'],
  args: ['prefix'],
  lua: read('recall'),
});

const PLACE = new Script({
  name: 'playheadPlace',
  keys: ['waitKey', 'prioritizedKey', 'parkedKey'],
  args: ['id'],
  lua: read('place'),
});

const DROP_PARKED = new Script({
  name: 'playheadDropParked',
  keys: ['parkedKey'],
  args: ['prefix', 'only'],
  lua: read('drop-parked'),
});

/** A set that exists while entries are parked. */
export function parkedKey(queue: Pick<Queue, 'toKey'>): string {
  return queue.toKey('parked');
}

export interface ParkedEntry {
  readonly id: string;
  readonly token: string;
  readonly workflow: Workflow;
}

export class BullMQParking {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #keys: Readonly<
    Record<
      'waitKey' | 'activeKey' | 'stalledKey' | 'prioritizedKey' | 'markerKey' | 'parkedKey' | 'callsKey',
      string
    >
  >;

  constructor(redis: Redis, queue: Pick<Queue, 'toKey'>) {
    this.#redis = redis;
    this.#prefix = queue.toKey('');
    this.#keys = {
      waitKey: queue.toKey('wait'),
      activeKey: queue.toKey('active'),
      stalledKey: queue.toKey('stalled'),
      prioritizedKey: queue.toKey('prioritized'),
      markerKey: queue.toKey('marker'),
      parkedKey: parkedKey(queue),
      callsKey: queue.toKey('parked-calls'),
    };
  }

  /** Parks an entry that a worker has, and those that follow it. @param known the workflows that the worker carries out */
  async park({ id, token, workflow }: ParkedEntry, known: readonly Workflow[]): Promise<void> {
    await PARK.run<number>(
      this.#redis,
      this.#keys,
      { prefix: this.#prefix, id, token, workflow, most: MOST_AT_ONCE, calls: CALLS },
      known,
    );
  }

  /** Sends, before it returns, the command that lets the next entry be a parked one of these workflows. */
  async recall(workflows: readonly Workflow[]): Promise<void> {
    await RECALL.run<number>(this.#redis, this.#keys, { prefix: this.#prefix }, workflows);
  }

  /** The place of an entry among all that wait, from 1; null when it does not wait. */
  placeOf(id: string): Promise<number | null> {
    return PLACE.run<number | null>(this.#redis, this.#keys, { id });
  }

  /** Forgets an entry that was removed, or all that were. */
  async forget(id?: string): Promise<void> {
    await DROP_PARKED.run(this.#redis, this.#keys, { prefix: this.#prefix, only: id ?? '' });
  }

  /** The keys of the sorted sets of parked entries, by workflow. */
  async sets(): Promise<readonly string[]> {
    const workflows = await this.#redis.smembers(this.#keys.parkedKey);
    return workflows.map((workflow) => `${this.#keys.parkedKey}:${workflow}`);
  }
}
