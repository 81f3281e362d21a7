/**
 * How workers announce that they are there, what they can do, and how much at once. All times are Redis' own, taken where they
 * are written and where they are compared, so that clocks of different machines are never compared.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { DamagedRecords } from '../core/damaged-records.ts';
import type { Logger } from '../core/logger.ts';
import type { Keys } from './keys.ts';

const HEARTBEAT_MS = 2_000;
/** A worker whose last heartbeat is older is not counted. */
const HEARTBEAT_LIMIT_MS = 5 * HEARTBEAT_MS;
/** An announcement that was last made this long ago is forgotten. */
const FORGET_AFTER_MS = 100 * HEARTBEAT_MS;

const NOW = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`;

/** KEYS[1]: sorted set of announcements by the time (ms) they were last made. ARGV: FORGET_AFTER_MS, then those made now. */
const ANNOUNCE = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + ARGV[1], '+inf')
for index = 2, #ARGV do redis.call('ZADD', KEYS[1], now, ARGV[index]) end
`;

/**
 * What was announced within ARGV[1] ms, counted ahead as well as back: a clock that was set back, or that of a node that took
 * over, finds times in the future, and what nobody announces any more must not count until then.
 */
const PRESENT = `${NOW}
return redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], now + ARGV[1])
`;

/** What does not change while a worker lives. */
export interface WorkerOffer {
  /** Jobs that it runs at the same time. */
  readonly slots: number;
  /** The combination of providers that it runs each workflow with; names of letters, digits and `+`. */
  readonly setups: Readonly<Record<string, string>>;
}

interface HeartbeatParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly logger: Logger;
  /** Called at every beat, so that a tool that is installed meanwhile counts. */
  readonly abilities: () => Promise<readonly string[]>;
  readonly offer: WorkerOffer;
}

/** Announces every 2 s that this worker is there, until `close`. */
export function startHeartbeat({ redis, keys, logger, abilities, offer }: HeartbeatParts): {
  close(): Promise<void>;
} {
  const id = toMember(randomUUID(), offer);
  const beat = async (): Promise<void> => {
    const offered = await abilities();
    // No pipeline: the two keys may lie on different nodes of a Cluster.
    await Promise.all([announce(redis, keys.workers, [id]), announce(redis, keys.abilities, offered)]);
  };
  const beatSafely = (): void => {
    beat().catch((err: unknown) => logger.warn({ err }, 'heartbeat failed'));
  };
  beatSafely();
  const timer = setInterval(beatSafely, HEARTBEAT_MS);
  return {
    close: async () => {
      clearInterval(timer);
      if (redis.status === 'ready') await redis.zrem(keys.workers, id).catch(() => {});
    },
  };
}

async function announce(redis: Redis, key: string, members: readonly string[]): Promise<void> {
  await redis.eval(ANNOUNCE, 1, key, FORGET_AFTER_MS, ...members);
}

/** What was announced within 10 s. */
async function listPresent(redis: Redis, key: string): Promise<readonly string[]> {
  return (await redis.eval(PRESENT, 1, key, HEARTBEAT_LIMIT_MS)) as string[];
}

/** `id slots WORKFLOW=setup …`: one member, so that a worker and its offer are never apart. */
function toMember(id: string, { slots, setups }: WorkerOffer): string {
  return [id, slots, ...Object.entries(setups).map((pair) => pair.join('='))].join(' ');
}

/** More than any worker has: a worker that claimed more would be believed to take the whole queue at once. */
const MAX_SLOTS = 10_000;

/** Null for what no worker of ours announces. */
function readOffer(member: string): WorkerOffer | null {
  const [, slots = '1', ...setups] = member.split(' ');
  const count = Number(slots);
  if (!Number.isInteger(count) || count < 1 || count > MAX_SLOTS) return null;
  return { slots: count, setups: Object.fromEntries(setups.map((pair) => pair.split('='))) };
}

/** What the workers heard from within 10 s offer, one entry each. */
export async function listOffers(
  redis: Redis,
  keys: Keys,
  damaged?: DamagedRecords,
): Promise<readonly WorkerOffer[]> {
  const members = await listPresent(redis, keys.workers);
  const offers = members.map(readOffer);
  for (const [at, offer] of offers.entries()) {
    if (offer === null)
      damaged?.note('worker_offer', `${keys.workers} ${members[at]}`, 'expected a number of slots');
  }
  return offers.filter((offer) => offer !== null);
}

/** The number of workers heard from within 10 s. */
export async function countWorkers(redis: Redis, keys: Keys): Promise<number> {
  return (await listPresent(redis, keys.workers)).length;
}

/** The first of `needed` that no worker has offered within 10 s; undefined when all are offered. */
export async function findMissingAbility<Ability extends string>(
  redis: Redis,
  keys: Keys,
  needed: readonly Ability[],
): Promise<Ability | undefined> {
  if (needed.length === 0) return undefined;
  const offered = new Set(await listPresent(redis, keys.abilities));
  return needed.find((ability) => !offered.has(ability));
}
