/** A Sentinel set on loopback: one primary, two replicas, three sentinels. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../../src/redis/instance.ts';
import { findRedisServer } from '../../../src/settings/programs.ts';
import { until } from '../../setup/deadline.ts';

const NAME = 'main';
/** A primary that is silent for this long is down. */
const DOWN_AFTER_MS = 1_000;

interface Node {
  readonly port: number;
  readonly folder: string;
  process: ChildProcess;
}

export class SentinelSet {
  readonly #root: string;
  readonly #servers: Node[] = [];
  readonly #sentinels: Node[] = [];

  private constructor(root: string) {
    this.#root = root;
  }

  static async launch(): Promise<SentinelSet> {
    const set = new SentinelSet(await mkdtemp(join(tmpdir(), 'playhead-sentinel-')));
    for (let index = 0; index < 3; index += 1) {
      const primary = set.#servers[0];
      const lines = primary === undefined ? [] : [`replicaof 127.0.0.1 ${primary.port}`];
      set.#servers.push(
        await set.#start(`server-${index}`, ['appendonly yes', 'repl-diskless-sync-delay 0', ...lines]),
      );
    }
    const primary = set.#servers[0]?.port;
    for (let index = 0; index < 3; index += 1) {
      const lines = [
        `sentinel monitor ${NAME} 127.0.0.1 ${primary} 2`,
        `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${NAME} 5000`,
      ];
      set.#sentinels.push(await set.#start(`sentinel-${index}`, lines, ['--sentinel']));
    }
    await set.settle();
    return set;
  }

  get url(): string {
    return `redis+sentinel://${this.#sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${NAME}`;
  }

  /** Waits until all know each other, and both replicas are up to date. */
  async settle(): Promise<void> {
    await until(
      async () => {
        const [facts = []] = (await this.#ask('MASTERS')) as string[][];
        const fact = (name: string): string => facts[facts.indexOf(name) + 1] ?? '';
        if (fact('num-other-sentinels') !== '2' || fact('flags') !== 'master') return false;
        const primary = new Redis(Number(fact('port')), '127.0.0.1', { maxRetriesPerRequest: 1 });
        primary.on('error', () => {});
        const info = await primary.info('replication').finally(() => primary.disconnect());
        return (info.match(/state=online/g) ?? []).length === 2;
      },
      { everyMs: 100, what: 'the Sentinel set is complete' },
    );
  }

  /** Kills the primary; the sentinels choose another. @returns a function that starts it again, as a replica */
  async killPrimary(): Promise<() => void> {
    const [, port] = (await this.#ask('GET-MASTER-ADDR-BY-NAME', NAME)) as string[];
    const node = this.#servers.find((server) => String(server.port) === port);
    if (node === undefined) throw new Error(`expected a server of the set, received port ${port}`);
    const ended = new Promise((resolve) => node.process.once('exit', resolve));
    node.process.kill('SIGKILL');
    await ended;
    return () => {
      node.process = spawnServer(node.folder, []);
    };
  }

  async remove(): Promise<void> {
    const nodes = [...this.#sentinels, ...this.#servers];
    await Promise.all(
      nodes.map(async ({ process }) => {
        if (process.exitCode !== null || process.signalCode !== null) return;
        const ended = new Promise((resolve) => process.once('exit', resolve));
        process.kill('SIGKILL');
        await ended;
      }),
    );
    await rm(this.#root, { recursive: true, force: true });
  }

  async #start(name: string, lines: readonly string[], args: readonly string[] = []): Promise<Node> {
    const folder = join(this.#root, name);
    await mkdir(folder);
    const port = await freePort();
    const settings = ['bind 127.0.0.1', `port ${port}`, `dir ${folder}`, 'save ""', ...lines, ''].join('\n');
    await writeFile(join(folder, 'redis.conf'), settings);
    return { port, folder, process: spawnServer(folder, args) };
  }

  async #ask(...words: readonly string[]): Promise<unknown> {
    const sentinel = new Redis(this.#sentinels[0]?.port ?? 0, '127.0.0.1', { enableReadyCheck: false });
    sentinel.on('error', () => {});
    try {
      return await sentinel.call('SENTINEL', ...words);
    } finally {
      sentinel.disconnect();
    }
  }
}

/** Servers and sentinels write what they have learned to their files, so a restarted one knows it. */
function spawnServer(folder: string, args: readonly string[]): ChildProcess {
  return spawn(findRedisServer(), [join(folder, 'redis.conf'), ...args], { stdio: 'ignore' });
}
