/** A URL that no waiting will mend is refused at start, with the sentence that says what to set. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectRedis } from '../../src/redis/client.ts';
import { freePort } from '../../src/redis/instance.ts';
import { checkRedisServer, findRedisFault } from '../../src/redis/server-check.ts';
import { findRedisServer } from '../../src/settings/programs.ts';
import { PATIENT, RedisCluster } from '../faults/kit/cluster.ts';
import { until, within } from '../setup/deadline.ts';
import { OwnRedis } from '../setup/harness.ts';

const NO_DATABASE =
  'REDIS_URL: expected a database that the server has, received 99. Write a lower number at the end of the URL, or raise "databases" in redis.conf';
const WRONG_PASSWORD =
  'REDIS_URL: the server refuses the password of user "default" (WRONGPASS). Set the right one.';
const NO_PASSWORD =
  'REDIS_URL: the server requires a password, and the URL has none (NOAUTH). Write redis://user:password@host:port';

function admin(url: string): Redis {
  const client = new Redis(url);
  client.on('error', () => {}); // The commands' own rejections are what the tests look at.
  onTestFinished(() => client.disconnect());
  return client;
}

/** A redis-server, or a sentinel, with these lines of configuration. @returns its port */
async function launchServer(lines: readonly string[], ...args: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-access-'));
  const port = await freePort();
  const config = join(folder, 'redis.conf');
  await writeFile(
    config,
    [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, 'save ""', ...lines, ''].join('\n'),
  );
  const server = spawn(findRedisServer(), [config, ...args], { stdio: 'ignore' });
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
    await rm(folder, { recursive: true, force: true });
  });
  const probe = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
  onTestFinished(() => probe.disconnect());
  probe.on('error', () => {});
  await until(() => probe.ping().then(Boolean, (error: Error) => /NOAUTH/.test(error.message)));
  return port;
}

/** The fault that a start finds; a server that answers too late is asked again. */
function faultOf(url: string, prefix?: string): Promise<string> {
  return until(() => findRedisFault(url, prefix));
}

describe('a single server', () => {
  test('without the database', async () => {
    const { url } = await OwnRedis.launch();
    expect(await faultOf(`${url}/99`)).toBe(NO_DATABASE);
    expect(await findRedisFault(`${url}/15`)).toBeNull();
  });

  test('with another password, or with one where the URL has none', async () => {
    const { host } = new URL((await OwnRedis.launch()).url);
    expect(await faultOf(`redis://:wrong@${host}`)).toContain(WRONG_PASSWORD);
    expect(await faultOf(`redis://:wrong@${host}`)).toContain(
      '% / @ : # ? of a user or password is percent-encoded',
    );
    expect(await faultOf(`redis://${host}`)).toBe(NO_PASSWORD);
    expect(await faultOf(`redis://nobody:wrong@${host}`)).toContain('the password of user "nobody"');
  });

  test.each([
    ['keys', '~other:* &* +@all', 'NOPERM'],
    ['channels, as of every new user since Redis 7', '~* resetchannels +@all', 'channel'],
    ['scripts', '~* &* +@all -eval', "'eval'"],
    ['waiting for jobs', '~* &* +@all -bzpopmin', "'bzpopmin'"],
    ['subscribing', '~* &* +@all -subscribe', "'subscribe'"],
    ['the queue’s keys', '~playhead:* &* +@all', 'NOPERM'],
    ['another prefix', '~playhead:* ~{playhead}:* &* +@all', 'NOPERM', 'mine'],
  ])('with a user that lacks %s', async (_, rules, said, prefix = 'playhead') => {
    const own = await OwnRedis.launch();
    await admin(own.url).call('ACL', 'SETUSER', 'me', 'on', '>secret', ...rules.split(' '));
    const fault = await faultOf(`redis://me:secret@${new URL(own.url).host}`, prefix);
    expect(fault).toContain('REDIS_URL: user "me" lacks a right: NOPERM');
    expect(fault).toContain(said);
    expect(fault).toContain('docs/operations.md lists (ACL SETUSER playhead');
  });

  test('with a user that lacks a single command of a kind', async () => {
    const own = await OwnRedis.launch();
    const commands = ['set', 'get', 'hset', 'zadd', 'xadd', 'sadd', 'lpush', 'del', 'publish'];
    for (const command of commands) {
      const rules = `on >secret ~* &* +@all -${command}`;
      await admin(own.url).call('ACL', 'SETUSER', 'me', 'reset', ...rules.split(' '));
      const fault = await faultOf(`redis://me:secret@${new URL(own.url).host}`);
      expect(fault).toContain(`'${command}'`);
    }
  });

  test('that leaves nothing behind where all is well, and is waited for when it is away', async () => {
    const own = await OwnRedis.launch();
    expect(await findRedisFault(own.url)).toBeNull();
    expect(await admin(own.url).dbsize()).toBe(0);
    await own.stop();
    expect(await findRedisFault(own.url)).toBeNull();
  });
});

