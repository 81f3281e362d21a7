/**
 * What an error reply of Redis means. Every reply that is not a fault of ours is in one table: Redis is away and will serve
 * again by itself, or it refuses, which an operator has to mend. Both are UNAVAILABLE to a client; work that can wait, waits.
 */

export interface RedisTrouble {
  readonly kind: 'away' | 'refusing';
  /** The first word of the reply, for example OOM. */
  readonly code: string;
  /** For operators: what is wrong, and what to do if something can be done. */
  readonly reason: string;
  /** The reply, whole. */
  readonly said: string;
  /** The fault with which a start ends, since no waiting will mend it; undefined if waiting helps. */
  readonly fault?: Fault | undefined;
}

/** What a start asked for, and of whom. */
interface Asked {
  readonly user: string;
  readonly database: number;
  readonly said: string;
  /** It is a sentinel's reply. */
  readonly bySentinel: boolean;
}

/** @returns what is wrong with REDIS_URL or the user's rights, and the remedy */
type Fault = (asked: Asked) => string;
type Row = readonly [kind: RedisTrouble['kind'], reason: string, fault?: Fault];

const WRONG_PASSWORD: Row = [
  'refusing',
  'it refuses the user name or password of REDIS_URL',
  ({ user, bySentinel }) =>
    bySentinel
      ? 'a sentinel refuses its password (WRONGPASS). Set the right one as ?sentinelPassword=…'
      : `the server refuses the password of user "${user}" (WRONGPASS). Set the right one. In the URL, a character such as ` +
        '% / @ : # ? of a user or password is percent-encoded (%25 %2F %40 %3A %23 %3F)',
];
const NO_DATABASE: Row = [
  'refusing',
  'it does not have the database of REDIS_URL. Raise "databases" in redis.conf',
  ({ database }) =>
    `expected a database that the server has, received ${database}. Write a lower number at the end of the URL, or raise ` +
    '"databases" in redis.conf',
];

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
  BUSY: ['refusing', 'a script keeps it busy. SCRIPT KILL ends one that has written nothing'],
  NOAUTH: [
    'refusing',
    'it requires a password. Put it into REDIS_URL',
    ({ bySentinel }) =>
      bySentinel
        ? 'a sentinel requires a password (NOAUTH). Set it as ?sentinelPassword=…'
        : 'the server requires a password, and the URL has none (NOAUTH). Write redis://user:password@host:port',
  ],
  WRONGPASS: WRONG_PASSWORD,
  NOPERM: [
    'refusing',
    'the account of REDIS_URL may not do this. docs/operations.md says what it needs',
    ({ user, said }) =>
      `user "${user}" lacks a right: ${said}. Give it those that docs/operations.md lists (ACL SETUSER playhead …)`,
  ],
  DENIED: [
    'refusing',
    'it is in protected mode. Set a password, or bind it to the right addresses',
    () =>
      'the server is in protected mode and takes connections from its own machine only (DENIED). Set a password there ' +
      '(requirepass), and in the URL',
  ],
};

/** Replies that begin with a plain ERR. */
const OTHER_REPLIES: readonly (readonly [pattern: RegExp, code: string, ...row: Row])[] = [
  [
    /max number of clients/,
    'MAXCLIENTS',
    'refusing',
    'it has as many connections as maxclients allows. Raise maxclients',
  ],
  // Before Redis 6.
  [/invalid password/, 'WRONGPASS', ...WRONG_PASSWORD],
  [/DB index is out of range|invalid DB index/, 'NODB', ...NO_DATABASE],
];

/** What ioredis reports while no server, or no node of a Cluster, can be reached. */
const UNREACHABLE =
  /^Connection is closed|^Command aborted due to connection close|^None of startup nodes|^All sentinels are unreachable|refresh slots cache/;

/**
 * A reply by itself; as Redis 6.2 wraps the reply to a script's command (`ERR Error running script (…): @user_script: 1: -OOM
 * …`); or as ioredis reports it from a set of sentinels.
 */
const REPLY =
  /^(?:ERR Error running script .*?: -|All sentinels are unreachable.*Last error: )?([A-Z]+\b.*)/s;

/**
 * Looks an error up, including one behind a failed transaction or a failed look-up of a Cluster's slots.
 * @returns null for anything that is not Redis trouble, such as a fault in a script of ours
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
    ? { kind: 'away', code: 'UNREACHABLE', reason: 'it cannot be reached', said: error.message }
    : null;
}

function fromReply(message: string): RedisTrouble | null {
  const said = REPLY.exec(message)?.[1] ?? '';
  const [code = ''] = /^[A-Z]+/.exec(said) ?? [];
  const row = Object.hasOwn(REPLIES, code) ? REPLIES[code] : undefined;
  if (row !== undefined) return toTrouble(code, row, said);
  const other = code === 'ERR' ? OTHER_REPLIES.find(([pattern]) => pattern.test(said)) : undefined;
  if (other === undefined) return null;
  const [, name, ...otherRow] = other;
  return toTrouble(name, otherRow, said);
}

function toTrouble(code: string, [kind, reason, fault]: Row, said: string): RedisTrouble {
  return { kind, code, reason, said, fault };
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

/** Calls back for every refusal that was reported to a waiting caller. @returns a function that ends this */
export function onRefusal(listener: (trouble: RedisTrouble) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function noteRefusal(trouble: RedisTrouble): void {
  for (const listener of listeners) listener(trouble);
}
