/**
 * BatchProgressTracker: the progress of a batch, from its items' reports. Items run on several workers at once, so the
 * truth is in Redis: append.lua keeps each item's progress, their sum and the counts, and fills them into the batch's
 * event at the moment when it is written. Reports may therefore come in any order, from any process (G5).
 *
 * A report never waits for Redis, and nothing that goes wrong here reaches the item (G6). At most 10 events a second go
 * out per tracker; what is reported meanwhile goes out together. The end of an item does not wait for its turn.
 */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { pause } from '../core/pause.ts';
import { troubleOf } from '../redis/replies.ts';
import {
  type BatchRef,
  type BatchReport,
  type BatchWriter,
  type ItemCounts,
  isWritten,
  MAX_TRIES,
  type WriteOutcome,
} from './event-writer.ts';
import type { CompletionEvent, JobEvent, ProgressEvent } from './events.ts';
import { type ItemStatus, isItemEnd } from './item-status.ts';
import { newWriteId } from './write-id.ts';

export interface ItemReport {
  /** Place in the batch's input, from 0. */
  readonly index: number;
  /** 0..1 of the item; an item that has ended counts as 1. */
  readonly progress: number;
  readonly status: ItemStatus;
  readonly message: string;
}

/** What became of a batch's items: `total` is the sum of the others. */
export interface BatchOutcome extends ItemCounts {
  readonly total: number;
}

interface BatchTrackerParts {
  readonly log: BatchWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Least time between two events of the batch from this process; default 100 ms. */
  readonly minIntervalMs?: number;
  /** How often a report that can't succeed, or that nobody waits for any more, is sent; default 8. */
  readonly maxTries?: number;
}

const SEND_AGAIN_MAX_MS = 2_000;
/** More ends than this wait only while Redis is away; then they go out as one event (G7). */
const MAX_WAITING_ENDS = 64;

export class BatchProgressTracker {
  readonly #batch: BatchRef;
  readonly #parts: BatchTrackerParts;
  readonly #minIntervalMs: number;
  readonly #maxTries: number;
  /** Progress that has not been sent, by item. */
  #unsent = new Map<number, number>();
  #newest: ItemReport | null = null;
  readonly #ends: ItemReport[] = [];
  #sending: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #sentAt = 0;
  #released = false;
  #refused = false;

  constructor(batch: BatchRef, parts: BatchTrackerParts) {
    this.#batch = batch;
    this.#parts = parts;
    this.#minIntervalMs = parts.minIntervalMs ?? 100;
    this.#maxTries = parts.maxTries ?? MAX_TRIES;
  }

  /**
   * Reports an item's progress; cheap, never waits, never fails because of Redis.
   * @param index place in the batch's input, from 0
   * @param progress 0..1 of the item; a value below an earlier one changes nothing
   * @param status `completed`, `failed` and `cancelled` go out at once
   * @throws RangeError for a progress outside 0..1
   */
  updateItem(index: number, progress: number, status: ItemStatus, message: string): void {
    if (!(progress >= 0 && progress <= 1)) {
      throw new RangeError(`progress of item ${index}: expected 0..1, received ${progress}`);
    }
    if (this.#refused) return;
    const ended = isItemEnd(status);
    this.#unsent.set(index, Math.max(ended ? 1 : progress, this.#unsent.get(index) ?? 0));
    const report = { index, progress, status, message };
    const separate = ended && this.#ends.length < MAX_WAITING_ENDS;
    if (separate) this.#ends.push(report);
    // The event of an end carries what was held back, so that nothing older is reported after it.
    this.#newest = separate ? null : report;
    this.#schedule();
  }

  /**
   * Reports that all items have ended: the batch's last event (G3). Nothing can be reported afterwards.
   * @returns whether it was accepted: not while an item is left or the counts differ, nor when the batch has ended or is at
   *   another attempt
   * @throws what Redis throws; another call makes no second event
   */
  async complete(result: BatchOutcome): Promise<boolean> {
    this.release();
    await this.settled();
    const now = this.#parts.clock.now();
    const { total, succeeded, failed, cancelled } = result;
    const event: CompletionEvent = {
      type: 'CompletionEvent',
      ...eventFields(this.#batch, now),
      result: { type: 'BatchResult', total, succeeded, failed, cancelled },
    };
    const outcome = await this.#parts.log.finish(this.#batch, {
      writeId: newWriteId(),
      event,
      counts: result,
      now,
    });
    return isWritten(outcome);
  }

