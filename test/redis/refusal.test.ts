/** A Redis that refuses: clients are told UNAVAILABLE, operators why, and all goes on when it no longer does. */
import { type Redis, ReplyError } from 'ioredis';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Logger } from '../../src/core/logger.ts';
import { RedisHealth } from '../../src/redis/health.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { noteRefusal, type RedisTrouble, troubleOf } from '../../src/redis/replies.ts';
import { startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { until } from '../setup/deadline.ts';
import { connect, OwnRedis, unique } from '../setup/harness.ts';

/** What was said in the log, as `level reason or error: message`. */
class KeptLog implements Logger {
  readonly lines: string[] = [];
  debug = this.#keep('debug');
  info = this.#keep('info');
  warn = this.#keep('warn');
  error = this.#keep('error');
  #keep(level: string) {
    return (fields: object, message: string): void => {
      const { err, reason = err } = fields as { err?: unknown; reason?: unknown };
      this.lines.push(`${level} ${String(reason)}: ${message}`);
    };
  }
}

interface Refusal {
  readonly code: string;
  readonly begin: (admin: Redis, url: string) => Promise<unknown>;
  readonly end: (admin: Redis) => Promise<unknown>;
  /** Reading is refused as well. */
  readonly all?: boolean;
}

const config = (admin: Redis, name: string, value: string | number) => admin.config('SET', name, value);

async function cutConnections(admin: Redis): Promise<void> {
  for (const type of ['normal', 'pubsub']) await admin.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
}

async function fillMemory(admin: Redis): Promise<void> {
  const used = /^used_memory:(\d+)/m.exec(await admin.info('memory'))?.[1];
  await config(admin, 'maxmemory', Math.floor(Number(used) / 2));
}

const REFUSALS: readonly Refusal[] = [
  { code: 'OOM', begin: fillMemory, end: (admin) => config(admin, 'maxmemory', 0) },
  {
    code: 'NOREPLICAS',
    begin: (admin) => config(admin, 'min-replicas-to-write', 1),
    end: (admin) => config(admin, 'min-replicas-to-write', 0),
  },
  {
    code: 'READONLY',
    begin: (admin) => admin.replicaof('127.0.0.1', 1),
    end: (admin) => admin.replicaof('NO', 'ONE'),
  },
  {
    code: 'NOPERM',
    begin: (admin) => admin.acl('SETUSER', 'default', '-eval', '-evalsha'),
    end: (admin) => admin.acl('SETUSER', 'default', '+@all'),
  },
  {
    code: 'WRONGPASS',
    all: true,
    begin: async (admin) => {
      await admin.acl('SETUSER', 'default', 'resetpass', '>another');
      await cutConnections(admin);
    },
    end: (admin) => admin.acl('SETUSER', 'default', 'nopass'),
  },
  {
    code: 'BUSY',
    all: true,
    begin: async (admin, url) => {
      await config(admin, 'busy-reply-threshold', 20);
      connect(url)
        .eval('while true do end', 0)
        .catch(() => {});
      await until(async () =>
        admin.ping().then(
          () => false,
          () => true,
        ),
      );
    },
    end: (admin) => admin.script('KILL'),
  },
];

const WRITE = `mutation { writeScript(input: { projectId: "p", brief: "A cat sat on a mat." }) { id } }`;
const READ = `{ job(projectId: "p", id: "none") { id } }`;

async function startOn(url: string) {
  const log = new KeptLog();
  const server = await startServer({ config: readConfig({ PORT: '0' }), redisUrl: url, logger: log });
  onTestFinished(() => server.close());
  const ask = async (query: string): Promise<{ code: string; message: string }> => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { errors } = (await response.json()) as {
      errors?: readonly { message: string; extensions: { code: string } }[];
    };
    return { code: errors?.[0]?.extensions.code ?? 'OK', message: errors?.[0]?.message ?? '' };
  };
  const ready = async (): Promise<[number, { reason?: string; degraded?: string }]> => {
    const response = await fetch(`${server.url}/readyz`);
    return [response.status, (await response.json()) as { reason?: string; degraded?: string }];
  };
  return { ask, ready, log };
}

