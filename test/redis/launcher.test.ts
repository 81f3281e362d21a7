import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  launchRedis,
  type PrivateRedis,
  type RedisExit,
  type RedisLaunchOptions,
} from '../../src/redis/launcher.ts';
import { isSupportedRedis } from '../../src/redis/version.ts';
import { findRedisServer } from '../../src/settings/programs.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { isAlive } from '../setup/processes.ts';

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

  test('gets its server though the clock is put forward meanwhile', async () => {
    let now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
      now += 3_600_000;
      return now;
    });
    cleanups.push(() => clock.mockRestore());
    const [one, two] = await Promise.all([launch(), launch()]);
    expect([one.origin, two.origin].sort()).toEqual(['shared', 'started']);
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
    const other = createServer((socket) => socket.resume()).listen(first.port, '127.0.0.1');
    await once(other, 'listening');
    cleanups.push(() => other.close());
    const second = await launch();
    expect(second.port).not.toBe(first.port);
    expect(await connect(second.url).ping()).toBe('PONG');
  });

  test.each([
    '{"pid": 1',
    'null',
    '7',
    '{"pid": 1, "port": "one", "password": "p"}',
    '{"pid": 1, "port": 1.5, "password": "p"}',
    '{"port": 1, "password": "p"}',
    '{"pid": 1, "port": 1, "password": 5}',
  ])('starts afresh over an instance file that is torn or none of ours: %s', async (text) => {
    const folder = join(dataDir, 'redis');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'instance.json'), text);
    const redis = await launch();
    expect(await connect(redis.url).ping()).toBe('PONG');
    expect(new URL(redis.url).password).toMatch(/^[\w-]{43}$/);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('is not kept out by what is written in lock files, as by an earlier version in a container: a process id that recurs', async () => {
    const first = await launch();
    await first.stop();
    for (const name of ['launch.lock', 'server.lock', 'users.lock']) {
      await writeFile(join(dataDir, 'redis', name), String(process.pid));
    }
    expect((await launch()).origin).toBe('started');
  });

  test('does not take another redis-server for its own whose process id the instance file names', async () => {
    const other = await launch({ dataDir: join(dataDir, 'other') });
    const first = await launch();
    await first.stop();
    const file = join(dataDir, 'redis', 'instance.json');
    const instance = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...instance, pid: other.pid, ownerPid: process.pid }));

    const second = await launch();
    expect(second.origin).toBe('started');
    await second.stop();
    expect(await connect(other.url).ping()).toBe('PONG');
  });

  test('is not entered while a server holds it that the instance file does not name any more', async () => {
    await launch();
    await rm(join(dataDir, 'redis', 'instance.json'));
    await expect(launch({ startTimeoutMs: 200 })).rejects.toThrow(
      / to answer, but it does not: .* PLAYHEAD_DATA_DIR/,
    );
  });

  test('that was copied while its server ran gets a server of its own', async () => {
    const original = await launch();
    await connect(original.url).set('whose', 'original');
    await cp(join(dataDir, 'redis'), join(dataDir, 'copy', 'redis'), { recursive: true });
    const copy = await launch({ dataDir: join(dataDir, 'copy') });
    expect([copy.origin, copy.port === original.port]).toEqual(['started', false]);
    await connect(copy.url).set('whose', 'copy');
    expect(await connect(original.url).get('whose')).toBe('original');
  });

  test('is refused while a server without the lock, of an earlier version, runs on it', async () => {
    const first = await launch();
    await first.stop();
    const { port, password } = new URL(first.url);
    const folder = join(dataDir, 'redis');
    const older = spawn(binary, ['--port', port, '--requirepass', password, '--dir', folder], {
      stdio: 'ignore',
    });
    cleanups.push(async () => {
      older.kill('SIGKILL');
      await once(older, 'exit');
    });
    await until(() =>
      connect(first.url)
        .ping()
        .then(Boolean, () => false),
    );
    await expect(launch()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('an earlier version of Playhead runs on'),
    });
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
    expect(await within(client.get('key'))).toBe('kept');
  });

  test('again and again is waited for twice as long each time, until it has run for half a minute', async () => {
    const exits: RedisExit[] = [];
    const redis = await launch({ onExit: (exit) => exits.push(exit) });
    const crash = async (): Promise<void> => {
      const { pid } = redis;
      process.kill(pid, 'SIGKILL');
      await until(() => redis.pid !== 0 && redis.pid !== pid);
    };
    for (const _ of [1, 2, 3]) await crash();
    const { now } = performance;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 31_000);
    cleanups.push(() => clock.mockRestore());
    await crash();
    await crash();
    expect(exits.map(({ restartInMs }) => restartInMs)).toEqual([100, 200, 400, 100, 200]);
  });

  test('is reported with the last 20 lines that it printed', async () => {
    const exits: RedisExit[] = [];
    const redis = await launch({ binary: await makeStandIn(), onExit: (exit) => exits.push(exit) });
    process.kill(redis.pid, 'SIGTERM');
    await until(() => exits.length === 1);
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 6}`);
    expect(exits[0]).toMatchObject({ code: 7, signal: null, output: lines.join('\n') });
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

  test('in order leaves the server to another start, which ends it with its own end', async () => {
    const owner = await launch();
    const guest = await launch();
    expect([guest.origin, guest.pid]).toEqual(['shared', owner.pid]);
    const { pid } = owner;
    await owner.stop();
    expect(await connect(guest.url).ping()).toBe('PONG');
    await guest.stop();
    expect(isAlive(pid)).toBe(false);
  });

  test('in order ends its process, though the server goes on for another start', async () => {
    const owner = await launchElsewhere('stop on a line of stdin');
    const guest = await launch();
    owner.process.stdin?.end('\n');
    expect(await once(owner.process, 'exit')).toEqual([0, null]);
    expect(await connect(guest.url).ping()).toBe('PONG');
  });

  test('by SIGKILL leaves the server to another start, which starts it again when it ends', async () => {
    const owner = await launchElsewhere();
    const guest = await launch();
    expect(guest.origin).toBe('shared');
    owner.process.kill('SIGKILL');
    await once(owner.process, 'exit');
    process.kill(owner.pid, 'SIGKILL');
    await until(() => guest.pid !== 0 && guest.pid !== owner.pid);
    expect([guest.url, guest.origin]).toEqual([owner.url, 'started']);
    expect(await connect(guest.url).ping()).toBe('PONG');
  });

  test('by process.exit leaves the server to another start', async () => {
    const owner = await launchElsewhere('exit on a line of stdin');
    const guest = await launch();
    owner.process.stdin?.end('\n');
    await once(owner.process, 'exit');
    expect(await connect(guest.url).ping()).toBe('PONG');
    expect(isAlive(owner.pid)).toBe(true);
  });

  test('of several starts goes unnoticed when the server crashes: one of them starts it, all use it', async () => {
    const starts = [await launch(), await launch(), await launch()];
    const pid = Number(starts[0]?.pid);
    process.kill(pid, 'SIGKILL');
    await until(() => starts.every((start) => start.pid !== 0 && start.pid !== pid));
    expect(new Set(starts.map((start) => start.pid)).size).toBe(1);
  });
});

describe('a launch that is called off', () => {
  test('before its server answers leaves nothing running', async () => {
    const { signal, pidFile, binary: slow } = await makeSilentRedis();
    const launching = launch({ binary: slow, signal: signal.signal });
    await until(async () => (await readFile(pidFile, 'utf8').catch(() => '')) !== '');
    const pid = Number(await readFile(pidFile, 'utf8'));
    signal.abort(new Error('called off'));
    await expect(launching).rejects.toThrow('called off');
    expect(isAlive(pid)).toBe(false);
    expect((await launch()).origin).toBe('started');
  });

  test('while another start holds the folder ends at once', async () => {
    const { signal, pidFile, binary: slow } = await makeSilentRedis();
    const first = launch({ binary: slow, signal: signal.signal });
    await until(async () => (await readFile(pidFile, 'utf8').catch(() => '')) !== '');
    const second = new AbortController();
    const waiting = launch({ signal: second.signal });
    second.abort(new Error('called off'));
    await expect(waiting).rejects.toThrow('called off');
    signal.abort(new Error('over'));
    await expect(first).rejects.toThrow('over');
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
    const starts = `${script}.starts`;
    const text = `#!/bin/sh\necho start >> ${starts}\necho "no memory left" >&2\nexit 1\n`;
    await writeFile(script, text, { mode: 0o755 });
    await expect(launch({ binary: script })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/it did not, and said: no memory left$/),
    });
    // Another port would not help.
    expect(await readFile(starts, 'utf8')).toBe('start\n');
  });

  test('is TOOL_MISSING, with its version, when it is too old, and is ended', async () => {
    const old = await makeStandIn('5.0.14');
    await expect(launch({ binary: old })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: `expected Redis 6.2 or later, received 5.0.14 (${old}). Install a newer one.`,
    });
    expect((await launch()).origin).toBe('started');
  });

  test('is waited for while it says that it reads its data, for however long that takes', async () => {
    const binary = await makeStandIn();
    const [loading, asked] = [`${binary}.loading`, `${binary}.asked`];
    await writeFile(loading, '');
    let launched = false;
    const launching = launch({ binary }).then(() => {
      launched = true;
    });
    const { now } = performance;
    let aheadMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + aheadMs);
    cleanups.push(() => clock.mockRestore());
    for (let round = 0; round < 3; round += 1) {
      await writeFile(asked, '');
      await until(async () => (await readFile(asked, 'utf8')).length > 1);
      // Less than the 15 s that it may be silent.
      aheadMs += 10_000;
    }
    expect(launched).toBe(false);
    await rm(loading);
    await launching;
  });

  test('is started on another port four times when somebody takes each, and then given up', async () => {
    const script = join(dataDir, 'late-redis');
    const starts = `${script}.starts`;
    const text = `#!/bin/sh\ngrep -m1 '^port' >> ${starts}\necho 'bind: Address already in use'\nexit 1\n`;
    await writeFile(script, text, { mode: 0o755 });
    await expect(launch({ binary: script })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('Address already in use'),
    });
    expect((await readFile(starts, 'utf8')).match(/^port \d+$/gm)).toHaveLength(5);
  });

  test('leaves nothing running when its instance file cannot be written', async () => {
    await mkdir(join(dataDir, 'redis', 'instance.json'), { recursive: true });
    await expect(launch()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    const processes = execFileSync('ps', ['-ww', '-eo', 'ppid,args'], { encoding: 'utf8' });
    const children = processes.split('\n').filter((line) => line.trim().startsWith(`${process.pid} `));
    expect(children.filter((line) => line.includes('redis-server'))).toEqual([]);
    const files = await readdir(join(dataDir, 'redis'));
    expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('is too old below 6.2', () => {
    expect(['7.0.15', '6.2.0', '10.0', '8.1.2'].every(isSupportedRedis)).toBe(true);
    expect(['6.0.16', '5.0.14', '', 'garbage'].some(isSupportedRedis)).toBe(false);
  });
});

/**
 * A program that answers like a redis-server of any version. It prints 25 lines, and ends on SIGTERM with code 7. While there
 * is a file of its name and `.loading`, it is loading, and adds to the file `.asked` each time that it says so.
 */
async function makeStandIn(version = '7.2.0'): Promise<string> {
  const script = join(dataDir, `stand-in-${version}`);
  const code = `
    const { appendFileSync, existsSync } = require('node:fs');
    const { createServer } = require('node:net');
    const bulk = (text) => '$' + text.length + '\\r\\n' + text + '\\r\\n';
    const info = bulk('process_id:' + process.pid + '\\r\\nredis_version:${version}\\r\\n');
    const answers = { auth: '+OK\\r\\n', ping: '+PONG\\r\\n', info, config: '*2\\r\\n' + bulk('dir') + bulk('/') };
    const script = ${JSON.stringify(script)};
    const server = createServer((socket) => {
      socket.on('error', () => {}).on('data', (bytes) => {
        for (const [word] of String(bytes).toLowerCase().matchAll(/auth|ping|info|config/g)) {
          const isLoading = word !== 'auth' && existsSync(script + '.loading');
          if (isLoading) appendFileSync(script + '.asked', 'x');
          socket.write(isLoading ? '-LOADING it reads its data\\r\\n' : answers[word]);
        }
      });
    });
    process.on('SIGTERM', () => process.exit(7));
    for (let line = 1; line <= 25; line += 1) console.log('line ' + line);
    process.stdin.on('data', (text) => server.listen(Number(/port (\\d+)/.exec(text)[1]), '127.0.0.1'));
  `;
  await writeFile(`${script}.cjs`, code);
  // A path with a space can't stand behind `#!`.
  await writeFile(script, `#!/bin/sh\nexec '${process.execPath}' '${script}.cjs' "$@"\n`, { mode: 0o755 });
  return script;
}

/** A program that stands in for a redis-server that is still starting: it writes its process id and answers nothing. */
async function makeSilentRedis() {
  const pidFile = join(dataDir, 'silent.pid');
  const script = join(dataDir, 'silent-redis');
  await writeFile(script, `#!/bin/sh\necho $$ > ${pidFile}\nexec sleep 600\n`, { mode: 0o755 });
  return { signal: new AbortController(), pidFile, binary: script };
}

async function launch(options: Partial<RedisLaunchOptions> = {}): Promise<PrivateRedis> {
  const redis = await launchRedis({ dataDir, binary, ...options });
  cleanups.push(() => redis.stop());
  return redis;
}

/** Launches it in another process, which ends with the test. */
async function launchElsewhere(ending = ''): Promise<{ pid: number; url: string; process: ChildProcess }> {
  const script = join(import.meta.dirname, 'launch-process.ts');
  const child = spawn(process.execPath, [script, dataDir, binary, ending], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const [line] = (await within(once(child.stdout, 'data'), PATIENCE_MS, 'the other process')) as [Buffer];
  const { pid, url } = JSON.parse(line.toString()) as { pid: number; url: string };
  return { pid, url, process: child };
}

function connect(url: string, options: { retryStrategy?: () => number | null } = {}): Redis {
  const client = new Redis(url, { enableReadyCheck: false, retryStrategy: () => null, ...options });
  client.on('error', () => {}); // The commands' own rejections are what the tests look at.
  cleanups.push(() => client.disconnect());
  return client;
}
