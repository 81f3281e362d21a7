/** Checks whether Redis is fit to hold jobs, and is what its URL says, once when a process starts. */
import type { Redis } from 'ioredis';
import { ANSWER_LIMIT_MS, checkAccess } from './access-check.ts';
import { closeRedis, connectRedis, withDeadline } from './client.ts';
import { clusterOf } from './cluster.ts';
import { type RedisPlace, readRedisUrl } from './url.ts';
import { isSupportedRedis, MINIMUM_REDIS } from './version.ts';

type Asked = Pick<Redis, 'info'>;

/**
 * @returns what is wrong, with the remedy; null when all is well, and when Redis does not answer or refuses the question
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

/**
 * Checks the server at a URL; for a Cluster, every primary.
 * @param prefix the prefix of the keys that will be used there
 * @returns what is wrong, with the remedy; null when nothing is, or when nothing answers
 */
export async function findRedisFault(url: string, prefix = 'playhead'): Promise<string | null> {
  const place = readRedisUrl(url);
  // A client of the wrong kind gets no further than its first command, so the mode is queried by a client that needs none.
  const fault = await findPlaceFault(place, prefix);
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

/** All nodes that hold keys; none when a Cluster can't be reached. */
export async function primariesOf(redis: Redis): Promise<readonly Asked[]> {
  const cluster = clusterOf(redis);
  if (cluster === null) return [redis];
  if (cluster.status === 'ready') return cluster.nodes('master');
  const ready = new Promise<void>((resolve) => cluster.once('ready', () => resolve()));
  const isReady = await withDeadline(ready, ANSWER_LIMIT_MS).then(
    () => true,
    () => false,
  );
  return isReady ? cluster.nodes('master') : [];
}

/**
 * Compares a URL with the mode that the first of its servers to answer reports, and checks whether that server accepts the URL.
 */
async function findPlaceFault(
  { clusterNodes, ...server }: RedisPlace,
  prefix: string,
): Promise<string | null> {
  const { host: _, port: __, ...access } = server;
  if (clusterNodes === undefined) {
    const { fault, mode } = await checkAccess(server, prefix);
    return (mode === undefined ? null : findModeFault(mode, undefined, server)) ?? fault;
  }
  for (const node of clusterNodes) {
    const { fault, mode } = await checkAccess({ ...access, ...node }, prefix);
    if (mode !== undefined) return findModeFault(mode, node, server) ?? fault;
    if (fault !== null) return fault;
  }
  return null;
}

/** @param node the node of a Cluster, as the URL names it */
function findModeFault(
  mode: string,
  node: { readonly host: string; readonly port: number } | undefined,
  { sentinels }: RedisPlace,
): string | null {
  if (node !== undefined && mode !== 'cluster') {
    return `REDIS_URL: expected a node of a Redis Cluster at ${node.host}:${node.port}, received a server of mode ${mode}. Write redis:// for a single server, redis+sentinel:// for a Sentinel set`;
  }
  if (node === undefined && sentinels === undefined && mode !== 'standalone') {
    const form = mode === 'cluster' ? 'redis+cluster://host:port' : 'redis+sentinel://host:port/name';
    return `REDIS_URL: expected a single Redis server, received one of mode ${mode}. Write ${form}`;
  }
  return null;
}

function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