test.each(REFUSALS)(
  '$code: UNAVAILABLE to clients, why to operators, and back by itself',
  async ({ code, begin, end, all = false }) => {
    const own = await OwnRedis.launch();
    const admin = connect(own.url);
    const { ask, ready, log } = await startOn(own.url);
    await until(async () => (await ask(WRITE)).code === 'OK');

    await begin(admin, own.url);
    const written = await until(async () => {
      const answer = await ask(WRITE);
      return answer.code === 'OK' ? undefined : answer;
    });
    expect(written.code).toBe('UNAVAILABLE');
    // Clients have no use for it, and it is not for everybody.
    expect(written.message).not.toContain(code);
    if (all) expect((await ask(READ)).code).toBe('UNAVAILABLE');
    else await until(async () => (await ask(READ)).code === 'OK');
    await until(async () => {
      const [status, { reason = '' }] = await ready();
      return status === 503 && new RegExp(`^Redis .+\\(${code}\\)$`).test(reason);
    });
    await until(() => log.lines.some((line) => line.startsWith('error') && line.includes(`(${code})`)));

    await end(admin);
    await until(async () => (await ready())[0] === 200);
    await until(async () => (await ask(WRITE)).code === 'OK');
    await until(() => log.lines.some((line) => line.includes('accepts writes again')));
    expect(log.lines.filter((line) => line.includes('Unexpected'))).toEqual([]);
  },
);

test('a change of the eviction policy is said loudly while it lasts', async () => {
  const own = await OwnRedis.launch();
  const admin = connect(own.url);
  const log = new KeptLog();
  const health = new RedisHealth({
    redis: admin,
    keys: createKeys(unique('p')),
    logger: log,
    lookEveryMs: 20,
  });
  onTestFinished(() => health.close());
  await config(admin, 'maxmemory-policy', 'allkeys-lru');
  await until(() => health.warning);
  expect(health.warning).toContain('expected maxmemory-policy noeviction, received allkeys-lru');
  await until(async () => (await health.findFault()) === null);
  expect(log.lines).toEqual([expect.stringMatching(/^error Redis: expected maxmemory-policy noeviction/)]);
  await config(admin, 'maxmemory-policy', 'noeviction');
  await until(() => health.warning === null);
  expect(log.lines).toHaveLength(1);
});

test('what somebody was refused is said at once, and again after a minute while it goes on', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const log = new KeptLog();
  // Not asked: its first look is later.
  const health = new RedisHealth({ redis: {} as Redis, keys: createKeys(unique('p')), logger: log });
  const refuse = (reply: string) => noteRefusal(troubleOf(new ReplyError(reply)) as RedisTrouble);
  const full = /^error Redis refuses: its memory has reached maxmemory.* \(OOM\): Redis needs attention$/;
  const loading = /^error Redis does not serve: it is loading its data \(LOADING\): Redis needs attention$/;
  refuse('OOM command not allowed');
  refuse('OOM command not allowed');
  refuse('LOADING Redis is loading the dataset in memory');
  expect(log.lines).toEqual([expect.stringMatching(full), expect.stringMatching(loading)]);
  vi.advanceTimersByTime(4_000);
  refuse('OOM command not allowed');
  expect(log.lines).toHaveLength(2);
  health.close();
  const again = new RedisHealth({
    redis: {} as Redis,
    keys: createKeys(unique('p')),
    logger: log,
    lookEveryMs: 1e9,
  });
  refuse('OOM command not allowed');
  vi.advanceTimersByTime(59_999);
  refuse('OOM command not allowed');
  expect(log.lines).toHaveLength(3);
  vi.advanceTimersByTime(1);
  refuse('OOM command not allowed');
  expect(log.lines).toHaveLength(4);
  again.close();
  refuse('MISCONF its disk is full');
  expect(log.lines).toHaveLength(4);
  expect(vi.getTimerCount()).toBe(0);
});

test('no probes pile up in a connection that waits for Redis', async () => {
  const own = await OwnRedis.launch();
  const redis = connect(own.url);
  await redis.ping();
  let asked = 0;
  const counted = new Proxy(redis, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'eval') asked += 1;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const health = new RedisHealth({ redis: counted, keys: createKeys(unique('p')), logger: new KeptLog() });
  onTestFinished(() => health.close());
  await own.stop();
  expect(await health.findFault()).toBe('Redis does not answer');
  expect(await health.findFault()).toBe('Redis does not answer');
  expect(asked).toBe(1);
  await own.start();
  await until(async () => (await health.findFault()) === null);
});

