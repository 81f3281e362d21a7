/**
 * A deadline that travels with a write. A caller gets an answer within two seconds, but what was sent for it may wait in a
 * connection for as long as Redis is away, and is then carried out when nobody waits for it any more. So such a write names the
 * time after which Redis has to refuse it, by Redis' own clock, since machines' clocks differ; and nothing more is sent for the
 * caller once that time has passed here.
 */
import type { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';

/** How long after its request a write may still be carried out (docs/protocol.md). */
export const WRITE_LIMIT_MS = 60_000;
/** A server's clock is read again after this time, and whenever its connection was lost. */
const ASK_AGAIN_MS = 10_000;

/** The time by Redis' clock. */
export class ServerClock {
  readonly #redis: Redis;
  /** Redis' time (ms) minus that of this process' monotonic clock. */
  #offset: Promise<number> | null = null;
  #askedAt = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on('close', () => this.forget());
  }

  /** Redis' time (ms); its clock is read now and then. Waits for Redis as long as it takes. */
  async now(): Promise<number> {
    if (performance.now() - this.#askedAt > ASK_AGAIN_MS) this.forget();
    const offset = await (this.#offset ?? this.#ask());
    // This clock is read only now: Redis may have been away for a while.
    return performance.now() + offset;
  }

  /** Reads the clock again the next time: it may have been set. */
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

  /** The time begins to run now. */
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
   * Sends a write that Redis answers with LATE, and does not carry out, if it gets to it too late.
   * @throws PlayheadError UNAVAILABLE when it has not been carried out
   */
  async send<T extends { readonly code: string }>(write: (notAfter: number) => Promise<T>): Promise<T> {
    const answer = await write(await this.notAfter());
    if (answer.code !== 'LATE') return answer;
    // By this process' clock there may be time left: then Redis' clock was put forward since it was read.
    this.#clock.forget();
    const again = await write(await this.notAfter());
    if (again.code === 'LATE') throw late();
    return again;
  }
}

function late(): PlayheadError {
  return new PlayheadError('UNAVAILABLE', 'Redis came to the write too late; nothing was changed, try again');
}
