/** The queue at one moment: what waits, in the order in which workers take it, what runs, and what the workers offer. */
import type { QueueSource, QueueView } from '../eta/queue-source.ts';
import { isReadable } from '../log/damaged-job.ts';
import type { JobStore } from '../log/job-store.ts';
import type { WorkerOffer } from '../redis/heartbeat.ts';
import type { JobQueue } from './job-queue.ts';

/** Entries behind these are not looked at. */
const MAX_WAITING = 2_000;

export class QueueReader implements QueueSource {
  readonly #queue: Pick<JobQueue, 'list'>;
  readonly #jobs: Pick<JobStore, 'loadMany'>;
  readonly #offers: () => Promise<readonly WorkerOffer[]>;

  constructor(
    queue: Pick<JobQueue, 'list'>,
    jobs: Pick<JobStore, 'loadMany'>,
    offers: () => Promise<readonly WorkerOffer[]>,
  ) {
    this.#queue = queue;
    this.#jobs = jobs;
    this.#offers = offers;
  }

  /** A handful of round trips, however much waits. */
  async read(): Promise<QueueView> {
    const [{ waiting, active }, offers] = await Promise.all([this.#queue.list(MAX_WAITING), this.#offers()]);
    const states = await this.#jobs.loadMany(active);
    const running = active.map((work, at) => {
      const state = states[at] ?? null;
      return { ...work, eta: isReadable(state) ? state.eta : null };
    });
    return { waiting, running, offers };
  }
}
