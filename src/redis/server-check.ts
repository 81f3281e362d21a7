/** Whether a Redis server is fit to hold jobs; asked once when a process starts. */
import type { Redis } from 'ioredis';
import { closeRedis, connectRedis, withDeadline } from './client.ts';
import { isSupportedRedis, MINIMUM_REDIS } from './version.ts';

/** How long a start waits for an answer; a Redis that is away is waited for later, as ever. */
const ANSWER_LIMIT_MS = 2_000;

/**
 * @returns what is wrong, with the remedy; null when all is well, and when Redis does not answer or may not be asked
 *   (`unknown` says so)
 */
export async function checkRedisServer(
  redis: Pick<Redis, 'info'>,
): Promise<{ readonly fault: string | null; readonly unknown: boolean }> {
  const info = await withDeadline(redis.info(), ANSWER_LIMIT_MS).catch(() => null);
  if (info === null) return { fault: null, unknown: true };
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = field('redis_version');
  if (version !== undefined && !isSupportedRedis(version)) {
    return {
      fault: `Redis: expected version ${MINIMUM_REDIS} or later, received ${version}`,
      unknown: false,
    };
  }
  const policy = field('maxmemory_policy');
  if (policy === undefined || policy === 'noeviction') return { fault: null, unknown: policy === undefined };
  const fault = `Redis: expected maxmemory-policy noeviction, received ${policy}, under which jobs would vanish. Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and in redis.conf`;
  return { fault, unknown: false };
}

/** Asks the server at a URL. @returns what is wrong, with the remedy, or null */
export async function findRedisFault(url: string): Promise<string | null> {
  const redis = connectRedis(url, () => {});
  try {
    return (await checkRedisServer(redis)).fault;
  } finally {
    await closeRedis(redis);
  }
}
