/**
 * The feed of one project in this process: one Pub/Sub subscription and one tail of the log, however many listeners.
 *
 * Pub/Sub is a doorbell. An event is handed on only when it continues the feed's position: it has the next seq, and its
 * previous hash is the position's hash. Anything else makes the feed read the log from its position, whose own entry must still
 * be there with its own hash; when it is not, history was lost and every listener is notified (EVENTS_EXPIRED).
 *
 *   position \ input | next event       | known event      | gap or other hash | check finds more | check finds less
 *   at seq n         | hand on, n+1     | ignore           | read the log     | read the log     | expire, start anew
 */

import { PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { METERS } from '../core/meters.ts';
import { SharedReads } from '../core/shared-reads.ts';
import type { LoggedEvent } from '../progress/events.ts';
import { isSamePosition, type Position } from '../progress/position.ts';
import { History, type HistoryPage } from './history.ts';
import { type LiveMessage, parseLiveMessage } from './live-message.ts';
import type { EventLog } from './log.ts';
import type { LogPage } from './log-page.ts';
import { EventRing, RingMemory } from './ring.ts';

/** Receives a project's events in the order of the log (G1). Must not throw. */
export interface FeedListener {
  onEvent(event: LoggedEvent): void;
  /** History was lost; no further event comes to this listener. */
  onExpired(): void;
}

/** The channel layer: graphql-redis-subscriptions' RedisPubSub in production. */
export interface Channel {
  /** Resolves once Redis has acknowledged the subscription. */
  subscribe(channel: string, onMessage: (message: string) => void): Promise<number>;
  unsubscribe(id: number): void;
}

export interface FeedSettings {
  /** The least number of recent events kept for resuming clients, if the memory of all feeds allows it. */
  readonly ringLength: number;
  /** Entries per read of the log. */
  readonly pageLength: number;
}

export const DEFAULT_FEED_SETTINGS: FeedSettings = { ringLength: 1_000, pageLength: 500 };

export interface FeedCounters {
  gapsRepaired: number;
  expired: number;
  logReads: number;
}

export class Feed {
  readonly projectId: string;
  /** Reads of the project's jobs, shared by the subscribers who ask at the same time. */
  readonly reads = new SharedReads();
  readonly #log: EventLog;
  readonly #settings: FeedSettings;
  readonly #logger: Logger;
  readonly #counters: FeedCounters;
  readonly #listeners = new Set<FeedListener>();
  #position: Position;
  readonly #ring: EventRing;
  readonly #history: History;
  #repairing: Promise<void> | null = null;
  #repairAgain = false;

  /**
   * @param start the log's end, read after the channel was acknowledged
   * @param memory the memory of all feeds that share its limit
   */
  constructor(
    projectId: string,
    start: Position,
    log: EventLog,
    settings: FeedSettings,
    logger: Logger,
    counters: FeedCounters,
    memory: RingMemory = new RingMemory(),
  ) {
    this.projectId = projectId;
    this.#ring = new EventRing(memory, settings.ringLength);
    this.#position = start;
    this.#log = log;
    this.#settings = settings;
    this.#logger = logger;
    this.#counters = counters;
    this.#history = new History(projectId, log, settings.pageLength, (page) => {
      this.#counters.logReads += 1;
      this.#extendBack(page);
    });
  }

  /** The last event that listeners have been given. */
  get position(): Position {
    return this.#position;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Adds a listener for everything after the present position; returns a function that removes it. */
  attach(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * The events that follow `after`, up to the present position, from memory.
   * @returns null when memory does not reach back that far (read the log then)
   */
  recentAfter(after: Position): readonly LoggedEvent[] | null {
    const { epoch, seq, hash } = this.#position;
    if (after.epoch !== epoch) return null;
    if (after.seq === seq) return after.hash === hash ? [] : null;
    return this.#ring.hashAt(after.seq) === after.hash ? this.#ring.after(after.seq) : null;
  }

  /**
   * A page of the events that follow `after`: from memory, or else from the log, in one read with all others that wait.
   * @throws PlayheadError EVENTS_EXPIRED when the history after it is not known (G2)
   */
  async pageAfter(after: Position): Promise<HistoryPage> {
    const events = this.recentAfter(after);
    if (events === null) return this.#history.sharedPageAfter(after);
    return {
      events: events.slice(0, this.#settings.pageLength),
      atEnd: events.length <= this.#settings.pageLength,
    };
  }

  /** Frees the memory of recent events; nothing more is to come. */
  close(): void {
    this.#ring.close();
  }

  /** Receives a Pub/Sub message. */
  onMessage(message: string): void {
    const live = parseLiveMessage(message);
    if (live !== null && continues(this.#position, live)) {
      const { epoch, seq, hash, event } = live;
      this.#handOn({ epoch, seq, hash, event }, message);
    } else if (live === null || !this.#isKnown(live)) {
      void this.repair();
    }
  }

  /** Compares with the log's end as read just now; repairs when they differ. */
  check(head: Position): void {
    const { epoch, seq, hash } = this.#position;
    if (head.epoch !== epoch || head.seq !== seq || head.hash !== hash) void this.repair();
  }

  /** Reads what the log holds after the position. Callers share one read; never rejects. */
  repair(): Promise<void> {
    if (this.#repairing !== null) {
      this.#repairAgain = true;
      return this.#repairing;
    }
    this.#repairing = this.#readOn().finally(() => {
      this.#repairing = null;
      if (this.#repairAgain) {
        this.#repairAgain = false;
        void this.repair();
      }
    });
    return this.#repairing;
  }

  async #readOn(): Promise<void> {
    try {
      for (;;) {
        const from = this.#position;
        this.#counters.logReads += 1;
        const events = await this.#log.readAfter(this.projectId, from, this.#settings.pageLength);
        // Doorbells may have moved the position while the log was read, and after a rollback or failover not along the log that
        // was read. An event is handed on only after the very event that precedes it in the log.
        let before: Position = from;
        let met = isSamePosition(before, this.#position);
        for (const event of events) {
          if (met) {
            this.#handOn(event);
            this.#counters.gapsRepaired += 1;
            METERS.gapsRepaired.add(1);
          }
          before = event;
          met ||= isSamePosition(before, this.#position);
        }
        // Otherwise the position is ahead of what was read, or in another history. The next read will tell.
        if (met && events.length < this.#settings.pageLength) return;
      }
    } catch (error) {
      if (error instanceof PlayheadError && error.code === 'EVENTS_EXPIRED') {
        await this.#expire();
      } else {
        this.#warn(error);
      }
    }
  }

  async #expire(): Promise<void> {
    let head: Position;
    try {
      head = await this.#log.head(this.projectId);
    } catch (error) {
      this.#warn(error);
      return; // The position still does not match; the next check comes here again.
    }
    this.#counters.expired += 1;
    this.#position = head;
    this.#ring.clear();
    const told = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of told) listener.onExpired();
  }

  /** @param message as it was published; undefined when it was read from the log */
  #handOn(event: LoggedEvent, message?: string): void {
    this.#position = { epoch: event.epoch, seq: event.seq, hash: event.hash };
    if (message === undefined) this.#ring.pushEvent(event);
    else this.#ring.push(event.seq, message);
    for (const listener of this.#listeners) listener.onEvent(event);
  }

  /**
   * Extends memory further back with what was read for a client that resumes: others will ask for about the same. Only if both
   * hold the same event, since the log may have been rolled back without the feed knowing yet.
   */
  #extendBack({ events }: LogPage): void {
    const { firstSeq } = this.#ring;
    const seq = firstSeq ?? this.#position.seq;
    const hash = firstSeq === null ? this.#position.hash : this.#ring.hashAt(firstSeq);
    const index = events.findIndex((event) => event.seq === seq);
    const found = events[index];
    if (found === undefined || found.hash !== hash || found.epoch !== this.#position.epoch) return;
    this.#ring.extendBack(events.slice(0, firstSeq === null ? index + 1 : index));
  }

  #warn(error: unknown): void {
    this.#logger.warn({ err: error, projectId: this.projectId }, 'reading the event log failed');
  }

  #isKnown(live: LoggedEvent): boolean {
    if (live.epoch !== this.#position.epoch || live.seq > this.#position.seq) return false;
    if (live.seq === this.#position.seq) return live.hash === this.#position.hash;
    // Older than memory: taken for a late copy; the regular check catches a rollback.
    const { firstSeq } = this.#ring;
    if (firstSeq === null || live.seq < firstSeq) return true;
    return this.#ring.hashAt(live.seq) === live.hash;
  }
}

function continues(position: Position, live: LiveMessage): boolean {
  if (live.seq !== position.seq + 1) return false;
  if (position.seq === 0) return position.epoch === '' || position.epoch === live.epoch;
  return live.epoch === position.epoch && live.previousHash === position.hash;
}
