/** connectTracker: how a process reaches Playhead. */
import type { Redis } from 'ioredis';
import type { Logger } from '../core/logger.ts';
import { readRedisUrl } from '../redis/url.ts';
import { type ConnectionWaits, TrackerConnection } from './connection.ts';
import { HttpApi, type HttpApiOptions } from './http-api.ts';
import { HttpTransport } from './http-transport.ts';
import { RedisTransport } from './redis-transport.ts';
import type { TrackerTransport } from './transport.ts';

/** Over the API, with fetch. */
interface OverHttp extends HttpApiOptions {
  readonly redis?: undefined;
}

/** Over Playhead's own Redis, with ioredis, which is to be installed. Cheaper by far, for tasks that may reach it. */
interface OverRedis {
  /** As REDIS_URL of the server; or a client, which stays as it is: connections of its kind are opened beside it. */
  readonly redis: string | Redis;
  /** As PLAYHEAD_PREFIX of the server. @default 'playhead' */
  readonly prefix?: string;
  /** As PLAYHEAD_LOG_LENGTH of the server. @default 10,000 events */
  readonly logLength?: number;
  readonly url?: undefined;
}

interface Common extends ConnectionWaits {
  /** Where it is said that the server is away, is back, or refuses something. @default the console */
  readonly logger?: Logger;
}

/** What connectTracker takes. Without an address: PLAYHEAD_URL and PLAYHEAD_TOKEN, as the command line does. */
export type ConnectOptions = Common &
  (OverHttp | OverRedis | { readonly url?: undefined; readonly redis?: undefined });

/**
 * Opens a process's connection to Playhead; one is enough for all of its tasks. Returns at once, whether a server is there or
 * not.
 * @throws TypeError, RangeError for an address that is none
 * @example const playhead = connectTracker({ url: 'https://playhead.example', token: process.env.PLAYHEAD_TOKEN });
 * @example const playhead = connectTracker({ redis: 'redis://127.0.0.1:6379' });
 */
export function connectTracker(options: ConnectOptions = {}): TrackerConnection {
  const { logger = consoleLogger } = options;
  return new TrackerConnection({ ...options, logger, transport: openTransport(options, logger) });
}

function openTransport(options: ConnectOptions, logger: Logger): TrackerTransport {
  if (options.redis !== undefined) {
    const { logLength, prefix, redis } = options;
    if (typeof redis === 'string') readRedisUrl(redis);
    return new RedisTransport({ redis, prefix, logLength, logger });
  }
  const { url, ...rest } = options.url === undefined ? fromEnvironment() : options;
  if (url === undefined) {
    throw new TypeError('expected url or redis, or an address in PLAYHEAD_URL, received none of them');
  }
  return new HttpTransport(new HttpApi({ ...rest, url }));
}

function fromEnvironment(): { readonly url: string | undefined; readonly token: string | null } {
  return { url: process.env['PLAYHEAD_URL'], token: process.env['PLAYHEAD_TOKEN'] ?? null };
}

const say =
  (method: 'info' | 'warn' | 'error') =>
  (_fields: object, message: string): void =>
    console[method](`playhead: ${message}`);

const consoleLogger: Logger = { debug() {}, info: say('info'), warn: say('warn'), error: say('error') };
