/**
 * Redis Cluster: its client, and commands for several slots at once. Each key belongs to the node that serves its slot, and
 * the slot follows from the text between `{` and `}`, else from the whole key (keys.ts).
 */
import { Cluster, type Redis } from 'ioredis';
import type { RedisPlace } from './url.ts';

/** A Cluster serves a slot again some seconds after its primary's death; until then a command is tried this often. */
const TRY_AGAIN_MS = 100;
/** How long the nodes that a failover left may be asked in vain for the slots. */
const SLOTS_TIMEOUT_MS = 2_000;

/**
 * Waits for the Cluster as a single connection waits for its server: ioredis would reject what was in flight when the last
 * node was lost, or after so many redirections. Writes bear repetition (client.ts).
 */
class PatientCluster extends Cluster {
  override handleError(...[error, ttl, handlers]: Parameters<Cluster['handleError']>): void {
    if (error.message === 'Connection is closed.' && this.status !== 'ready' && this.status !== 'end') {
      setTimeout(() => handlers.connectionClosed(), TRY_AGAIN_MS);
    } else {
      super.handleError(error, ttl, handlers);
    }
  }
}

/**
 * Has a client say `end` also when a `connect` has overtaken a `disconnect`; ioredis (5) forgets it then. BullMQ's worker (6.7)
 * resets its blocking connection, a duplicate of ours, after an outage, and waits for that `end`: without it, it takes no more
 * jobs (https://github.com/taskforcesh/bullmq/issues/4138).
 */
function sayEnd(cluster: Cluster): Cluster {
  const disconnect = cluster.disconnect.bind(cluster);
  const duplicate = cluster.duplicate.bind(cluster);
  let isDue = false;
  cluster.disconnect = (reconnect = false) => {
    isDue ||= !reconnect;
    disconnect(reconnect);
  };
  cluster.on('end', () => {
    isDue = false;
  });
  // Behind those who wait for `ready`, and would take an `end` for a failure.
  cluster.on('ready', () => setImmediate(() => isDue && cluster.emit('end')));
  cluster.duplicate = ((...args) => sayEnd(duplicate(...args))) as typeof cluster.duplicate;
  return cluster;
}

/** Opens a client of a Cluster; reads go to primaries only, since a replica may lack what was written (G2). */
export function connectCluster(
  { clusterNodes = [], username, password, tls }: RedisPlace,
  nodeOptions: { readonly connectTimeout: number; readonly keepAlive: number },
  retryDelayMs: (tries: number) => number,
): Cluster {
  const cluster = new PatientCluster([...clusterNodes], {
    redisOptions: {
      ...nodeOptions,
      maxRetriesPerRequest: null,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(tls !== undefined && { tls }),
    },
    clusterRetryStrategy: retryDelayMs,
    maxRedirections: Number.POSITIVE_INFINITY,
    retryDelayOnFailover: TRY_AGAIN_MS,
    retryDelayOnClusterDown: TRY_AGAIN_MS,
    retryDelayOnTryAgain: TRY_AGAIN_MS,
    // Two nodes may each take the other for a slot's owner during a failover: not in a busy loop.
    retryDelayOnMoved: 20,
    slotsRefreshTimeout: SLOTS_TIMEOUT_MS,
    shardedSubscribers: true,
    // A certificate names hosts, not addresses.
    ...(tls !== undefined && {
      dnsLookup: (address: string, done: (error: null, address: string) => void) => done(null, address),
    }),
  });
  return sayEnd(cluster);
}

/** The Cluster behind a connection of `connectRedis`; null for a single server or a Sentinel set. */
export function clusterOf(client: Redis): Cluster | null {
  // Widened: connectRedis gives a Cluster the type of a Redis, whose commands it has.
  const maybe: unknown = client;
  return maybe instanceof Cluster ? maybe : null;
}

/** A command and its arguments, the key first. */
export type KeyedCommand = readonly [name: string, key: string, ...args: (string | number)[]];

/**
 * Sends many commands at once and awaits all answers, in the order asked: one pipeline, on a Cluster one per hash tag.
 * @throws the first error among the answers
 */
export async function sendMany<T>(client: Redis, commands: readonly KeyedCommand[]): Promise<readonly T[]> {
  const answers = await sendEach<T>(client, commands);
  for (const answer of answers) if (answer instanceof WrongType) throw answer;
  return answers as readonly T[];
}

/** In the place of an answer: the key is of another type than the command takes. */
export class WrongType extends Error {
  override readonly name = 'WrongType';
}

/** A command's error that is about its key alone, and says nothing about the server; null for any other error. */
export function wrongTypeOf(error: unknown): WrongType | null {
  const isWrong = error instanceof Error && error.message.startsWith('WRONGTYPE');
  return isWrong ? new WrongType(error.message, { cause: error }) : null;
}

/** The same, with WrongType in the places of commands whose keys are of another type. @throws the first other error */
export async function sendEach<T>(
  client: Redis,
  commands: readonly KeyedCommand[],
): Promise<readonly (T | WrongType)[]> {
  if (clusterOf(client) === null) return pipelined<T>(client, commands);
  const numbered = commands.map((command, index) => ({ command, index }));
  const groups = [...Map.groupBy(numbered, ({ command: [, key] }) => tagOf(key)).values()];
  const answers = new Array<T | WrongType>(commands.length);
  await Promise.all(
    groups.map(async (group) => {
      const found = await pipelined<T>(
        client,
        group.map(({ command }) => command),
      );
      for (const [at, { index }] of group.entries()) answers[index] = found[at] as T | WrongType;
    }),
  );
  return answers;
}

async function pipelined<T>(
  client: Redis,
  commands: readonly KeyedCommand[],
): Promise<readonly (T | WrongType)[]> {
  const answers = await client.pipeline(commands.map((command) => [...command])).exec();
  return (answers ?? []).map(([error, value]) => {
    const wrongType = wrongTypeOf(error);
    if (error && wrongType === null) throw error;
    // Each command's caller knows what it answers.
    return wrongType ?? (value as T);
  });
}

/** What decides a key's slot: the text between the first `{` and the next `}`, unless it is empty. */
function tagOf(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}
