/** Limits the operations per second of one credential, counted in Redis and therefore over all servers. */
import type { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';
import { withDeadline } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { ServerClock, WriteDeadline } from '../redis/write-deadline.ts';
import type { Viewer } from './viewer.ts';

/**
 * The generic cell rate algorithm (ITU-T I.371): one number per viewer, the time at which its past operations are paid off. It
 * may lie a burst ahead. It is Redis's own clock that counts, so that servers need not agree on the time.
 * ARGV: microseconds per operation, burst in operations, the latest (ms) at which an operation may be counted. Answer:
 * microseconds to wait, 0 when it may go on, -1 when it came too late.
 */
const TAKE = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
if now / 1000 > tonumber(ARGV[3]) then return -1 end
local each = tonumber(ARGV[1])
local paid = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
-- No further than a burst ahead, or the clock was set back since: whoever asks does not wait for it to come round again.
if paid > now + each * tonumber(ARGV[2]) then paid = now end
local wait = paid + each - (now + each * tonumber(ARGV[2]))
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.0f', paid + each), 'PX', math.ceil((paid + each - now) / 1000) + 1)
return 0
`;

const ANSWER_LIMIT_MS = 2_000;

export class RateLimit {
  readonly #redis: Redis;
  readonly #keys: Keys['auth'];
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: ServerClock;

  /** @param perSecond Infinity: no limit @param burst operations at once, at least 1; default two seconds' worth */
  constructor(redis: Redis, keys: Keys, perSecond: number, burst = Math.max(1, perSecond * 2)) {
    this.#redis = redis;
    this.#keys = keys.auth;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = new ServerClock(redis);
  }

  /**
   * Counts one operation.
   * @throws PlayheadError RATE_LIMITED with retryAfterSeconds, UNAVAILABLE
   */
  async take(viewer: Viewer): Promise<void> {
    if (!Number.isFinite(this.#perSecond)) return;
    const each = 1_000_000 / this.#perSecond;
    // Operations that were refused while Redis was away must not use up the limit when it is back.
    const deadline = new WriteDeadline(this.#clock, ANSWER_LIMIT_MS);
    const taken = deadline.send(async (notAfter) => {
      const key = this.#keys.rate(viewer.id);
      const wait = Number(await this.#redis.eval(TAKE, 1, key, each, this.#burst, notAfter));
      return wait < 0 ? { code: 'LATE', wait } : { code: 'OK', wait };
    });
    const { wait: waitMicroseconds } = await withDeadline(taken, ANSWER_LIMIT_MS);
    if (waitMicroseconds === 0) return;
    throw new PlayheadError(
      'RATE_LIMITED',
      `expected at most ${this.#perSecond} operations per second of one credential`,
      { retryAfterSeconds: waitMicroseconds / 1_000_000 },
    );
  }
}
