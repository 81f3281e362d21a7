/** Tells batches what their items report, for all items that run in this process. */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { EventLog } from '../log/log.ts';
import { BatchProgressTracker, toItemReport } from '../progress/batch.ts';
import type { EventWriter } from '../progress/event-writer.ts';
import type { JobState } from '../progress/state.ts';
import { batchOf } from './batch.ts';

interface ReportsParts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A batch with items that run here. */
interface Reporter {
  readonly tracker: BatchProgressTracker;
  readonly attempt: number;
  /** Items that use it. */
  readonly items: Set<string>;
}

export class BatchReports {
  readonly #parts: ReportsParts;
  /** By the batch's id. */
  readonly #reporters = new Map<string, Reporter>();

  constructor(parts: ReportsParts) {
    this.#parts = parts;
  }

  /**
   * The log for the job's own tracker: whatever it accepts is passed on to the batch, without waiting for that (G6). The
   * batch's counts change with the item's own event; its mean follows with the batch's next report.
   */
  logFor(job: JobState): EventWriter {
    const { log } = this.#parts;
    const { itemIndex } = job;
    if (itemIndex === null) return log;
    return {
      append: async (write) => {
        const outcome = await log.append(write);
        if (outcome.batchAttempt === 0) return outcome;
        const { index, progress, status, message } = toItemReport(itemIndex, write.event);
        this.#reporter(job, outcome.batchAttempt).updateItem(index, progress, status, message);
        return outcome;
      },
    };
  }

  /** Call this when the job no longer runs here. */
  release({ id, parentId }: JobState): void {
    const reporter = this.#reporters.get(parentId ?? '');
    if (parentId === null || reporter === undefined) return;
    reporter.items.delete(id);
    if (reporter.items.size > 0) return;
    this.#reporters.delete(parentId);
    reporter.tracker.release();
  }

  #reporter(job: JobState, attempt: number): BatchProgressTracker {
    const id = job.parentId ?? '';
    const known = this.#reporters.get(id);
    if (known?.attempt === attempt) {
      known.items.add(job.id);
      return known.tracker;
    }
    known?.tracker.release();
    const batch = batchOf(job, attempt);
    if (batch === null) throw new TypeError(`expected an item of a batch, received the job ${job.id}`);
    const tracker = new BatchProgressTracker(batch, this.#parts);
    this.#reporters.set(id, { tracker, attempt, items: new Set([...(known?.items ?? []), job.id]) });
    return tracker;
  }
}
