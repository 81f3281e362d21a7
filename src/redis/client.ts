/** Redis connections: how they are made, and how a wait for Redis is limited. */
import { Redis, type RedisOptions } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';

/**
 * Opens a connection that reconnects for ever (50 ms, doubling to 1 s, with jitter) and subscribes again by itself.
 * Commands wait for the connection; limit the wait with `withDeadline` where somebody waits for the answer.
 * Commands in flight when a connection breaks are sent again by ioredis, so every write must bear repetition.
 */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
  const client = new Redis({
    ...readRedisUrl(url),
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    retryStrategy: (tries) => Math.min(1_000, 50 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random() / 2),
    // After a failover the old primary answers READONLY: reconnect and send the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  });
  client.on('error', onError);
  keepQuiet(client);
  watchSilence(client);
  return client;
}

/** What ioredis needs to reach the server, or the primary of a Sentinel set, that a URL names. */
export type RedisPlace = Pick<
  RedisOptions,
  'host' | 'port' | 'username' | 'password' | 'db' | 'tls' | 'sentinels' | 'name' | 'sentinelPassword'
>;

const URL_FORMS =
  'redis://[user:password@]host:port[/db], rediss://… or redis+sentinel://[user:password@]host:port,host:port/name[/db]';
const AUTHORITY =
  /^(?<scheme>rediss?|redis\+sentinel):\/\/(?:(?<user>[^:@/]*):(?<password>[^@/]*)@)?(?<hosts>[^/?]+)(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/;

/**
 * Reads a Redis URL: `redis://`, `rediss://` (TLS), or `redis+sentinel://user:password@host:port,host:port/name/db`, where
 * the hosts are the sentinels, the name is that of their primary (`mymaster` when left out), user and password are those
 * of the Redis servers, and `?sentinelPassword=…` is that of the sentinels.
 * @throws RangeError
 */
export function readRedisUrl(url: string): RedisPlace {
  const parts = AUTHORITY.exec(url)?.groups;
  if (parts === undefined) throw new RangeError(`expected ${URL_FORMS}`);
  const { scheme, user = '', password, hosts = '', path = '', query = '' } = parts;
  const isSentinel = scheme === 'redis+sentinel';
  const [first = '', second = ''] = path.split('/').slice(1);
  const places = hosts.split(',').map((host) => readHost(host, isSentinel ? 26_379 : 6_379));
  const place = places[0];
  const db = isSentinel ? second : first;
  if (place === undefined || (!isSentinel && places.length > 1) || !/^\d*$/.test(db)) {
    throw new RangeError(`expected ${URL_FORMS}`);
  }
  const common = {
    ...(user !== '' && { username: decodeURIComponent(user) }),
    ...(password !== undefined && { password: decodeURIComponent(password) }),
    ...(db !== '' && { db: Number(db) }),
  };
  if (!isSentinel) return { ...common, ...place, ...(scheme === 'rediss' && { tls: {} }) };
  const sentinelPassword = new URLSearchParams(query).get('sentinelPassword');
  return {
    ...common,
    sentinels: places,
    name: decodeURIComponent(first) || 'mymaster',
    ...(sentinelPassword !== null && { sentinelPassword }),
  };
}

function readHost(text: string, defaultPort: number): { readonly host: string; readonly port: number } {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = six ?? four;
  if (host === undefined) throw new RangeError(`expected ${URL_FORMS}`);
  return { host, port: port === undefined ? defaultPort : Number(port) };
}

/** A connection that answers nothing for this long is half-open... */
const SILENCE_MS = 8_000;
/** ...which is looked at this often: it is noticed within 18 s, the end of the old socket included. */
const PING_EVERY_MS = 8_000;

/** Makes a connection anew whose other side is gone without having said so. TCP itself takes many minutes. */
function watchSilence(client: Redis): void {
  let limit: NodeJS.Timeout | null = null;
  const answered = (): void => {
    if (limit !== null) clearTimeout(limit);
    limit = null;
  };
  // Not at once: after a long stop of this process, the answer lies in the socket, still to be read.
  const silent = (): void => {
    limit = setTimeout(() => {
      if (limit !== null && client.status === 'ready') client.disconnect(true);
      limit = null;
    }, 100).unref();
  };
  const pings = setInterval(() => {
    if (client.status !== 'ready' || limit !== null) return;
    limit = setTimeout(silent, SILENCE_MS).unref();
    client.ping().then(answered, answered);
  }, PING_EVERY_MS).unref();
  client.on('close', answered);
  client.once('end', () => {
    clearInterval(pings);
    answered();
  });
}

/**
 * After a reconnect ioredis subscribes again and awaits no answer: a failure (the connection ends meanwhile) would end the
 * process as an unhandled rejection. Whoever calls these methods still gets the failure.
 */
function keepQuiet(client: Redis): void {
  for (const name of ['subscribe', 'psubscribe', 'ssubscribe', 'select'] as const) {
    const send = (client[name] as (...args: unknown[]) => Promise<unknown>).bind(client);
    Reflect.set(client, name, (...args: unknown[]) => {
      const answer = send(...args);
      answer.catch(() => {});
      return answer;
    });
  }
}

/** A wait is counted in so many ticks. */
const TICKS = 10;

/**
 * Limits the wait for a Redis answer. The command itself may still be carried out later.
 * A process that is too busy to read the answer does not take its own lag for Redis' silence: the time is counted in
 * ticks, of which the event loop carries out at most one per turn.
 * @throws PlayheadError UNAVAILABLE when there was no answer within `limitMs`
 */
export async function withDeadline<T>(answer: Promise<T>, limitMs = 2_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      if (ticks < TICKS) {
        timer = setTimeout(tick, limitMs / TICKS);
        return;
      }
      reject(
        new PlayheadError('UNAVAILABLE', `Redis did not answer within ${limitMs} ms; try again shortly`),
      );
    };
    timer = setTimeout(tick, limitMs / TICKS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a connection without waiting for Redis when it is away. */
export async function closeRedis(client: Redis): Promise<void> {
  if (client.status === 'ready') {
    await client.quit().catch(() => client.disconnect());
  } else {
    client.disconnect();
  }
}
