/**
 * BullMQ 6.7.0: a worker that takes an entry again after it stalled in this very process.
 *
 * BullMQ renews locks by the entry's id alone. When the earlier run of the entry ends, the later one's lock is no longer
 * renewed; and if renewing the earlier one's lock fails while the later run begins, that is reported as if the later run had
 * lost its lock.
 *
 * Upstream: no issue was found (https://github.com/taskforcesh/bullmq/pull/3579 is related, for entries that have ended). It
 * can go when test/queue/entry-twice.test.ts passes with BullMQ's own Worker.
 */
import { type Job, Worker } from 'bullmq';

/** A renewal's time in ms; BullMQ treats 0 as a lock that was just taken. */
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
      // Made due at once: a renewal may have been missed while the earlier run ended.
      else if (latest !== undefined) this.lockManager.trackJob(id, latest, LONG_AGO);
    }
  }

  /** @returns the ids of entries that have lost their lock */
  override async extendJobLocks(ids: string[], tokens: string[], durationMs: number): Promise<string[]> {
    const failed = await super.extendJobLocks(ids, tokens, durationMs);
    return failed.filter((id) => {
      const latest = this.#tokens.get(id);
      return latest === undefined || latest === tokens[ids.indexOf(id)];
    });
  }
}
