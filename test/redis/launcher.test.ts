import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findRedisServer } from '../../scripts/programs.ts';
import {
  launchRedis,
  type PrivateRedis,
  type RedisExit,
  type RedisLaunchOptions,
} from '../../src/redis/launcher.ts';
import { isAlive } from '../../src/redis/server-process.ts';
import { isSupportedRedis } from '../../src/redis/version.ts';
import { until, within } from '../setup/deadline.ts';

const binary = findRedisServer();
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'playhead-launcher-'));
});
/** Undone in reverse order after each test, before the folder goes. */
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanups.splice(0).reverse()) await undo();
  await rm(dataDir, { recursive: true, force: true });
});

describe('a fresh data folder', () => {
  test('gets a server that only the password opens, kept from the process list and from other users', async () => {
    const redis = await launch();
    expect(redis.origin).toBe('started');
    expect(await connect(redis.url).ping()).toBe('PONG');
    await expect(connect(`redis://127.0.0.1:${redis.port}`).ping()).rejects.toThrow('NOAUTH');

    const { password } = new URL(redis.url);
    expect(password).toMatch(/^[\w-]{43}$/);
    const processes = execFileSync('ps', ['-ww', '-eo', 'args'], { encoding: 'utf8' });
    expect(processes).not.toContain(password);
    const file = join(dataDir, 'redis', 'instance.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      pid: redis.pid,
      ownerPid: process.pid,
      port: redis.port,
      password,
    });
  });

  test('gets an append-only file, no snapshots and no eviction', async () => {
    const client = connect((await launch()).url);
    const settings = ['appendonly', 'appendfsync', 'save', 'maxmemory-policy', 'bind'];
    const values = await Promise.all(settings.map(async (name) => await client.config('GET', name)));
    expect(Object.fromEntries(values as [string, string][])).toEqual({
      appendonly: 'yes',
      appendfsync: 'everysec',
      save: '',
      'maxmemory-policy': 'noeviction',
      bind: '127.0.0.1',
    });
  });

  test('gets one server when two starts come at the same moment', async () => {
    const [one, two] = await Promise.all([launch(), launch()]);
    expect(one.pid).toBe(two.pid);
    expect([one.origin, two.origin].sort()).toEqual(['shared', 'started']);
  });
});

describe('a data folder used before', () => {
  test('keeps its data, port and password after an orderly stop', async () => {
    const first = await launch();
    await connect(first.url).set('key', 'kept');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    expect(first.pid).toBe(0);

    const second = await launch();
    expect(second.url).toBe(first.url);
    expect(second.origin).toBe('started');
    expect(await connect(second.url).get('key')).toBe('kept');
  });

  test('gets another port when its own was taken meanwhile', async () => {
    const first = await launch();
    await first.stop();
    const other = createServer().listen(first.port, '127.0.0.1');
    await once(other, 'listening');
    cleanups.push(() => other.close());
    const second = await launch();
    expect(second.port).not.toBe(first.port);
    expect(await connect(second.url).ping()).toBe('PONG');
  });

  test('starts afresh over a torn instance file', async () => {
    const first = await launch();
    await first.stop();
    await writeFile(join(dataDir, 'redis', 'instance.json'), '{"pid": 1');
    expect(await connect((await launch()).url).ping()).toBe('PONG');
  });

  test('removes the lock of a start that was killed', async () => {
    const first = await launch();
    await first.stop();
    await writeFile(join(dataDir, 'redis', 'launch.lock'), '4194305');
    expect((await launch()).origin).toBe('started');
  });
});

describe('a server that ends by itself', () => {
  test('is reported and comes back on the same port with its data, and clients reconnect', async () => {
    const exits: RedisExit[] = [];
    const redis = await launch({ onExit: (exit) => exits.push(exit) });
    const client = connect(redis.url, { retryStrategy: () => 20 });
    await client.set('key', 'kept');
    const { pid, url } = redis;
    process.kill(pid, 'SIGKILL');

    await until(() => exits.length === 1 && redis.pid !== 0 && redis.pid !== pid);
    expect(exits).toEqual([{ code: null, signal: 'SIGKILL', output: expect.any(String), restartInMs: 100 }]);
    expect(redis.url).toBe(url);
    expect(await within(client.get('key'), 5000)).toBe('kept');
  });

  test('is only reported when restart is off', async () => {
    const exits: RedisExit[] = [];
    const redis = await launch({ restart: false, onExit: (exit) => exits.push(exit) });
    process.kill(redis.pid, 'SIGKILL');
    await until(() => exits.length === 1);
    expect(exits[0]?.restartInMs).toBeUndefined();
    expect(redis.pid).toBe(0);
  });

  test('stays down when stop comes during the wait for its restart', async () => {
    const exits: RedisExit[] = [];
    const redis = await launch({ onExit: (exit) => exits.push(exit) });
    process.kill(redis.pid, 'SIGKILL');
    await until(() => exits.length === 1);
    await redis.stop();
    expect(redis.pid).toBe(0);
    await expect(connect(redis.url).ping()).rejects.toThrow();
  });
});