describe('every error reply is sorted by one table', () => {
  const reply = (message: string): Error => new ReplyError(message);
  test.each([
    [
      'OOM',
      'refusing',
      "OOM command not allowed when used memory > 'maxmemory'. script: 7f, on @user_script:1.",
    ],
    [
      'OOM',
      'refusing',
      'ERR Error running script (call to f_7f): @user_script:1: @user_script: 1: -OOM command not allowed when used memory',
    ],
    ['MISCONF', 'refusing', 'MISCONF Errors writing to the AOF file: No space left on device'],
    [
      'MISCONF',
      'refusing',
      'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist on disk.',
    ],
    ['NOREPLICAS', 'refusing', 'NOREPLICAS Not enough good replicas to write.'],
    [
      'BUSY',
      'refusing',
      'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    ],
    ['NOAUTH', 'refusing', 'NOAUTH Authentication required.'],
    ['WRONGPASS', 'refusing', 'WRONGPASS invalid username-password pair or user is disabled.'],
    ['NOPERM', 'refusing', "NOPERM this user has no permissions to run the 'eval' command"],
    ['DENIED', 'refusing', 'DENIED Redis is running in protected mode'],
    ['READONLY', 'refusing', "READONLY You can't write against a read only replica."],
    ['MAXCLIENTS', 'refusing', 'ERR max number of clients reached'],
    ['NODB', 'refusing', 'ERR DB index is out of range'],
    ['WRONGPASS', 'refusing', 'ERR invalid password'],
    [
      'NOAUTH',
      'refusing',
      'All sentinels are unreachable. Retrying from scratch after 10ms. Last error: NOAUTH Authentication required.',
    ],
    ['LOADING', 'away', 'LOADING Redis is loading the dataset in memory'],
    ['CLUSTERDOWN', 'away', 'CLUSTERDOWN Hash slot not served'],
    [
      'MASTERDOWN',
      'away',
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    ],
    ['TRYAGAIN', 'away', 'TRYAGAIN Multiple keys request during rehashing of slot'],
    ['MOVED', 'away', 'MOVED 3999 127.0.0.1:6381'],
    ['ASK', 'away', 'ASK 3999 127.0.0.1:6381'],
    ['UNBLOCKED', 'away', 'UNBLOCKED force unblock from blocking operation, instance state changed'],
    ['NODB', 'refusing', 'ERR invalid DB index'],
    ['UNREACHABLE', 'away', 'None of startup nodes is available'],
    ['UNREACHABLE', 'away', 'All sentinels are unreachable. Retrying from scratch after 10ms.'],
    ['UNREACHABLE', 'away', 'Failed to refresh slots cache.'],
    ['UNREACHABLE', 'away', 'Connection is closed.'],
    ['UNREACHABLE', 'away', 'Command aborted due to connection close'],
  ])('%s is %s: %s', (code, kind, message) => {
    expect(troubleOf(reply(message))).toMatchObject({ code, kind });
    const wrapped = Object.assign(reply('EXECABORT Transaction discarded because of previous errors.'), {
      previousErrors: [reply(message)],
    });
    expect(troubleOf(wrapped)).toMatchObject({ code, kind });
    expect(troubleOf(new Error('while writing', { cause: reply(message) }))).toMatchObject({ code, kind });
    const ofNode = Object.assign(new Error('Failed to look for slots'), { lastNodeError: reply(message) });
    expect(troubleOf(ofNode)).toMatchObject({ code, kind });
  });

  test.each([
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'ERR Error running script (call to f_7f): @user_script:1: WRONGTYPE Operation against a key',
    'ERR user_script:100: Expected value but found invalid unicode escape code at character 9',
    'ERR unknown command `XTRIM`',
    'WRONGTYPE invalid password',
    'EXECABORT Transaction discarded because of previous errors.',
    'constructor of something',
  ])('a fault of ours is none of Redis: %s', (message) => {
    expect(troubleOf(reply(message))).toBeNull();
  });
});
