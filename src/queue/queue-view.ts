/** The queue at one moment: what waits, in the order in which workers take it, what runs, and what the workers offer. */

import { z } from 'zod';
import { DamagedRecords } from '../core/damaged-records.ts';
import { silentLogger } from '../core/logger.ts';
import { isReadable } from '../log/damaged-job.ts';
import type { JobStore } from '../log/job-store.ts';
import type { Eta } from '../progress/events.ts';
import type { WorkSize } from '../progress/run-so-far.ts';
import type { StepTables, Workflow } from '../progress/steps.ts';
import { sendEach, WrongType } from '../redis/cluster.ts';
import type { WorkerOffer } from '../redis/heartbeat.ts';
import { connectionOf } from './fairness.ts';
import type { JobQueue } from './queue.ts';

/** A queue entry, of which nothing changes while it waits and runs. */
export interface QueuedWork {
  readonly projectId: string;
  readonly jobId: string;
  /** Null for a batch's own entry, which only writes the last event. */
  readonly workflow: Workflow | null;
  readonly size: WorkSize;
}

export interface QueueView {
  /** The first MOST_WAITING, the next one first. */
  readonly waiting: readonly QueuedWork[];
  /** With what was predicted of them, null where nothing was. */
  readonly running: readonly (QueuedWork & { readonly eta: Eta | null })[];
  readonly offers: readonly WorkerOffer[];
}

/** Entries behind these are not looked at. */
const MOST_WAITING = 2_000;

export class QueueReader {
  readonly #queue: JobQueue;
  readonly #jobs: Pick<JobStore, 'loadMany'>;
  readonly #offers: () => Promise<readonly WorkerOffer[]>;
  /** By the task names of their jobs. */
  readonly #workflows: ReadonlyMap<string, Workflow>;
  readonly #damaged: DamagedRecords;
  /** By queue id; those of the latest view. */
  #known: ReadonlyMap<string, QueuedWork> = new Map();

  constructor(
    queue: JobQueue,
    jobs: Pick<JobStore, 'loadMany'>,
    offers: () => Promise<readonly WorkerOffer[]>,
    workflows: StepTables,
    damaged = new DamagedRecords(silentLogger),
  ) {
    this.#queue = queue;
    this.#jobs = jobs;
    this.#offers = offers;
    this.#workflows = new Map([...workflows].map(([name, { taskName }]) => [taskName, name]));
    this.#damaged = damaged;
  }

  /** Reads the queue: a handful of round trips, and each entry's facts once. */
  async read(): Promise<QueueView> {
    const [{ waiting, active }, offers] = await Promise.all([this.#listIds(), this.#offers()]);
    const works = await this.#lookUp([...waiting, ...active]);
    const found = (ids: readonly string[]): readonly QueuedWork[] =>
      ids.map((id) => works.get(id)).filter((work) => work !== undefined);
    const running = found(active);
    const states = await this.#jobs.loadMany(running);
    return {
      waiting: found(waiting),
      running: running.map((work, at) => {
        const state = states[at] ?? null;
        return { ...work, eta: isReadable(state) ? state.eta : null };
      }),
      offers,
    };
  }

  async #listIds(): Promise<{ readonly waiting: readonly string[]; readonly active: readonly string[] }> {
    // One transaction: an entry that moves on meanwhile is seen once.
    const replies = await connectionOf(this.#queue)
      .multi()
      .lrange(this.#queue.toKey('wait'), -MOST_WAITING, -1)
      .zrange(this.#queue.toKey('prioritized'), '0', String(MOST_WAITING - 1))
      .lrange(this.#queue.toKey('active'), 0, -1)
      .exec();
    const [unordered = [], ordered = [], active = []] = (replies ?? []).map(([error, value]) => {
      if (error) throw error;
      return value as string[];
    });
    // BullMQ takes what has no priority first, from the right end of its list.
    return { waiting: [...unordered.toReversed(), ...ordered].slice(0, MOST_WAITING), active };
  }

  async #lookUp(ids: readonly string[]): Promise<ReadonlyMap<string, QueuedWork>> {
    const missing = ids.filter((id) => !this.#known.has(id));
    const replies = await sendEach<readonly (string | null)[]>(
      connectionOf(this.#queue),
      missing.map((id) => ['hmget', this.#queue.toKey(id), 'name', 'data']),
    );
    const works = new Map<string, QueuedWork>();
    for (const [at, fields] of replies.entries()) {
      const id = missing[at] ?? '';
      const work = toWork(fields, this.#workflows);
      if (work === DAMAGED)
        this.#damaged.note('queue_entry', this.#queue.toKey(id), 'expected an entry of ours');
      else if (work !== null) works.set(id, work);
    }
    for (const id of ids) {
      const work = this.#known.get(id);
      if (work !== undefined) works.set(id, work);
    }
    this.#known = works;
    return works;
  }
}

/** Something that addToQueue has not written. */
const DAMAGED = Symbol('damaged');

/** @returns null for an entry that is gone, since the job ended just now */
function toWork(
  fields: readonly (string | null)[] | WrongType,
  workflows: ReadonlyMap<string, Workflow>,
): QueuedWork | typeof DAMAGED | null {
  if (fields instanceof WrongType) return DAMAGED;
  const [name = null, data = null] = fields;
  if (name === null || data === null) return null;
  try {
    const { projectId, jobId, size } = entrySchema.parse(JSON.parse(data));
    return { projectId, jobId, size, workflow: workflows.get(name) ?? null };
  } catch {
    return DAMAGED;
  }
}

const entrySchema = z.object({
  projectId: z.string(),
  jobId: z.string(),
  size: z.record(z.string(), z.number().nonnegative()).default({}),
});
