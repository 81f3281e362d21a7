/** The connections and commands of redis-transport.ts, which loads this module on first use. */
import type { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { type Cancelled, readControl } from '../jobs/control.ts';
import { TrackedJobs } from '../jobs/tracked-jobs.ts';
import { DEFAULT_LOG_SETTINGS } from '../log/log.ts';
import { closeRedis, connectRedis } from '../redis/client.ts';
import { createKeys } from '../redis/keys.ts';
import { databaseOf } from '../redis/url.ts';

/** Where Playhead's keys are. */
export interface RedisTarget {
  readonly redis: string | Redis;
  readonly prefix: string | undefined;
  readonly logLength: number | undefined;
  readonly logger: Logger;
}

export interface RedisCommands {
  readonly jobs: TrackedJobs;
  isError(value: unknown): value is PlayheadError;
  close(): Promise<void>;
}

/** Opens two connections: one for commands, and one that listens for cancellations. */
export function openRedisCommands({
  logger,
  logLength,
  onCancelled,
  prefix,
  redis: to,
}: RedisTarget & { readonly onCancelled: (cancelled: Cancelled) => void }): RedisCommands {
  // Connection failures are reported by the commands that fail because of them.
  const connect = (): Redis => (typeof to === 'string' ? connectRedis(to, () => {}) : connectLike(to));
  const [redis, subscriber] = [connect(), connect()];
  const database = typeof to === 'string' ? databaseOf(to) : (to.options.db ?? 0);
  const keys = createKeys(prefix, database);
  subscriber.on('message', (channel: string, text: string) => {
    const read = channel === keys.control ? readControl(text) : null;
    if (read !== null && 'cancel' in read) onCancelled(read.cancel);
  });
  subscriber.subscribe(keys.control).catch((err: unknown) => {
    logger.warn({ err }, 'listening for cancellations failed; they are heard with the next report');
  });
  const logSettings = { ...DEFAULT_LOG_SETTINGS, ...(logLength !== undefined && { maxLength: logLength }) };
  return {
    jobs: new TrackedJobs({ redis, keys, logger, logSettings }),
    isError: (value) => value instanceof PlayheadError,
    close: async () => {
      await Promise.all([closeRedis(redis), closeRedis(subscriber)]);
    },
  };
}

/** A connection like a client's, except that it waits for its server as long as it takes, and uses no key prefix. */
function connectLike(client: Redis): Redis {
  const like = client.duplicate({
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    lazyConnect: false,
    keyPrefix: '',
  });
  like.on('error', () => {});
  return like;
}
