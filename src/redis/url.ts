/** Redis URLs: a server, the primary of a Sentinel set, or a Cluster. */
import type { RedisOptions } from 'ioredis';

interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** What ioredis needs to reach what a URL names. */
export type RedisPlace = Pick<
  RedisOptions,
  'host' | 'port' | 'username' | 'password' | 'db' | 'tls' | 'sentinels' | 'name' | 'sentinelPassword'
> & {
  /** Some nodes of a Cluster, from which the others are learned. */
  readonly clusterNodes?: readonly HostPort[];
};

/** The forms that `readRedisUrl` takes. */
export const REDIS_URL_FORMS =
  'redis://[user:password@]host:port[/db], rediss://… (TLS), redis+sentinel://[user:password@]host:port,host:port/name[/db], or redis+cluster://[user:password@]host:port,host:port and rediss+cluster://… (TLS)';
const AUTHORITY =
  /^(?<scheme>rediss?|redis\+sentinel|rediss?\+cluster):\/\/(?:(?<user>[^:@/]*):(?<password>[^@/]*)@)?(?<hosts>[^/?@]+)(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/;

/**
 * Reads a Redis URL: `redis://`, `rediss://` (TLS), or
 *
 * - `redis+sentinel://user:password@host:port,host:port/name/db`, where the hosts are the sentinels, the name is that of
 *   their primary (`mymaster` when left out), user and password are those of the Redis servers, and
 *   `?sentinelPassword=…` is that of the sentinels;
 * - `redis+cluster://user:password@host:port,host:port` (`rediss+cluster://` with TLS), where the hosts are some nodes of a
 *   Cluster, which has no databases.
 * @throws RangeError
 */
export function readRedisUrl(url: string): RedisPlace {
  const parts = AUTHORITY.exec(url)?.groups;
  if (parts === undefined) throw new RangeError(`expected ${REDIS_URL_FORMS}`);
  const { scheme = '', user = '', password, hosts = '', path = '', query = '' } = parts;
  const access = {
    ...(user !== '' && { username: decodePart(user) }),
    ...(password !== undefined && { password: decodePart(password) }),
    ...(scheme.startsWith('rediss') && { tls: {} }),
  };
  if (scheme.endsWith('+cluster')) return { ...access, clusterNodes: readCluster(hosts, path, query) };
  const isSentinel = scheme === 'redis+sentinel';
  const [first = '', second = ''] = path.split('/').slice(1);
  const places = hosts.split(',').map((host) => readHost(host, isSentinel ? 26_379 : 6_379));
  const place = places[0];
  const db = isSentinel ? second : first;
  if (place === undefined || (!isSentinel && places.length > 1) || !/^\d*$/.test(db)) {
    throw new RangeError(`expected ${REDIS_URL_FORMS}`);
  }
  const common = { ...access, ...(db !== '' && { db: Number(db) }) };
  if (!isSentinel) return { ...common, ...place };
  const sentinelPassword = new URLSearchParams(query).get('sentinelPassword');
  return {
    ...common,
    sentinels: places,
    name: decodePart(first) || 'mymaster',
    ...(sentinelPassword !== null && { sentinelPassword }),
  };
}

/** The number of the database that a URL names; 0 when it names none. @throws RangeError */
export function databaseOf(url: string): number {
  return readRedisUrl(url).db ?? 0;
}

/**
 * What to say about a URL that `readRedisUrl` does not accept and whose user or password holds a character that means something
 * else there.
 * @returns null when that is not what is wrong
 */
export function findRawCharacter(url: string): string | null {
  // The host comes after the last @; what comes before it should be encoded.
  const userInfo = /^[a-z+]+:\/\/(.*)@/.exec(url)?.[1];
  if (userInfo === undefined) return null;
  const raw = /%(?![0-9A-Fa-f]{2})|[/@?#]/.exec(userInfo)?.[0] ?? (isDecodable(userInfo) ? null : '%');
  if (raw === null) return null;
  const encoded = `%${raw.charCodeAt(0).toString(16).toUpperCase()}`;
  return `its user or password holds ${raw}, which must be percent-encoded: ${encoded} (@ is %40, / is %2F, % is %25)`;
}

function decodePart(text: string): string {
  if (!isDecodable(text)) throw new RangeError(`expected ${REDIS_URL_FORMS}`);
  return decodeURIComponent(text);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function readCluster(hosts: string, path: string, query: string): readonly HostPort[] {
  if ((path !== '' && path !== '/') || query !== '') {
    throw new RangeError(`expected no database and no query, which a Cluster has not: ${REDIS_URL_FORMS}`);
  }
  return hosts.split(',').map((host) => readHost(host, 6_379));
}

function readHost(text: string, defaultPort: number): HostPort {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = six ?? four;
  if (host === undefined) throw new RangeError(`expected ${REDIS_URL_FORMS}`);
  return { host, port: port === undefined ? defaultPort : Number(port) };
}