describe('the end of the owner', () => {
  test('by SIGKILL leaves a server that the next start adopts, supervises and stops', async () => {
    const owner = await launchElsewhere();
    await connect(owner.url).set('key', 'kept');
    owner.process.kill('SIGKILL');
    await once(owner.process, 'exit');
    expect(isAlive(owner.pid)).toBe(true);

    const redis = await launch();
    expect(redis.origin).toBe('adopted');
    expect([redis.pid, redis.url]).toEqual([owner.pid, owner.url]);
    process.kill(owner.pid, 'SIGKILL');
    await until(() => redis.pid !== 0 && redis.pid !== owner.pid);
    expect(await connect(redis.url).get('key')).toBe('kept');
    const last = redis.pid;
    await redis.stop();
    expect(isAlive(last)).toBe(false);
  });

  test('by process.exit takes the server along', async () => {
    const owner = await launchElsewhere('exit');
    await until(() => !isAlive(owner.pid));
  });

  test('is not needed by another start: it shares the server and leaves it running', async () => {
    const owner = await launch();
    const guest = await launch();
    expect([guest.origin, guest.pid]).toEqual(['shared', owner.pid]);
    await guest.stop();
    expect(await connect(owner.url).ping()).toBe('PONG');
  });
});

describe('stop', () => {
  test('ends a server that does not react by force, after the limit', async () => {
    const redis = await launch({ stopTimeoutMs: 100 });
    const { pid } = redis;
    process.kill(pid, 'SIGSTOP');
    await redis.stop();
    expect(isAlive(pid)).toBe(false);
  });

  test('can be called twice', async () => {
    const redis = await launch();
    await Promise.all([redis.stop(), redis.stop()]);
    await redis.stop();
    expect(redis.pid).toBe(0);
  });
});

describe('a binary that is no use', () => {
  test('is TOOL_MISSING when it cannot be started', async () => {
    await expect(launch({ binary: '/nowhere/redis-server' })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('/nowhere/redis-server'),
    });
  });

  test('is UNAVAILABLE, with what it said, when it ends at once', async () => {
    const script = join(dataDir, 'broken-redis');
    await writeFile(script, '#!/bin/sh\necho "no memory left" >&2\nexit 1\n', { mode: 0o755 });
    await expect(launch({ binary: script })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('no memory left'),
    });
  });

  test('leaves nothing running when its instance file cannot be written', async () => {
    await mkdir(join(dataDir, 'redis', 'instance.json'), { recursive: true });
    await expect(launch()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    const processes = execFileSync('ps', ['-ww', '-eo', 'ppid,args'], { encoding: 'utf8' });
    const children = processes.split('\n').filter((line) => line.trim().startsWith(`${process.pid} `));
    expect(children.filter((line) => line.includes('redis-server'))).toEqual([]);
  });

  test('is too old below 6.2', () => {
    expect(['7.0.15', '6.2.0', '10.0', '8.1.2'].every(isSupportedRedis)).toBe(true);
    expect(['6.0.16', '5.0.14', '', 'garbage'].some(isSupportedRedis)).toBe(false);
  });
});

async function launch(options: Partial<RedisLaunchOptions> = {}): Promise<PrivateRedis> {
  const redis = await launchRedis({ dataDir, binary, ...options });
  cleanups.push(() => redis.stop());
  return redis;
}

/** Launches it in another process, which ends with the test. */
async function launchElsewhere(ending = ''): Promise<{ pid: number; url: string; process: ChildProcess }> {
  const script = join(import.meta.dirname, 'launch-process.ts');
  const child = spawn(process.execPath, [script, dataDir, binary, ending], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const [line] = (await within(once(child.stdout, 'data'), 10_000, 'the other process')) as [Buffer];
  const { pid, url } = JSON.parse(line.toString()) as { pid: number; url: string };
  return { pid, url, process: child };
}

function connect(url: string, options: { retryStrategy?: () => number | null } = {}): Redis {
  const client = new Redis(url, { enableReadyCheck: false, retryStrategy: () => null, ...options });
  client.on('error', () => {}); // The commands' own rejections are what the tests look at.
  cleanups.push(() => client.disconnect());
  return client;
}
