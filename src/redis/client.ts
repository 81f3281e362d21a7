/** Redis connections: how they are made, and how a wait for Redis is limited. */
import { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';

/**
 * Opens a connection that reconnects for ever (50 ms, doubling to 1 s, with jitter) and subscribes again by itself.
 * Commands wait for the connection; limit the wait with `withDeadline` where somebody waits for the answer.
 * Commands in flight when a connection breaks are sent again by ioredis, so every write must bear repetition.
 */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
  const client = new Redis(url, {
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

/**
 * Limits the wait for a Redis answer. The command itself may still be carried out later.
 * @throws PlayheadError UNAVAILABLE when there was no answer within `limitMs`
 */
export async function withDeadline<T>(answer: Promise<T>, limitMs = 2_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new PlayheadError('UNAVAILABLE', `Redis did not answer within ${limitMs} ms; try again shortly`),
      );
    }, limitMs);
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