  /** Ends the reports of this process; what is waiting goes out at once. Does not wait for that. */
  release(): void {
    this.#released = true;
    this.#schedule();
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    while (this.#sending !== null) await this.#sending;
  }

  #schedule(): void {
    if (this.#sending !== null) return;
    // A clock that was set back must not delay an event by as much.
    const passed = Math.max(0, this.#parts.clock.now() - this.#sentAt);
    const wait = this.#ends.length > 0 || this.#released ? 0 : this.#minIntervalMs - passed;
    if (wait <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#refused) return;
    const report = this.#ends.shift() ?? this.#takeNewest();
    if (report === null) return;
    const items = [...this.#unsent].map(([index, progress]) => ({ index, progress }));
    this.#unsent = new Map();
    this.#sentAt = this.#parts.clock.now();
    const message = makeReport(this.#batch, report, items, this.#sentAt);
    this.#sending = this.#send(message).then(() => {
      this.#sending = null;
      if (this.#newest !== null || this.#ends.length > 0) this.#schedule();
    });
  }

  #takeNewest(): ItemReport | null {
    const report = this.#newest;
    this.#newest = null;
    return report;
  }

  /**
   * Sends until Redis has answered; the id of the write makes repeats harmless. A report that keeps failing while Redis serves
   * is given up in the end, so that it does not hold back all that come after it. Never rejects.
   */
  async #send(report: BatchReport): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const outcome = await this.#parts.log.report(this.#batch, report);
        // The batch has ended, is gone or was retried meanwhile: nobody waits for this attempt's progress any more.
        this.#refused ||= !isWritten(outcome);
        return;
      } catch (err) {
        const { logger } = this.#parts;
        const isHopeless = this.#released || troubleOf(err) === null;
        const fields = { err, jobId: this.#batch.id };
        if (isHopeless && tries >= this.#maxTries) {
          logger.error(fields, 'giving up on a progress report of a batch');
          return this.#keepProgress(report);
        }
        logger.warn(fields, 'publishing a batch’s progress failed; trying again');
        await pause(Math.min(SEND_AGAIN_MAX_MS, 50 * 2 ** tries));
      }
    }
  }

  /** Keeps what items reported for the next report. */
  #keepProgress({ items }: BatchReport): void {
    for (const { index, progress } of items) {
      this.#unsent.set(index, Math.max(progress, this.#unsent.get(index) ?? 0));
    }
  }
}

/** Reports the end of one item, whose progress was counted with its last event, for a caller that has no tracker. */
export function reportOnce(
  log: Pick<BatchWriter, 'report'>,
  batch: BatchRef,
  end: Omit<ItemReport, 'progress'>,
  now: number,
): Promise<WriteOutcome> {
  return log.report(batch, makeReport(batch, end, [], now));
}

/** What an item's own event reports to its batch. */
export function toItemReport(index: number, event: JobEvent): ItemReport {
  switch (event.type) {
    case 'ProgressEvent':
      return { index, progress: event.progress, status: event.status, message: event.message };
    case 'CompletionEvent':
      return { index, progress: 1, status: 'completed', message: 'Done' };
    case 'ErrorEvent': {
      const status = event.willRetry ? 'retrying' : event.code === 'CANCELLED' ? 'cancelled' : 'failed';
      return { index, progress: 0, status, message: event.error };
    }
  }
}

function makeReport(
  batch: BatchRef,
  { index, status, message }: Omit<ItemReport, 'progress'>,
  items: BatchReport['items'],
  now: number,
): BatchReport {
  const event: BatchReport['event'] = {
    type: 'ProgressEvent',
    ...eventFields(batch, now),
    // The script puts the mean here, and adds completed, failed, cancelled and total.
    progress: 0,
    status: 'processing',
    step: null,
    message: `#${index + 1} ${message}`,
    metadata: { itemIndex: index, itemStatus: status },
  } satisfies ProgressEvent;
  return { writeId: newWriteId(), event, items, now };
}

function eventFields(
  { projectId, id, workflow, taskName, attempt }: BatchRef,
  now: number,
): Pick<JobEvent, 'projectId' | 'jobId' | 'workflow' | 'taskName' | 'attempt' | 'timestamp'> {
  return { projectId, jobId: id, workflow, taskName, attempt, timestamp: new Date(now).toISOString() };
}
