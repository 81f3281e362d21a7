/**
 * Makes sure that a retry waits no longer than its ErrorEvent announced. The queue notes the end of the wait by the wall clock,
 * and if that is set back meanwhile, the wait would grow by as much. So the wait is measured by a monotonic clock.
 */
import type { Clock } from '../core/clock.ts';
import type { JobState } from '../progress/state.ts';
import type { JobQueue } from './job-queue.ts';

/** The clocks of two machines may differ by this much, and a delayed entry may be taken this much late. */
const SLACK_MS = 1_000;
/** How many entries are remembered; the oldest are forgotten, and measured anew when they are seen again. */
const MAX_REMEMBERED = 10_000;

interface Seen {
  /** In ms, as performance.now() returns them. */
  readonly since: number;
  timer?: NodeJS.Timeout;
}

export class RetryWaits {
  readonly #queue: Pick<JobQueue, 'delayedUntil' | 'endDelay'>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  /** The entries that were seen delayed; the key is the entry's id and the attempt. */
  readonly #seen = new Map<string, Seen>();

  constructor(
    queue: Pick<JobQueue, 'delayedUntil' | 'endDelay'>,
    clock: Clock,
    onError: (error: unknown) => void,
  ) {
    this.#queue = queue;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Looks at a job whose entry is delayed; one that has waited long enough is taken next. */
  async look({ attempt, error, queueId }: JobState): Promise<void> {
    const waitMs = (error?.retryAfterSeconds ?? 0) * 1_000;
    const seen = this.#note(`${queueId} ${attempt}`);
    const until = await this.#queue.delayedUntil(queueId);
    if (until === null) return;
    const leftMs = until - this.#clock.now();
    const restMs = waitMs - (performance.now() - seen.since);
    if (restMs + SLACK_MS <= 0) await this.#queue.endDelay(queueId);
    // By the clock it would wait longer than announced, so the clock has been set back: do not wait for the next look either.
    else if (leftMs > waitMs + SLACK_MS) {
      seen.timer ??= setTimeout(
        () => void this.#queue.endDelay(queueId).catch(this.#onError),
        Math.max(0, restMs),
      );
      seen.timer.unref();
    }
  }

  #note(name: string): Seen {
    const known = this.#seen.get(name);
    if (known !== undefined) return known;
    const seen = { since: performance.now() };
    this.#seen.set(name, seen);
    for (const [oldest, { timer }] of this.#seen) {
      if (this.#seen.size <= MAX_REMEMBERED) break;
      clearTimeout(timer);
      this.#seen.delete(oldest);
    }
    return seen;
  }
}
