/**
 * Redis Cluster: its client, and commands for several slots at once. Each key belongs to the node that serves its slot, and the
 * slot follows from the text between `{` and `}`, or else from the whole key (keys.ts).
 */
import { Cluster, type Redis, type RedisOptions } from 'ioredis';
import { endsAlways } from '../patches/ioredis-cluster-end.ts';
import { PatientCluster, TRY_AGAIN_MS } from '../patches/ioredis-patient-cluster.ts';
import type { RedisPlace } from './url.ts';

/** How long the nodes that a failover left are asked for the slots before giving up. */
const SLOTS_TIMEOUT_MS = 2_000;

/** Opens a client of a Cluster; reads go to primaries only, since a replica may lack what was written (G2). */
export function connectCluster(
  { clusterNodes = [], username, password, tls }: RedisPlace,
  nodeOptions: Pick<RedisOptions, 'connectTimeout' | 'keepAlive' | 'disableClientInfo'>,
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
    // Two nodes may each take the other for a slot's owner during a failover: avoid a busy loop.
    retryDelayOnMoved: 20,
    slotsRefreshTimeout: SLOTS_TIMEOUT_MS,
    shardedSubscribers: true,
    // A certificate names hosts, not addresses.
    ...(tls !== undefined && {
      dnsLookup: (address: string, done: (error: null, address: string) => void) => done(null, address),
    }),
  });
  return endsAlways(cluster);
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
 * Sends many commands at once and awaits all answers, in the order asked: one pipeline or, on a Cluster, one per hash tag.
 * @throws the first error among the answers
 */
export async function sendMany<T>(client: Redis, commands: readonly KeyedCommand[]): Promise<readonly T[]> {
  const answers = await sendEach<T>(client, commands);
  for (const answer of answers) if (answer instanceof WrongType) throw answer;
  return answers as readonly T[];
}

/** Stands in for an answer: the key is of another type than the command takes. */
export class WrongType extends Error {
  override readonly name = 'WrongType';
}

/** An error that is only about a command's key, and says nothing about the server; null for any other error. */
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
    // The caller of each command knows what it answers.
    return wrongType ?? (value as T);
  });
}

/** What decides a key's slot: the text between the first `{` and the next `}`, unless it is empty. */
function tagOf(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}
