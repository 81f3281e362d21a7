/** Redis, API processes and workers as separate processes, which the harness kills, stops and restarts. */

import { type ChildProcess, fork } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Position } from '../../../src/progress/position.ts';
import { connectRedis } from '../../../src/redis/client.ts';
import type { PrivateRedis } from '../../../src/redis/launcher.ts';
import { until, within } from '../../setup/deadline.ts';
import { launchRedisIn } from '../../setup/harness.ts';
import { readyMessage } from '../../setup/processes.ts';

const START_LIMIT_MS = 90_000;

/** A redis-server with an AOF. */
export class FaultyRedis {
  readonly #dataDir: string;
  #server: PrivateRedis;

  private constructor(dataDir: string, server: PrivateRedis) {
    this.#dataDir = dataDir;
    this.#server = server;
  }

  static async launch(): Promise<FaultyRedis> {
    const dataDir = await mkdtemp(join(tmpdir(), 'playhead-faults-redis-'));
    return new FaultyRedis(dataDir, await launchRedisIn(dataDir));
  }

  get url(): string {
    return this.#server.url;
  }

  /**
   * Kills it without any chance to write what it holds in memory. What it has acknowledged is written first: with everysec,
   * Redis postpones writes for up to 2 s while the disk is busy, and that loss (docs/protocol.md) would hide one of ours.
   */
  async kill(): Promise<void> {
    const { pid, url } = this.#server;
    const client = connectRedis(url, () => {});
    await client.config('SET', 'appendfsync', 'always');
    process.kill(pid, 'SIGKILL');
    client.disconnect();
    await until(() => this.#server.pid === 0, { what: 'redis-server has died' });
    await this.#server.stop();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** Starts it on the same port. */
  async start(): Promise<void> {
    this.#server = await launchRedisIn(this.#dataDir);
  }

  /** Copies what is on the disk now. The server is stopped during that time. */
  async keepImage(): Promise<void> {
    await this.stop();
    await rm(this.#image, { recursive: true, force: true });
    await cp(this.#files, this.#image, { recursive: true });
    await this.start();
  }

  /** Returns to the image. */
  async rollBack(): Promise<void> {
    await this.stop();
    await rm(this.#files, { recursive: true, force: true });
    await cp(this.#image, this.#files, { recursive: true });
    await this.start();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  get #files(): string {
    return join(this.#dataDir, 'redis', 'appendonlydir');
  }

  get #image(): string {
    return join(this.#dataDir, 'image');
  }
}

/** A server or worker process. */
export class Member {
  readonly name: string;
  /** Events that Redis acknowledged to it, in the order of the answers, as reported by the harness's workers. */
  readonly acknowledged: Position[] = [];
  readonly #module: URL;
  readonly #env: Record<string, string>;
  #child: ChildProcess | null = null;
  #port = 0;

  constructor(name: string, module: URL, env: Record<string, string>) {
    this.name = name;
    this.#module = module;
    this.#env = env;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it on its previous port. */
  async start(): Promise<void> {
    const env = { PATH: process.env['PATH'] ?? '', ...this.#env, PORT: String(this.#port) };
    const child = fork(this.#module, { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    const ready = readyMessage<{ port?: number }>(child, this.name);
    child.on('message', ({ acknowledged }: { readonly acknowledged?: Position }) => {
      if (acknowledged !== undefined) this.acknowledged.push(acknowledged);
    });
    this.#port = (await within(ready, START_LIMIT_MS, `${this.name} is ready`)).port ?? 0;
  }

  /** Sends a signal and waits for the exit. @returns the exit code; null if the signal ended it */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return within(ended, START_LIMIT_MS, `${this.name} ends`);
  }

  /** Whether it has ended and has not been restarted. */
  get isDown(): boolean {
    return this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }
}

export interface Stack {
  readonly redis: FaultyRedis;
  readonly apis: readonly [Member, Member];
  readonly workers: readonly [Member, Member];
  readonly dataDir: string;
  close(): Promise<void>;
}

/** Two API processes and two workers on one Redis. */
export async function startStack(env: Record<string, string> = {}): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-faults-'));
  const redis = await FaultyRedis.launch();
  const settings = {
    REDIS_URL: redis.url,
    PLAYHEAD_DATA_DIR: dataDir,
    PLAYHEAD_LOG_LEVEL: 'fatal',
    PLAYHEAD_LOG_LENGTH: '1000000',
    PLAYHEAD_CONCURRENCY: '16',
    PLAYHEAD_LOCK_SECONDS: '2',
    PLAYHEAD_DRAIN_SECONDS: '2',
    ...env,
  };
  const server = new URL('../../../src/server.ts', import.meta.url);
  const worker = new URL('./worker.ts', import.meta.url);
  const apis: Stack['apis'] = [new Member('api 1', server, settings), new Member('api 2', server, settings)];
  const workers: Stack['workers'] = [
    new Member('worker 1', worker, settings),
    new Member('worker 2', worker, settings),
  ];
  const members = [...apis, ...workers];
  const close = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.end('SIGKILL')));
    await redis.remove();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await Promise.all(members.map((member) => member.start()));
  } catch (error) {
    await close();
    throw error;
  }
  return { redis, apis, workers, dataDir, close };
}
