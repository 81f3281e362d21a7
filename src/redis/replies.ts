/**
 * What an error reply of Redis means. Every one that is not a fault of ours is in one table: Redis is away and will serve
 * again by itself, or it refuses, which an operator has to mend. Both are UNAVAILABLE to a client; work that can wait, waits.
 */

export interface RedisTrouble {
  readonly kind: 'away' | 'refusing';
  /** The first word of the reply, for example OOM. */
  readonly code: string;
  /** For operators: what is wrong, and what to do where something can be done. */
  readonly reason: string;
}

type Row = readonly [kind: RedisTrouble['kind'], reason: string];

/** By the first word of the reply (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors). */
const REPLIES: Readonly<Record<string, Row>> = {
  LOADING: ['away', 'it is loading its data'],
  CLUSTERDOWN: ['away', 'no node of the Cluster serves some slots'],
  MASTERDOWN: ['away', 'it is a replica that has lost its primary'],
  MOVED: ['away', 'slots of the Cluster are being moved'],
  ASK: ['away', 'slots of the Cluster are being moved'],
  TRYAGAIN: ['away', 'slots of the Cluster are being moved'],
  UNBLOCKED: ['away', 'it has become a replica'],
  READONLY: [
    'refusing',
    'it is a replica. REDIS_URL has to lead to the primary: name the Sentinel set, if there is one',
  ],
  OOM: ['refusing', 'its memory has reached maxmemory. Raise maxmemory, or remove what others keep there'],
  MISCONF: ['refusing', 'it cannot write to its disk. Free space there; its own log says what failed'],
  NOREPLICAS: ['refusing', 'fewer replicas are connected than min-replicas-to-write asks for'],
  BUSY: ['refusing', 'a script of somebody keeps it busy. SCRIPT KILL ends one that has written nothing'],
  NOAUTH: ['refusing', 'it asks for a password. Put it into REDIS_URL'],
  WRONGPASS: ['refusing', 'it refuses the user name or password of REDIS_URL'],
  NOPERM: ['refusing', 'the account of REDIS_URL may not do this. docs/operations.md says what it needs'],
  DENIED: ['refusing', 'it is in protected mode. Set a password, or bind it to the right addresses'],
};

/** Replies that begin with a plain ERR. */
const OTHER_REPLIES: readonly (readonly [pattern: RegExp, code: string, ...row: Row])[] = [
  [
    /max number of clients/,
    'MAXCLIENTS',
    'refusing',
    'it has as many connections as maxclients allows. Raise maxclients',
  ],
];

/** What ioredis says while no server, or no node of a Cluster, can be reached. */
const UNREACHABLE =
  /^Connection is closed|^Command aborted due to connection close|^None of startup nodes|^All sentinels are unreachable|refresh slots cache/;

/**
 * Looks an error up, also the one behind a transaction or a failed look for a Cluster's slots.
 * @returns null for anything that is no trouble of Redis, such as a fault in a script of ours
 */
export function troubleOf(error: unknown): RedisTrouble | null {
  if (!(error instanceof Error)) return null;
  const row = fromReply(error.message);
  if (row !== null) return row;
  for (const inner of innerErrors(error)) {
    const trouble = troubleOf(inner);
    if (trouble !== null) return trouble;
  }
  return UNREACHABLE.test(error.message)
    ? { kind: 'away', code: 'UNREACHABLE', reason: 'it cannot be reached' }
    : null;
}

function fromReply(message: string): RedisTrouble | null {
  // Redis 6.2 wraps what a script's command was answered: `ERR Error running script (…): @user_script: 1: -OOM …`.
  const code = /^(?:ERR Error running script .*?: -)?([A-Z]+)\b/.exec(message)?.[1] ?? '';
  const row = Object.hasOwn(REPLIES, code) ? REPLIES[code] : undefined;
  if (row !== undefined) return { kind: row[0], code, reason: row[1] };
  const other = code === 'ERR' ? OTHER_REPLIES.find(([pattern]) => pattern.test(message)) : undefined;
  return other === undefined ? null : { kind: other[2], code: other[1], reason: other[3] };
}

/** ioredis: `previousErrors` of an EXECABORT, `lastNodeError` of a Cluster that could not be reached. */
function innerErrors(error: Error): readonly unknown[] {
  const { previousErrors = [], lastNodeError } = error as {
    readonly previousErrors?: readonly unknown[];
    readonly lastNodeError?: unknown;
  };
  return [...previousErrors, lastNodeError, error.cause];
}

const listeners = new Set<(trouble: RedisTrouble) => void>();

/** Calls for every refusal that somebody who waited was told of. @returns ends that */
export function onRefusal(listener: (trouble: RedisTrouble) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function noteRefusal(trouble: RedisTrouble): void {
  for (const listener of listeners) listener(trouble);
}