test.each([
  [
    'of an old version',
    'redis_version:6.0.16\r\nmaxmemory_policy:noeviction',
    /6\.2 or later, received 6\.0\.16$/,
    false,
  ],
  ['of the oldest version', 'redis_version:6.2.0\r\nmaxmemory_policy:noeviction\r\n', null, false],
  [
    'that evicts',
    'redis_version:7.2.4\nmaxmemory_policy:volatile-ttl\n',
    /received volatile-ttl, .* would vanish/,
    false,
  ],
  ['that tells neither', '# Server\r\n', null, true],
  [
    'that may not be asked',
    new Error("NOPERM this user has no permissions to run the 'info' command"),
    null,
    true,
  ],
])('a server %s is told apart by what it says of itself', async (_what, info, fault, unknown) => {
  const asked = { info: () => (info instanceof Error ? Promise.reject(info) : Promise.resolve(info)) };
  expect(await checkRedisServer(asked as Parameters<typeof checkRedisServer>[0])).toEqual({
    fault: fault === null ? null : expect.stringMatching(fault),
    unknown,
  });
});

describe('a Sentinel set', () => {
  test('whose primary has not got the database, or takes another password', async () => {
    const primary = await launchServer(['requirepass right']);
    const monitor = [`sentinel monitor main 127.0.0.1 ${primary} 1`, 'sentinel auth-pass main right'];
    const sentinel = await launchServer(monitor, '--sentinel');
    expect(await findRedisFault(`redis+sentinel://:right@127.0.0.1:${sentinel}/main`)).toBeNull();
    expect(await faultOf(`redis+sentinel://:right@127.0.0.1:${sentinel}/main/99`)).toBe(NO_DATABASE);
    expect(await faultOf(`redis+sentinel://:wrong@127.0.0.1:${sentinel}/main`)).toContain(WRONG_PASSWORD);
    expect(await faultOf(`redis+sentinel://127.0.0.1:${sentinel}/main`)).toBe(NO_PASSWORD);
  });

  test('whose sentinels take another password', async () => {
    const primary = await launchServer([]);
    const monitor = [`sentinel monitor main 127.0.0.1 ${primary} 1`, 'requirepass right'];
    const sentinel = await launchServer(monitor, '--sentinel');
    const url = `redis+sentinel://127.0.0.1:${sentinel}/main`;
    expect(await findRedisFault(`${url}?sentinelPassword=right`)).toBeNull();
    expect(await faultOf(`${url}?sentinelPassword=wrong`)).toBe(
      'REDIS_URL: a sentinel refuses its password (WRONGPASS). Set the right one as ?sentinelPassword=…',
    );
    expect(await faultOf(url)).toBe(
      'REDIS_URL: a sentinel requires a password (NOAUTH). Set it as ?sentinelPassword=…',
    );
  });
});

test('a Cluster that takes another password, or whose user lacks a right', async () => {
  const cluster = await RedisCluster.launch(PATIENT);
  onTestFinished(() => cluster.remove());
  await cluster.onAll('ACL', 'SETUSER', 'me', 'on', '>secret', '~*', 'resetchannels', '+@all');
  const withUser = (user: string): string => cluster.url.replace('://', `://${user}@`);
  expect(await faultOf(withUser('me:wrong'))).toContain('refuses the password of user "me" (WRONGPASS)');
  expect(await faultOf(withUser('me:secret'))).toContain('user "me" lacks a right: NOPERM');
  await cluster.onAll('ACL', 'SETUSER', 'me', 'allchannels');
  expect(await findRedisFault(withUser('me:secret'))).toBeNull();
});

test.each(['server', 'worker', 'start'])('%s ends with the sentence', async (root) => {
  const { url } = await OwnRedis.launch();
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-access-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const script = join(import.meta.dirname, '../../src', `${root}.ts`);
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env['PATH'], PORT: '0', PLAYHEAD_DATA_DIR: dataDir, REDIS_URL: `${url}/99` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = (await within(once(child, 'close'))) as [number];
  expect([code, said]).toEqual([1, expect.stringContaining(NO_DATABASE)]);
  expect(said).not.toContain('    at ');
});

test('a server that comes back with fewer databases is not used on database 0', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-access-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const run = (databases: number) => {
    const words = `--port ${port} --bind 127.0.0.1 --dir ${folder} --save --databases ${databases}`;
    const server = spawn(findRedisServer(), words.split(' '), { stdio: 'ignore' });
    onTestFinished(() => void server.kill('SIGKILL'));
    return server;
  };
  const before = run(4);
  const errors: string[] = [];
  const client = connectRedis(`redis://127.0.0.1:${port}/3`, ({ message }) => errors.push(message));
  onTestFinished(() => client.disconnect());
  await until(() => client.ping());
  before.kill('SIGKILL');
  await once(before, 'exit');
  run(2);
  // It waits for as long as the database is missing.
  client.set('where', 'database 3').catch(() => {});
  await until(() => errors.filter((error) => error.includes('DB index is out of range')).length > 1);
  expect(await admin(`redis://127.0.0.1:${port}`).dbsize()).toBe(0);
});
