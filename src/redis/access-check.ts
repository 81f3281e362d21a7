/** Whether a Redis takes this URL's user, password and database, and lets the user do what is needed; asked at start. */
import { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';
import { withDeadline } from './client.ts';
import { createKeys } from './keys.ts';
import type { RedisPlace } from './url.ts';

/** How long a start waits for an answer; a Redis that is away is waited for later, as ever. */
export const ANSWER_LIMIT_MS = 2_000;

/** One server of the URL, or the primary that its sentinels name. */
export type ServerPlace = Omit<RedisPlace, 'clusterNodes'>;

export interface Access {
  /** What is wrong with the URL or the user's rights, with the remedy; null when nothing is. */
  readonly fault: string | null;
  /** `standalone`, `cluster` or `sentinel`; undefined when nothing answers. */
  readonly mode: string | undefined;
}

/** Asks one server. One that does not answer, or is not ready, has no fault: that passes, and is waited for. */
export async function checkAccess({ db, ...place }: ServerPlace, prefix: string): Promise<Access> {
  const client = new Redis({
    ...place,
    enableReadyCheck: false,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    connectTimeout: ANSWER_LIMIT_MS,
    maxRetriesPerRequest: 0,
  });
  // A set of sentinels that can't be asked ends the connection with this error, and the commands with another.
  let sentinelError: Error | undefined;
  client.on('error', (error: Error) => {
    if (error.message.startsWith('All sentinels')) sentinelError = error;
  });
  let mode: string | undefined;
  try {
    const info = await withDeadline(client.info('server'), ANSWER_LIMIT_MS);
    mode = /^redis_mode:(\w+)/m.exec(info)?.[1];
    if (mode === 'sentinel') return { fault: null, mode };
    if (db !== undefined && db !== 0) await withDeadline(client.select(db), ANSWER_LIMIT_MS);
    await withDeadline(
      tryRights(client, prefix, { database: db ?? 0, isSharded: mode === 'cluster' }),
      ANSWER_LIMIT_MS,
    );
    return { fault: null, mode };
  } catch (error) {
    return { fault: describeRefusal(sentinelError ?? replyOf(error), db ?? 0, place.username), mode };
  } finally {
    client.disconnect();
  }
}

interface Deployment {
  readonly database: number;
  readonly isSharded: boolean;
}

/**
 * Tries rights of every kind: the commands are refused, or come to nothing, since the key holds a text for a moment. Rights
 * are looked at before anything else, so a node that has not the key's slot, or is full, tells as well.
 * @throws the first refusal for want of a right
 */
async function tryRights(client: Redis, prefix: string, { database, isSharded }: Deployment): Promise<void> {
  const keys = createKeys(prefix, database);
  for (const key of [`${prefix}:check`, `${keys.queuePrefix}:check`]) {
    const answers = await client
      .pipeline([
        ['set', key, '1', 'PX', '1000'],
        ['get', key],
        ['hset', key, 'field', '1'],
        ['zadd', key, '1', 'member'],
        ['xadd', key, '1-1', 'field', '1'],
        ['sadd', key, 'member'],
        ['lpush', key, 'member'],
        ['bzpopmin', key, '1'],
        ['eval', 'return 1', '1', key],
        ['del', key],
        [isSharded ? 'spublish' : 'publish', `${keys.control}:check`, ''],
      ])
      .exec();
    const lacking = answers?.find(([error]) => error?.message.startsWith('NOPERM'));
    if (lacking?.[0]) throw lacking[0];
  }
  // Last: this connection then takes nothing else.
  await (isSharded ? client.ssubscribe(keys.control) : client.subscribe(keys.control));
}

/** `withDeadline` tells clients less than Redis said. */
function replyOf(error: unknown): unknown {
  return error instanceof PlayheadError ? (error.cause ?? error) : error;
}

const RIGHTS = 'Give it those that docs/operations.md lists (ACL SETUSER playhead …)';
const ENCODED =
  'In the URL, a character such as % / @ : # ? of a user or password is percent-encoded (%25 %2F %40 %3A %23 %3F)';

/** What an error reply says that no waiting will mend; null for all others. */
function describeRefusal(thrown: unknown, database: number, user = 'default'): string | null {
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  const reply =
    /(WRONGPASS|NOAUTH|NOPERM|DENIED|DB index is out of range|invalid DB index|invalid password)/.exec(
      said,
    )?.[1];
  const whose = said.startsWith('All sentinels') ? 'a sentinel' : 'the server';
  switch (reply) {
    case 'WRONGPASS':
    case 'invalid password':
      return whose === 'a sentinel'
        ? `REDIS_URL: a sentinel refuses its password (${reply}). Set the right one as ?sentinelPassword=…`
        : `REDIS_URL: the server refuses the password of user "${user}" (${reply}). Set the right one. ${ENCODED}`;
    case 'NOAUTH':
      return whose === 'a sentinel'
        ? 'REDIS_URL: a sentinel asks for a password (NOAUTH). Set it as ?sentinelPassword=…'
        : 'REDIS_URL: the server asks for a password, and the URL has none (NOAUTH). Write redis://user:password@host:port';
    case 'NOPERM':
      return `REDIS_URL: user "${user}" lacks a right: ${said.slice(said.indexOf('NOPERM'))}. ${RIGHTS}`;
    case 'DENIED':
      return 'REDIS_URL: the server is in protected mode and takes connections from its own machine only (DENIED). Set a password there (requirepass), and in the URL';
    case 'DB index is out of range':
    case 'invalid DB index':
      return `REDIS_URL: expected a database that the server has, received ${database}. Write a lower number at the end of the URL, or raise "databases" in redis.conf`;
    default:
      return null;
  }
}
