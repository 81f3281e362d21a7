/**
 * Reads one project's log for subscribers that resume. Every read serves the one that has waited longest, and with it all whose
 * cursors are within reach of the same read. A thousand clients that come back together cost a handful of reads, and none waits
 * for more reads than there were others waiting before it.
 */

import type { LoggedEvent } from '../progress/events.ts';
import type { Position } from '../progress/position.ts';
import type { EventLog } from './log.ts';
import { eventsBehind, type LogPage } from './log-page.ts';

/** A piece of the history after a position. */
export interface HistoryPage {
  readonly events: readonly LoggedEvent[];
  /** There was nothing after these when the log was read. */
  readonly atEnd: boolean;
}

interface Waiter {
  readonly position: Position;
  resolve(page: HistoryPage): void;
  reject(error: unknown): void;
}

/** The most entries of one read, or one more than a page if that is more. */
const READ_LENGTH = 2_000;

export class History {
  readonly #projectId: string;
  readonly #log: Pick<EventLog, 'readFrom'>;
  readonly #pageLength: number;
  readonly #onPage: (page: LogPage) => void;
  #waiting: Waiter[] = [];
  #reading = false;

  /** @param onPage called with every page that was read, before those who wait for it are answered */
  constructor(
    projectId: string,
    log: Pick<EventLog, 'readFrom'>,
    pageLength: number,
    onPage: (page: LogPage) => void,
  ) {
    this.#projectId = projectId;
    this.#log = log;
    this.#pageLength = pageLength;
    this.#onPage = onPage;
  }

  /**
   * One page of the events after a position, oldest first.
   * @throws PlayheadError EVENTS_EXPIRED when the history after it is not known (G2)
   */
  sharedPageAfter(position: Position): Promise<HistoryPage> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ position, resolve, reject });
      if (this.#reading) return;
      this.#reading = true;
      // Those who ask in the same turn of the event loop share the first read too.
      setImmediate(() => void this.#readAll());
    });
  }

  /** Never rejects. */
  async #readAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#read(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#reading = false;
  }

  /** Takes the one that has waited longest, and all that the same read serves; each gets a whole page if the log has one. */
  #takeBatch(): readonly Waiter[] {
    const reach = Math.max(0, READ_LENGTH - this.#pageLength - 1);
    const earliest = (this.#waiting[0]?.position.seq ?? 0) - reach;
    const from = lowest(this.#waiting.map(({ position }) => position.seq).filter((seq) => seq >= earliest));
    const isServed = ({ position: { seq } }: Waiter): boolean => seq >= from && seq <= from + reach;
    const batch = this.#waiting.filter(isServed);
    this.#waiting = this.#waiting.filter((waiter) => !isServed(waiter));
    return batch;
  }

  async #read(batch: readonly Waiter[]): Promise<void> {
    const seqs = batch.map(({ position }) => position.seq);
    const from = Math.max(1, lowest(seqs));
    const length = highest(seqs) - from + this.#pageLength + 1;
    const page = await this.#log.readFrom(this.#projectId, from, length);
    this.#onPage(page);
    const last = page.events.at(-1)?.seq ?? page.head.seq;
    for (const waiter of batch) this.#answer(waiter, page, last);
  }

  #answer({ position, resolve, reject }: Waiter, page: LogPage, last: number): void {
    try {
      const behind = eventsBehind(position, page);
      const events = behind.slice(0, this.#pageLength);
      resolve({ events, atEnd: events.length === behind.length && last >= page.head.seq });
    } catch (error) {
      reject(error);
    }
  }
}

/** The lowest of a list of any length; Math.min(...) takes no more values than the stack holds. */
function lowest(seqs: readonly number[]): number {
  return seqs.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
}

function highest(seqs: readonly number[]): number {
  return seqs.reduce((one, other) => Math.max(one, other), 0);
}
