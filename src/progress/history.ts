/**
 * Reads one project's log for subscribers that resume. All who wait when a read begins share it, however many they are
 * and wherever their cursors stand: a thousand clients that come back together cost a handful of reads.
 */
import type { Position } from './cursor.ts';
import type { LoggedEvent } from './events.ts';
import { type EventLog, eventsBehind, type LogPage } from './log.ts';

/** A piece of the history behind a position. */
export interface HistoryPage {
  readonly events: readonly LoggedEvent[];
  /** There was nothing more behind these when the log was read. */
  readonly atEnd: boolean;
}

interface Waiter {
  readonly position: Position;
  resolve(page: HistoryPage): void;
  reject(error: unknown): void;
}

/** Entries of one read at most. */
const READ_LENGTH = 2_000;

export class History {
  readonly #projectId: string;
  readonly #log: Pick<EventLog, 'readFrom'>;
  readonly #pageLength: number;
  readonly #onPage: (page: LogPage) => void;
  #waiting: Waiter[] = [];
  #reading = false;

  /** @param onPage told of every page that was read, before those who waited are */
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
   * The events behind a position, oldest first, one page of them.
   * @throws PlayheadError EVENTS_EXPIRED when the history behind it is not known (G2)
   */
  readAfter(position: Position): Promise<HistoryPage> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ position, resolve, reject });
      if (this.#reading) return;
      this.#reading = true;
      // Who comes in the same turn of the event loop shares the first read too.
      setImmediate(() => void this.#readAll());
    });
  }

  /** Never rejects. */
  async #readAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#read(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#reading = false;
  }

  async #read(batch: readonly Waiter[]): Promise<void> {
    const seqs = batch.map(({ position }) => position.seq);
    const from = Math.max(1, Math.min(...seqs));
    const length = Math.min(Math.max(...seqs) - from + this.#pageLength + 1, READ_LENGTH);
    const page = await this.#log.readFrom(this.#projectId, from, length);
    this.#onPage(page);
    const last = page.events.at(-1)?.seq ?? page.head.seq;
    for (const waiter of batch) {
      // Past this page: the next one begins no earlier than there.
      if (waiter.position.seq > last && waiter.position.seq <= page.head.seq) this.#waiting.push(waiter);
      else this.#answer(waiter, page, last);
    }
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
