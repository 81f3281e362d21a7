/** A Redis Cluster on loopback: three primaries, each with a replica. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../../src/redis/instance.ts';
import { findRedisServer } from '../../../src/settings/programs.ts';
import { until } from '../../setup/deadline.ts';

const PRIMARIES = 3;
const SLOTS = 16_384;
/** A node that is silent for this long is down, and a primary's replica takes over. The servers' default is 15 s. */
const NODE_TIMEOUT_MS = 1_500;
/** For tests in which no replica has to take over: none does while the machine is busy with something else. */
export const PATIENT = { nodeTimeoutMs: 60_000 };
/** A node listens for the others at its port plus this. */
const BUS_OFFSET = 10_000;

interface Node {
  readonly port: number;
  readonly folder: string;
  process: ChildProcess;
}

/** What CLUSTER NODES reports about a node. */
interface NodeView {
  readonly id: string;
  readonly port: number;
  readonly flags: readonly string[];
  readonly slots: readonly string[];
}

export class RedisCluster {
  readonly #root: string;
  readonly #nodes: Node[] = [];

  private constructor(root: string) {
    this.#root = root;
  }

  /** @param lines additional lines for each node's configuration */
  static async launch({
    lines = [] as readonly string[],
    nodeTimeoutMs = NODE_TIMEOUT_MS,
  } = {}): Promise<RedisCluster> {
    const cluster = new RedisCluster(await mkdtemp(join(tmpdir(), 'playhead-cluster-')));
    try {
      for (let index = 0; index < 2 * PRIMARIES; index += 1) {
        cluster.#nodes.push(await cluster.#start(`node-${index}`, nodeTimeoutMs, lines));
      }
      await cluster.#join();
    } catch (error) {
      await cluster.remove();
      throw error;
    }
    return cluster;
  }

  get url(): string {
    return `redis+cluster://${this.hosts.join(',')}`;
  }

  get hosts(): readonly string[] {
    return this.#nodes.map(({ port }) => `127.0.0.1:${port}`);
  }

