/** The queue at one moment: what waits, in the order in which workers take it, what runs, and what the workers offer. */
import type { QueueSource, QueueView } from '../eta/queue-source.ts';
import { isReadable } from '../log/damaged-job.ts';
import type { JobStore } from '../log/job-store.ts';
import { runSoFar } from '../progress/observed-run.ts';
import type { RunSoFar } from '../progress/run-so-far.ts';
import type { JobState } from '../progress/state.ts';
import type { WorkerOffer } from '../redis/heartbeat.ts';
import type { JobQueue } from './job-queue.ts';

/** Entries after these are not looked at. */
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
      return isReadable(state)
        ? { ...work, eta: state.eta, run: runAsTold(state) }
        : { ...work, eta: null, run: null };
    });
    return { waiting, running, offers };
  }
}

/** How far a run had come when its last event was written; what an earlier attempt had finished counts too. */
function runAsTold(state: JobState): RunSoFar | null {
  const { eta } = state;
  return (
    eta &&
    runSoFar(
      state,
      { at: state.startedAt ?? state.createdAt, skipped: [] },
      eta.finishesAt - eta.remainingSeconds * 1_000,
    )
  );
}
