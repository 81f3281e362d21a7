/** BatchProgressTracker: one job for work on many items, whose progress is the mean over them. */

import type { Json } from '../core/json.ts';
import { type ItemEnd, type ItemStatus, isItemEnd } from '../progress/item-status.ts';
import {
  checkFraction,
  type EndingOutcome,
  type FailureReport,
  type ProgressTracker,
} from './progress-tracker.ts';
import type { Link } from './transport.ts';

/**
 * Keeps the progress of items and reports their mean. Its messages and metadata are those of Playhead's own batches: `#4 …`
 * with the item's number, and `itemIndex`, `itemStatus`, `completed`, `failed`, `cancelled`, `total`. All items must be
 * reported by one process, the one that holds the job's lease.
 */
export class BatchProgressTracker {
  readonly #tracker: ProgressTracker;
  /** 0..1 by index. */
  readonly #progress: Float64Array;
  readonly #ends = new Map<number, ItemEnd>();
  readonly #counts: Record<ItemEnd, number> = { completed: 0, failed: 0, cancelled: 0 };
  #sum = 0;

  /**
   * Made by `TrackerConnection.trackBatch`.
   * @throws RangeError for a number of items that is not a positive whole number
   */
  constructor(tracker: ProgressTracker, totalItems: number) {
    if (!(Number.isSafeInteger(totalItems) && totalItems > 0)) {
      throw new RangeError(`totalItems: expected a positive whole number, received ${totalItems}`);
    }
    this.#tracker = tracker;
    this.#progress = new Float64Array(totalItems);
  }

  get jobId(): string | null {
    return this.#tracker.jobId;
  }

  /** Aborted when the job is cancelled or somebody else has taken it over; the task should then end. */
  get signal(): AbortSignal {
    return this.#tracker.signal;
  }

  /** 0..1; exactly 1 when every item has ended. */
  get progress(): number {
    const total = this.#progress.length;
    if (this.#ends.size === total) return 1;
    return Math.min(this.#sum / total, 1 - Number.EPSILON);
  }

  /**
   * Reports an item's progress; as cheap as `ProgressTracker.update`.
   * @param index from 0
   * @param progress 0..1 of the item; a value below an earlier one changes nothing, and at 1 the item is completed
   * @param status `completed`, `failed` and `cancelled` end the item, which then counts as 1; later reports of it are dropped
   * @throws RangeError for an index out of range, or a progress outside 0..1
   */
  updateItem(index: number, progress: number, status: ItemStatus, message: string): void {
    const before = this.#progress[index];
    if (before === undefined) {
      throw new RangeError(`index: expected 0..${this.#progress.length - 1}, received ${index}`);
    }
    checkFraction(progress, `progress of item ${index}`);
    if (this.#ends.has(index)) return;
    const end = endOf(status, progress);
    if (end !== null) {
      this.#ends.set(index, end);
      this.#counts[end] += 1;
    }
    const now = end === null ? Math.max(before, progress) : 1;
    this.#progress[index] = now;
    this.#sum += now - before;
    const metadata = {
      itemIndex: index,
      itemStatus: end ?? status,
      ...this.#counts,
      total: this.#progress.length,
    };
    this.#tracker.update(this.progress, 'processing', `#${index + 1} ${message}`, metadata);
  }

  /** Reports the result: the job's last event (G3). @default result the numbers of items by how they ended */
  complete(result?: Json, artifacts?: readonly Link[]): Promise<EndingOutcome> {
    const { completed, failed, cancelled } = this.#counts;
    const outcome = { total: this.#progress.length, succeeded: completed, failed, cancelled };
    return this.#tracker.complete(result ?? outcome, artifacts);
  }

  /** Reports that the work as a whole failed; the job's last event unless `willRetry`. */
  error(error: unknown, report?: FailureReport): Promise<EndingOutcome> {
    return this.#tracker.error(error, report);
  }

  /** Stops reporting, without an ending. */
  close(): void {
    this.#tracker.close();
  }
}

function endOf(status: ItemStatus, progress: number): ItemEnd | null {
  if (isItemEnd(status)) return status;
  return progress === 1 ? 'completed' : null;
}
