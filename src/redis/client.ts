/** Redis connections: how they are made, and how a wait for Redis is limited. */
import { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';
import { METERS } from '../core/meters.ts';
import { gatherWrites } from '../patches/ioredis-gathered-writes.ts';
import { hearLaterErrors } from '../patches/ioredis-later-errors.ts';
import { stayOnDatabase } from '../patches/ioredis-lost-database.ts';
import { awaitRestoring } from '../patches/ioredis-restoring.ts';
import { connectCluster } from './cluster.ts';
import { noteRefusal, type RedisTrouble, troubleOf } from './replies.ts';
import { type RedisPlace, readRedisUrl } from './url.ts';

/**
 * Opens a connection that reconnects for ever (50 ms, doubling to 1 s, with jitter) and subscribes again by itself.
 * Commands wait for the connection; limit the wait with `withDeadline` where somebody waits for the answer.
 * Commands in flight when a connection breaks are sent again by ioredis, so every write must bear repetition.
 */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
  hearLaterErrors();
  const place = readRedisUrl(url);
  const client = place.clusterNodes === undefined ? connectServer(place) : connectNodes(place, onError);
  client.on('error', onError);
  // Note what keeps it from being ready: a password that was set later, for example.
  client.on('error', (error) => noteTrouble(client, troubleOf(error)));
  client.on('reconnecting', () => METERS.redisReconnects.add(1));
  awaitRestoring(client);
  return client;
}

const troubles = new WeakMap<Redis, { readonly trouble: RedisTrouble; readonly at: number }>();
/** A connection that can't be used is tried again about once a second. */
const TROUBLE_LASTS_MS = 5_000;

function noteTrouble(client: Redis, trouble: RedisTrouble | null): void {
  if (trouble !== null) troubles.set(client, { trouble, at: performance.now() });
}

/** Why a connection of `connectRedis` does not serve, if that was reported within the last few seconds. */
export function lastTroubleOf(client: Redis): RedisTrouble | null {
  const last = troubles.get(client);
  return last !== undefined && performance.now() - last.at < TROUBLE_LASTS_MS ? last.trouble : null;
}

/** An account of Redis 7.0 can't be given the right to CLIENT SETINFO, which 7.2 and Valkey have. */
const SOCKET = { connectTimeout: 5_000, keepAlive: 10_000, disableClientInfo: true } as const;

function connectServer(place: RedisPlace): Redis {
  const client: Redis = new Redis({
    ...place,
    ...SOCKET,
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    retryStrategy: retryDelayMs,
    // After a failover the old primary answers READONLY: reconnect and send the command again.
    reconnectOnError: (error) => {
      const trouble = troubleOf(error);
      if (trouble?.code !== 'READONLY') return false;
      noteTrouble(client, trouble);
      return 2;
    },
  });
  watchSilence(client);
  gatherWrites(client);
  stayOnDatabase(client);
  return client;
}

function connectNodes(place: RedisPlace, onError: (error: Error) => void): Redis {
  const cluster = connectCluster(place, SOCKET, retryDelayMs);
  cluster.on('+node', watchSilence);
  cluster.on('+node', gatherWrites);
  cluster.on('node error', onError);
  // It has every command that a Redis has. For what differs, callers use `clusterOf`.
  return cluster as unknown as Redis;
}

function retryDelayMs(tries: number): number {
  return Math.min(1_000, 50 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random() / 2);
}

/** A connection that answers nothing for this long is half-open. */
const SILENCE_MS = 8_000;
/** How often this is checked: a half-open connection is noticed within 18 s, including the end of the old socket. */
const PING_EVERY_MS = 8_000;

/** Reconnects when the other side is gone without having said so. TCP itself takes many minutes. */
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

/** A wait is counted in this many ticks. */
const TICKS = 10;

/**
 * Limits the wait for a Redis answer. The command itself may still be carried out later.
 * A process that is too busy to read the answer does not take its own lag for Redis' silence: the time is counted in
 * ticks, of which the event loop carries out at most one per turn.
 * @throws PlayheadError UNAVAILABLE when there was no answer within `limitMs`, or none serves at the moment
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
  } catch (error) {
    throw toUnavailable(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Redis trouble as it is reported to clients; the reason is for operators (health.ts). */
function toUnavailable(error: unknown): unknown {
  const trouble = error instanceof PlayheadError ? null : troubleOf(error);
  if (trouble === null) return error;
  if (trouble.kind === 'refusing') noteRefusal(trouble);
  const what =
    trouble.kind === 'away' ? 'Redis is being changed over' : 'Redis refuses to work at the moment';
  return new PlayheadError('UNAVAILABLE', `${what}; try again shortly`, { cause: error });
}

/** Ends a connection without waiting for Redis when it is away. */
export async function closeRedis(client: Redis): Promise<void> {
  if (client.status === 'ready') {
    await client.quit().catch(() => client.disconnect());
  } else {
    client.disconnect();
  }
}
