/** Whether Redis is fit to hold jobs, and is what its URL says; asked once when a process starts. */
import { Redis } from 'ioredis';
import { closeRedis, connectRedis, withDeadline } from './client.ts';
import { clusterOf } from './cluster.ts';
import { type RedisPlace, readRedisUrl } from './url.ts';
import { isSupportedRedis, MINIMUM_REDIS } from './version.ts';

/** How long a start waits for an answer; a Redis that is away is waited for later, as ever. */
const ANSWER_LIMIT_MS = 2_000;

type Asked = Pick<Redis, 'info'>;

/**
 * @returns what is wrong, with the remedy; null when all is well, and when Redis does not answer or may not be asked
 *   (`unknown` says so)
 */
export async function checkRedisServer(
  redis: Asked,
): Promise<{ readonly fault: string | null; readonly unknown: boolean }> {
  const info = await withDeadline(redis.info(), ANSWER_LIMIT_MS).catch(() => null);
  if (info === null) return { fault: null, unknown: true };
  const version = fieldOf(info, 'redis_version');
  if (version !== undefined && !isSupportedRedis(version)) {
    return {
      fault: `Redis: expected version ${MINIMUM_REDIS} or later, received ${version}`,
      unknown: false,
    };
  }
  const policy = fieldOf(info, 'maxmemory_policy');
  if (policy === undefined || policy === 'noeviction') return { fault: null, unknown: policy === undefined };
  const fault = `Redis: expected maxmemory-policy noeviction, received ${policy}, under which jobs would vanish. Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and in redis.conf`;
  return { fault, unknown: false };
}

/** Asks the server at a URL, of a Cluster every primary. @returns what is wrong, with the remedy, or null */
export async function findRedisFault(url: string): Promise<string | null> {
  const place = readRedisUrl(url);
  // A client of the other kind gets no further than its first command, so the mode is asked for by one that needs none.
  const fault = await findModeFault(place);
  if (fault !== null) return fault;
  const redis = connectRedis(url, () => {});
  try {
    for (const server of await primariesOf(redis)) {
      const found = (await checkRedisServer(server)).fault;
      if (found !== null) return found;
    }
    return null;
  } finally {
    await closeRedis(redis);
  }
}

/** All nodes that hold keys. None when a Cluster can't be reached. */
async function primariesOf(redis: Redis): Promise<readonly Asked[]> {
  const cluster = clusterOf(redis);
  if (cluster === null) return [redis];
  const ready = new Promise<void>((resolve) => cluster.once('ready', () => resolve()));
  const isReady = await withDeadline(ready, ANSWER_LIMIT_MS).then(
    () => true,
    () => false,
  );
  return isReady ? cluster.nodes('master') : [];
}

/** Compares the form of a URL with what the first of its servers that answers says it is. */
async function findModeFault({ clusterNodes, sentinels, ...server }: RedisPlace): Promise<string | null> {
  if (sentinels !== undefined) return null;
  const { host: _, port: __, ...access } = server;
  for (const node of clusterNodes ?? [server]) {
    const mode = await modeOf({ ...access, ...node });
    if (mode === undefined) continue;
    if (clusterNodes !== undefined && mode !== 'cluster') {
      return `REDIS_URL: expected a node of a Redis Cluster at ${node.host}:${node.port}, received a server of mode ${mode}. Write redis:// for a single server, redis+sentinel:// for a Sentinel set`;
    }
    if (clusterNodes === undefined && mode !== 'standalone') {
      const form = mode === 'cluster' ? 'redis+cluster://host:port' : 'redis+sentinel://host:port/name';
      return `REDIS_URL: expected a single Redis server, received one of mode ${mode}. Write ${form}`;
    }
    return null;
  }
  return null;
}

/** `standalone`, `cluster` or `sentinel`; undefined when nothing answers or it may not be asked. */
async function modeOf(place: RedisPlace): Promise<string | undefined> {
  const { db: _, ...options } = place;
  const client = new Redis({
    ...options,
    enableReadyCheck: false,
    retryStrategy: () => null,
    connectTimeout: ANSWER_LIMIT_MS,
    maxRetriesPerRequest: 0,
  });
  // Connection errors come back from the call below as well; without a listener ioredis prints them.
  client.on('error', () => {});
  try {
    return fieldOf(await withDeadline(client.info('server'), ANSWER_LIMIT_MS), 'redis_mode');
  } catch {
    return undefined;
  } finally {
    client.disconnect();
  }
}

function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
