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

/** Over Playhead's own Redis, with ioredis, which must be installed. Far cheaper, for tasks that can reach it. */
interface OverRedis {
  /** As the server's REDIS_URL; or a client, which is not touched: connections like it are opened beside it. */
  readonly redis: string | Redis;
  /** As the server's PLAYHEAD_PREFIX. @default 'playhead' */
  readonly prefix?: string;
  /** As the server's PLAYHEAD_LOG_LENGTH. @default 10,000 events */
  readonly logLength?: number;
  readonly url?: undefined;
}

interface Common extends ConnectionWaits {
  /** Where it is logged that the server is away, is back, or has refused something. @default the console */
  readonly logger?: Logger;
}

/** Options of connectTracker. Without an address, it reads PLAYHEAD_URL and PLAYHEAD_TOKEN, as the command line does. */
export type ConnectOptions = Common &
  (OverHttp | OverRedis | { readonly url?: undefined; readonly redis?: undefined });

/**
 * Opens a process's connection to Playhead; one is enough for all of its tasks. Returns at once, whether or not a server is up.
 * @throws TypeError, RangeError for an invalid address
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
