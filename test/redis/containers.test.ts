/** A data folder that containers share: process ids mean nothing between them, and recur. Here: namespaces of the kernel. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { findRedisServer } from '../../src/settings/programs.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';

const binary = findRedisServer();
const CONTAINER = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'] as const;
const hasContainers = spawnSync('unshare', [...CONTAINER, 'true']).status === 0;

interface Launched {
  readonly process: ChildProcess;
  readonly url: string;
  readonly origin: string;
  /** Its process id in its container. */
  readonly pid: number;
}

async function makeFolder(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-containers-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  return dataDir;
}

/** Launches the folder's Redis as the first process of a container. @throws what it said when it did not come up */
async function launchInContainer(
  dataDir: string,
  {
    namespaces = [],
    startTimeoutMs = 20_000,
  }: { namespaces?: readonly string[]; startTimeoutMs?: number } = {},
): Promise<Launched> {
  const script = join(import.meta.dirname, 'launch-process.ts');
  const args = [process.execPath, script, dataDir, binary, '', String(startTimeoutMs)];
  const container = spawn('unshare', [...CONTAINER, ...namespaces, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(container, 'close');
  onTestFinished(async () => {
    container.kill('SIGKILL');
    await ended;
  });
  let said = '';
  container.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const line = once(container.stdout, 'data') as Promise<[Buffer]>;
  const first = await within(Promise.race([line, ended.then(() => null)]), PATIENCE_MS, 'the container');
  if (first === null) throw new Error(said);
  return { ...(JSON.parse(String(first[0])) as Omit<Launched, 'process'>), process: container };
}

function connect(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => 20 });
  client.on('error', () => {}); // The commands' own rejections are what the tests look at.
  onTestFinished(() => client.disconnect());
  return client;
}

test.runIf(hasContainers)(
  'two starts in two containers at the same moment run one server, and it outlives the first container',
  async () => {
    const dataDir = await makeFolder();
    const both = await Promise.all([launchInContainer(dataDir), launchInContainer(dataDir)]);
    expect(both.map(({ origin }) => origin).toSorted()).toEqual(['shared', 'started']);
    expect(both[0].url).toBe(both[1].url);

    const [first] = both.filter(({ origin }) => origin === 'started');
    const client = connect(both[0].url);
    await client.set('key', 'kept');
    // The server ends with the container that it runs in; the other container starts it again, on the same port.
    first?.process.kill('SIGKILL');
    await until(async () => (await client.get('key').catch(() => null)) === 'kept');
    const restarted = (await client.info('server')).match(/uptime_in_seconds:(\d+)/)?.[1];
    expect(Number(restarted)).toBeLessThan(30);
  },
);

test.runIf(hasContainers)(
  'a container with a network of its own is refused in words, and the first goes on',
  async () => {
    const dataDir = await makeFolder();
    const first = await launchInContainer(dataDir);
    await connect(first.url).set('key', 'kept');
    await expect(launchInContainer(dataDir, { namespaces: ['--net'], startTimeoutMs: 500 })).rejects.toThrow(
      'belongs to a Playhead in another container or on another machine',
    );
    expect(await connect(first.url).get('key')).toBe('kept');
  },
);

test.runIf(hasContainers)(
  'a container that was killed and comes again, with the same process ids, starts on its data',
  async () => {
    const dataDir = await makeFolder();
    const first = await launchInContainer(dataDir);
    await connect(first.url).set('key', 'kept');
    first.process.kill('SIGKILL');
    await once(first.process, 'close');
    const again = await launchInContainer(dataDir);
    expect([again.origin, again.pid]).toEqual(['started', first.pid]);
    expect(await connect(again.url).get('key')).toBe('kept');
  },
);
