/**
 * BullMQ 6.7.0: a worker that takes an entry back which has stalled in this very process.
 *
 * BullMQ renews locks by the entry's id alone. When the earlier run of the entry ends, the later one's lock is no longer renewed;
 * and a renewal of the earlier one's lock that fails while the later run begins is told as if the later one had lost its own.
 *
 * Upstream: no issue of it was found (https://github.com/taskforcesh/bullmq/pull/3579 is its neighbour, for entries that have
 * ended). It can go when test/queue/entry-twice.test.ts passes with BullMQ's own Worker.
 */
import { type Job, Worker } from 'bullmq';

/** A renewal's time in ms; BullMQ takes 0 for a lock that was taken just now. */
const LONG_AGO = 1;

type Next<Data> = ReturnType<Worker<Data, void>['processJob']>;

export class EntryTwiceWorker<Data> extends Worker<Data, void> {
  /** The token of the latest run of each entry. */
  readonly #tokens = new Map<string, string>();

  override async processJob(
    job: Job<Data, void>,
    token: string,
    fetchNextCallback?: () => boolean,
  ): Next<Data> {
    const { id = '' } = job;
    this.#tokens.set(id, token);
    try {
      return await super.processJob(job, token, fetchNextCallback);
    } finally {
      const latest = this.#tokens.get(id);
      if (latest === token) this.#tokens.delete(id);
      // Due at once: a renewal may have been missed while the earlier run ended.
      else if (latest !== undefined) this.lockManager.trackJob(id, latest, LONG_AGO);
    }
  }

  /** @returns those that have lost their lock */
  override async extendJobLocks(ids: string[], tokens: string[], durationMs: number): Promise<string[]> {
    const failed = await super.extendJobLocks(ids, tokens, durationMs);
    return failed.filter((id) => {
      const latest = this.#tokens.get(id);
      return latest === undefined || latest === tokens[ids.indexOf(id)];
    });
  }
}
