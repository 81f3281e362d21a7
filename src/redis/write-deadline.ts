/**
 * A deadline that travels with a write. Whoever asked is answered within two seconds, but what was sent for them may lie in a
 * connection for as long as Redis is away, and is then carried out when nobody waits for it any more. So a write for somebody
 * names the time after which Redis has to refuse it, by Redis' own clock, since those of machines differ; and nothing more is
 * sent for them once that time has passed here.
 */
import type { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';

/** How long after it was asked for a write may be carried out (docs/protocol.md). */
export const WRITE_LIMIT_MS = 60_000;
/** A server's clock is asked for again after this time, and whenever its connection was lost. */
const ASK_AGAIN_MS = 10_000;

/** What time it is at Redis. */
export class ServerClock {
  readonly #redis: Redis;
  /** Redis' time (ms) minus that of this process' monotonic clock. */
  #offset: Promise<number> | null = null;
  #askedAt = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on('close', () => this.forget());
  }

  /** Redis' time (ms), for which it is asked now and then. Waits for Redis as long as it takes. */
  async now(): Promise<number> {
    if (performance.now() - this.#askedAt > ASK_AGAIN_MS) this.forget();
    const offset = await (this.#offset ?? this.#ask());
    // Looked at only now: Redis may have been away for a while.
    return performance.now() + offset;
  }

  /** Asks again the next time: the clock may have been set. */
  forget(): void {
    this.#offset = null;
  }

  #ask(): Promise<number> {
    this.#askedAt = performance.now();
    const asked = this.#redis
      .time()
      .then(([seconds, micros]) => Number(seconds) * 1_000 + Number(micros) / 1_000 - performance.now());
    this.#offset = asked;
    asked.catch(() => this.forget());
    return asked;
  }
}

export class WriteDeadline {
  readonly #clock: ServerClock;
  readonly #end: number;

  /** Begins to count now. */
  constructor(clock: ServerClock, limitMs = WRITE_LIMIT_MS) {
    this.#clock = clock;
    this.#end = performance.now() + limitMs;
  }

  /**
   * Until when (ms) Redis may carry a write out, by its own clock.
   * @throws PlayheadError UNAVAILABLE when that has passed
   */
  async notAfter(): Promise<number> {
    const now = await this.#clock.now();
    const left = this.#end - performance.now();
    if (left <= 0) throw late();
    return now + left;
  }

  /**
   * Sends a write that Redis answers with LATE, and does not carry out, when it comes to it too late.
   * @throws PlayheadError UNAVAILABLE when it has not been carried out
   */
  async send<T extends { readonly code: string }>(write: (notAfter: number) => Promise<T>): Promise<T> {
    const answer = await write(await this.notAfter());
    if (answer.code !== 'LATE') return answer;
    // By this process' clock there may be time left: then that of Redis was put forward since it was asked.
    this.#clock.forget();
    const again = await write(await this.notAfter());
    if (again.code === 'LATE') throw late();
    return again;
  }
}

function late(): PlayheadError {
  return new PlayheadError('UNAVAILABLE', 'Redis came to the write too late; nothing was changed, try again');
}
