/** The events that wait for one subscriber: bounded, in the order of the log (G1, G7). Pure. */
import { METERS } from '../core/meters.ts';
import type { LoggedEvent } from '../progress/events.ts';

const COALESCED = METERS.eventsCoalesced.cell('subscriber');

export interface QueueLimits {
  /** The number of waiting events from which on progress of one job collapses to the newest; errors and endings stay. */
  readonly collapseFrom: number;
  /** The number of waiting events, after collapsing, above which the subscriber is too slow. */
  readonly maxLength: number;
}

export const DEFAULT_QUEUE_LIMITS: QueueLimits = { collapseFrom: 256, maxLength: 2_000 };

export class DeliveryQueue {
  readonly #limits: QueueLimits;
  /** The waiting events by seq; a Map keeps the order of insertion, which is the order of the log. */
  #waiting = new Map<number, LoggedEvent>();
  /** Seq of each job's newest waiting progress event; only while collapsing. */
  #newest: Map<string, number> | null = null;
  #collapsed = 0;

  constructor(limits: QueueLimits = DEFAULT_QUEUE_LIMITS) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** Progress events dropped for a newer one of their job. */
  get collapsed(): number {
    return this.#collapsed;
  }

  /**
   * Adds an event.
   * @returns false when the queue is over its limit: end the subscription, the client resumes
   */
  push(event: LoggedEvent): boolean {
    if (this.#newest === null && this.#waiting.size >= this.#limits.collapseFrom) this.#startCollapsing();
    this.#waiting.set(event.seq, event);
    if (this.#newest !== null && event.event.type === 'ProgressEvent') this.#supersede(event, this.#newest);
    return this.#waiting.size <= this.#limits.maxLength;
  }

  /** Takes the oldest event; undefined when nothing waits. */
  shift(): LoggedEvent | undefined {
    const next = this.#waiting.entries().next();
    if (next.done) return undefined;
    const [seq, event] = next.value;
    this.#waiting.delete(seq);
    if (this.#waiting.size === 0) this.#newest = null;
    return event;
  }

  /** Forgets all waiting events. */
  clear(): void {
    this.#waiting.clear();
    this.#newest = null;
  }

  #startCollapsing(): void {
    this.#newest = new Map();
    for (const event of this.#waiting.values()) {
      if (event.event.type === 'ProgressEvent') this.#supersede(event, this.#newest);
    }
  }

  #supersede(event: LoggedEvent, newest: Map<string, number>): void {
    const older = newest.get(event.event.jobId);
    if (older !== undefined && this.#waiting.delete(older)) {
      this.#collapsed += 1;
      COALESCED.value += 1;
    }
    newest.set(event.event.jobId, event.seq);
  }
}
