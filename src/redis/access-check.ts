/** Checks at start whether a Redis accepts this URL's user, password and database, and lets the user do what is needed. */
import { Redis } from 'ioredis';
import { hearLaterErrors } from '../patches/ioredis-later-errors.ts';
import { withDeadline } from './client.ts';
import { createKeys } from './keys.ts';
import { troubleOf } from './replies.ts';
import type { RedisPlace } from './url.ts';

/** How long a start waits for an answer; a Redis that is away is waited for later, as usual. */
export const ANSWER_LIMIT_MS = 2_000;

/** One server of the URL, or the primary that its sentinels name. */
export type ServerPlace = Omit<RedisPlace, 'clusterNodes'>;

export interface Access {
  /** What is wrong with the URL or the user's rights, with the remedy; null when nothing is. */
  readonly fault: string | null;
  /** `standalone`, `cluster` or `sentinel`; undefined when nothing answers. */
  readonly mode: string | undefined;
}

/** Checks one server. One that does not answer, or is not ready, has no fault: that will pass, and is waited for. */
export async function checkAccess({ db, ...place }: ServerPlace, prefix: string): Promise<Access> {
  hearLaterErrors();
  const client = new Redis({
    ...place,
    enableReadyCheck: false,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    connectTimeout: ANSWER_LIMIT_MS,
    maxRetriesPerRequest: 0,
    disableClientInfo: true,
  });
  // A set of sentinels that can't be queried ends the connection with this error, and the commands with another.
  let sentinelError: Error | undefined;
  client.on('error', (error: Error) => {
    if (error.message.startsWith('All sentinels')) sentinelError = error;
  });
  let mode: string | undefined;
  try {
    const info = await withDeadline(client.info('server'), ANSWER_LIMIT_MS);
    // Valkey uses another name.
    mode = /^(?:redis|server)_mode:(\w+)/m.exec(info)?.[1];
    if (mode === 'sentinel') return { fault: null, mode };
    if (db !== undefined && db !== 0) await withDeadline(client.select(db), ANSWER_LIMIT_MS);
    await withDeadline(
      tryRights(client, prefix, { database: db ?? 0, isSharded: mode === 'cluster' }),
      ANSWER_LIMIT_MS,
    );
    return { fault: null, mode };
  } catch (error) {
    return { fault: faultOf(sentinelError ?? error, { ...place, db }, sentinelError !== undefined), mode };
  } finally {
    client.disconnect();
  }
}

interface Deployment {
  readonly database: number;
  readonly isSharded: boolean;
}

/**
 * Tries rights of every kind: the commands are refused, or have no effect, since the key holds a text for a moment. Rights are
 * checked before anything else, so even a node that does not have the key's slot, or is full, reveals them.
 * @throws the first refusal for lack of a right
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

/** The fault that an error reports, if no waiting will mend it; null for all other errors. */
function faultOf(
  error: unknown,
  { db = 0, username = 'default' }: ServerPlace,
  bySentinel: boolean,
): string | null {
  const { said = '', fault } = troubleOf(error) ?? {};
  return fault === undefined
    ? null
    : `REDIS_URL: ${fault({ user: username, database: db, said, bySentinel })}`;
}