  /** Waits until every node sees every slot served, and every primary with an up-to-date replica. */
  async settle(): Promise<void> {
    await until(() => this.#isWhole(), { everyMs: 100, what: 'the Cluster is complete' });
  }

  /** Kills the primary that serves a key; its replica takes over. @returns a function that starts it again, as a replica */
  async killPrimary(key: string): Promise<() => void> {
    const slot = Number(await this.#ask(this.#nodes[0], 'CLUSTER', 'KEYSLOT', key));
    const views = await this.#views(this.#nodes[0]);
    const owner = views.find(({ slots }) => slots.some((range) => covers(range, slot)));
    const node = this.#nodes.find(({ port }) => port === owner?.port);
    if (node === undefined) throw new Error(`expected a node that serves slot ${slot}`);
    await end(node.process);
    return () => {
      node.process = spawnServer(node.folder);
    };
  }

  /** Waits until the replicas have confirmed everything that the primaries have now. */
  async replicated(): Promise<void> {
    const before = await this.onAll('INFO', 'replication');
    const offsets = before.map((info) => Number(/master_repl_offset:(\d+)/.exec(String(info))?.[1]));
    await until(
      async () => {
        const infos = await this.onAll('INFO', 'replication');
        return infos.every((info, index) => {
          const had = /^slave0:.*offset=(\d+)/m.exec(String(info))?.[1];
          return !String(info).includes('role:master') || Number(had) >= (offsets[index] ?? 0);
        });
      },
      { everyMs: 50, what: 'the replicas are in step' },
    );
  }

  /** Kills every node. @returns a function that starts them again */
  async killAll(): Promise<() => void> {
    await Promise.all(this.#nodes.map((node) => end(node.process)));
    return () => {
      for (const node of this.#nodes) node.process = spawnServer(node.folder);
    };
  }

  /** Runs a command on every node. */
  async onAll(...words: readonly [string, ...string[]]): Promise<readonly unknown[]> {
    return Promise.all(this.#nodes.map((node) => this.#ask(node, ...words)));
  }

  async remove(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => end(node.process)));
    await rm(this.#root, { recursive: true, force: true });
  }

  async #join(): Promise<void> {
    const [first] = this.#nodes;
    await until(() => this.onAll('PING'), { what: 'the nodes answer' });
    for (const [index, node] of this.#nodes.slice(0, PRIMARIES).entries()) {
      const from = Math.ceil((SLOTS * index) / PRIMARIES);
      const count = Math.ceil((SLOTS * (index + 1)) / PRIMARIES) - from;
      // One by one: ADDSLOTSRANGE came with Redis 7.
      const slots = Array.from({ length: count }, (_, at) => String(from + at));
      await this.#ask(node, 'CLUSTER', 'ADDSLOTS', ...slots);
      // Without it, two nodes may need an election over which is newer.
      await this.#ask(node, 'CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    }
    for (const { port } of this.#nodes.slice(1)) {
      await this.#ask(first, 'CLUSTER', 'MEET', '127.0.0.1', String(port));
    }
    for (const [index, node] of this.#nodes.slice(PRIMARIES).entries()) {
      const primary = this.#nodes[index];
      await until(
        async () => {
          const id = String(await this.#ask(primary, 'CLUSTER', 'MYID'));
          return this.#ask(node, 'CLUSTER', 'REPLICATE', id);
        },
        { everyMs: 50, what: 'a node knows its primary' },
      );
    }
    await this.settle();
  }

  async #isWhole(): Promise<boolean> {
    for (const node of this.#nodes) {
      if (!String(await this.#ask(node, 'CLUSTER', 'INFO')).includes('cluster_state:ok')) return false;
      const views = await this.#views(node);
      if (views.length !== 2 * PRIMARIES || views.some(({ flags }) => flags.some(isDoubtful))) return false;
      const replication = String(await this.#ask(node, 'INFO', 'replication'));
      if (!/role:master[\s\S]*state=online|master_link_status:up/.test(replication)) return false;
    }
    return true;
  }

  async #views(node: Node | undefined): Promise<readonly NodeView[]> {
    const text = String(await this.#ask(node, 'CLUSTER', 'NODES'));
    return text.trimEnd().split('\n').map(readView);
  }

  async #start(name: string, nodeTimeoutMs: number, lines: readonly string[]): Promise<Node> {
    const folder = join(this.#root, name);
    await mkdir(folder);
    const port = await freePair();
    const settings = [
      ...['bind 127.0.0.1', `port ${port}`, `dir ${folder}`, 'save ""', 'appendonly yes'],
      ...['cluster-enabled yes', `cluster-node-timeout ${nodeTimeoutMs}`, 'cluster-config-file nodes.conf'],
      // No matter how far behind it is: a replica that may not take over would leave the slots without a server.
      ...['cluster-replica-validity-factor 0', 'repl-diskless-sync-delay 0', ...lines, ''],
    ];
    await writeFile(join(folder, 'redis.conf'), settings.join('\n'));
    return { port, folder, process: spawnServer(folder) };
  }

  async #ask(node: Node | undefined, name: string, ...words: readonly string[]): Promise<unknown> {
    const client = new Redis(node?.port ?? 0, '127.0.0.1', {
      enableReadyCheck: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    try {
      return await client.call(name, ...words);
    } finally {
      client.disconnect();
    }
  }
}

/** `id host:port@bus flags primary ping pong epoch link slot slot-slot …` */
function readView(line: string): NodeView {
  const [id = '', place = '', flags = '', , , , , , ...slots] = line.split(' ');
  return { id, port: Number(/:(\d+)/.exec(place)?.[1]), flags: flags.split(','), slots };
}

function isDoubtful(flag: string): boolean {
  return ['fail', 'fail?', 'handshake', 'noaddr'].includes(flag);
}

function covers(range: string, slot: number): boolean {
  const [from = Number.NaN, to = from] = range.split('-').map(Number);
  return slot >= from && slot <= to;
}

/** A port that is free, as is the corresponding bus port. */
async function freePair(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const free = (await freePort(port)) === port && (await freePort(port + BUS_OFFSET)) === port + BUS_OFFSET;
    if (free) return port;
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await ended;
}

function spawnServer(folder: string): ChildProcess {
  return spawn(findRedisServer(), [join(folder, 'redis.conf')], { stdio: 'ignore' });
}
