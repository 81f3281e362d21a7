/** Starts the measured servers and the clients that drive them, each in a process of its own, and ends them all. */

import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { silentLogger } from '../src/core/logger.ts';
import { createChannel } from '../src/log/channel.ts';
import { DEFAULT_LOG_SETTINGS, EventLog } from '../src/log/log.ts';
import type { JobEvent } from '../src/progress/events.ts';
import { begunJob, type JobState, newJob } from '../src/progress/state.ts';
import { newWriteId } from '../src/progress/write-id.ts';
import { connectRedis } from '../src/redis/client.ts';
import { createKeys, type Keys } from '../src/redis/keys.ts';
import { tableOf } from '../test/setup/workflows.ts';
import type { Usage } from './measured-process.ts';
import type { OpenCommand, Protocol } from './swarm.ts';

export { createChannel, silentLogger };

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const STOPPED = 'the process ended';
const SETTLE_LIMIT_MS = 60_000;

/** Sends requests to a child process over its IPC channel. */
class Child {
  readonly process: ChildProcess;
  readonly #answers = new Map<
    number | 'ready',
    { resolve(value: never): void; reject(error: Error): void }
  >();
  #asked = 0;

  constructor(file: string, env: Readonly<Record<string, string>>, execArgv: readonly string[]) {
    this.process = fork(here(file), {
      env: { ...process.env, ...env },
      execArgv: [...execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.process.on('message', (message: { answer: number | 'ready'; error?: string }) => {
      const waiting = this.#answers.get(message.answer);
      this.#answers.delete(message.answer);
      if (message.error === undefined) waiting?.resolve(message as never);
      else waiting?.reject(new Error(message.error));
    });
    this.process.once('exit', () => {
      for (const { reject } of this.#answers.values()) reject(new Error(STOPPED));
    });
  }

  ready<T>(): Promise<T> {
    return this.#await('ready');
  }

  ask<T>(message: object): Promise<T> {
    this.#asked += 1;
    this.process.send({ ...message, ask: this.#asked });
    return this.#await(this.#asked);
  }

  #await<T>(answer: number | 'ready'): Promise<T> {
    return new Promise<T>((resolve, reject) =>
      this.#answers.set(answer, { resolve: resolve as never, reject }),
    );
  }

  /** Asks the process to end by itself. */
  async leave(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.send({ ask: 'end' });
    await ended;
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill(signal);
    await ended;
  }
}

export interface Contender {
  readonly name: string;
  readonly file: string;
  readonly protocol: Protocol;
  readonly path: string;
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Additional fields that its clients select of every event; not used if they resume or use distinct documents. */
  readonly more?: string;
}

export const PLAYHEAD: Contender = {
  name: 'Playhead',
  file: './playhead-server.ts',
  protocol: 'graphql-ws',
  path: '/graphql',
  // As in package.json and start.ts.
  execArgv: ['--max-semi-space-size=4'],
};
/** Its clients keep a normalised cache up to date. */
export const WITH_JOB: Contender = {
  ...PLAYHEAD,
  name: 'Playhead, with the job of each event',
  more: '... on Event { job { id version status progress step message attempt } }',
};
export const RECIPE = peer('yoga + graphql-ws + redis-subscriptions', 'recipe', 'graphql-ws');
export const GRAPHQL_WS = peer('graphql-ws + graphql-js', 'graphql-ws', 'graphql-ws');
export const APOLLO = peer('Apollo Server 5 + graphql-ws', 'apollo', 'graphql-ws');
export const MERCURIUS = peer('Mercurius', 'mercurius', 'graphql-ws');
export const SOCKET_IO = peer('Socket.IO', 'socket-io', 'socket.io', '/socket.io/?EIO=4&transport=websocket');
export const BARE_WS = peer('bare ws broadcast', 'bare-ws', 'ws', '/');

function peer(name: string, file: string, protocol: Protocol, path = '/graphql'): Contender {
  return { name, file: `./peers/${file}.mjs`, protocol, path };
}

export const QUERY = `subscription ($projectId: ID!AFTER) {
  jobEvents(projectId: $projectId ARGUMENT) {
    __typename
    ... on Event { id projectId jobId taskName attempt timestamp }
    ... on ProgressEvent { progress progressPercent status step message metadata }
    ... on ErrorEvent { error willRetry }
  }
}`;
const PLAIN = QUERY.replace('AFTER', '').replace('ARGUMENT', '');
const RESUMING = QUERY.replace('AFTER', ', $after: ID').replace('ARGUMENT', ', after: $after');
/** A field under a different alias for each client, so that nothing is shared. */
const DISTINCT = PLAIN.replace('__typename\n', '__typename label_LABEL: __typename\n');

export class Server {
  readonly contender: Contender;
  readonly port: number;
  readonly #child: Child;
  readonly #profiled: boolean;

  private constructor(contender: Contender, port: number, child: Child, profiled: boolean) {
    this.contender = contender;
    this.port = port;
    this.#child = child;
    this.#profiled = profiled;
  }

  static async start(
    bench: Bench,
    contender: Contender,
    options: { readonly port?: number; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<Server> {
    const profiling = bench.profile ? ['--cpu-prof', `--cpu-prof-dir=${bench.profile}`] : [];
    const env = {
      REDIS_URL: bench.redisUrl,
      PORT: String(options.port ?? 0),
      PLAYHEAD_PREFIX: bench.prefix,
      PLAYHEAD_LOG_LEVEL: 'silent',
      NODE_ENV: 'production',
      ...contender.env,
      ...options.env,
    };
    const child = new Child(contender.file, env, [
      '--expose-gc',
      ...(contender.execArgv ?? []),
      ...profiling,
    ]);
    bench.onEnd(() => child.end());
    const { port } = await child.ready<{ port: number }>();
    return new Server(contender, port, child, bench.profile !== null);
  }

  /** @param collect whether to collect garbage first */
  async usage(collect = false): Promise<Usage> {
    return (await this.#child.ask<{ usage: Usage }>({ collect })).usage;
  }

  /** Kills the server, as a crash would. */
  kill(): Promise<void> {
    return this.#child.end();
  }

  async end(): Promise<void> {
    // Only a process that ends by itself writes its profile.
    if (this.#profiled) await this.#child.leave();
    await this.#child.end();
  }
}

interface SwarmOptions {
  readonly distinct?: boolean;
  readonly resuming?: boolean;
}

export class Swarm {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(bench: Bench): Promise<Swarm> {
    const child = new Child('./swarm.ts', {}, []);
    bench.onEnd(() => child.end());
    await child.ready();
    return new Swarm(child);
  }

  async open(server: Server, projectId: string, count: number, options: SwarmOptions = {}): Promise<void> {
    const { protocol, path } = server.contender;
    const plain = PLAIN.replace('__typename\n', `__typename ${server.contender.more ?? ''}\n`);
    const query = options.resuming ? RESUMING : options.distinct ? DISTINCT : plain;
    const command: OpenCommand = {
      do: 'open',
      port: server.port,
      path,
      protocol,
      count,
      query,
      variables: { projectId },
      distinct: options.distinct ?? false,
      track: options.resuming ?? false,
    };
    await this.do(command);
  }

  async do<T>(command: object): Promise<T> {
    return (await this.#child.ask<{ result: T }>({ command })).result;
  }

  /** Publishes single events until every client has received one, then resets the clients' counts. */
  async settle(publish: () => Promise<unknown>): Promise<void> {
    const limit = performance.now() + SETTLE_LIMIT_MS;
    for (let without = Number.POSITIVE_INFINITY; without > 0; ) {
      if (performance.now() > limit)
        throw new Error(`${without} clients have got nothing: is the machine too busy?`);
      await publish();
      await sleep(300);
      without = await this.do<number>({ do: 'rebase' });
    }
    await sleep(300);
    await this.do({ do: 'rebase' });
  }

  end(): Promise<void> {
    return this.#child.end();
  }
}

/** The shared parts of one bench run: a Redis and everything that must be ended. */
export class Bench {
  readonly redisUrl: string;
  readonly prefix = `bench-${randomBytes(4).toString('hex')}`;
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly quick: boolean;
  /** Folder for CPU profiles of the servers; null: none are written. */
  readonly profile: string | null;
  readonly #ends: (() => Promise<unknown>)[] = [];

  constructor(redisUrl: string, quick: boolean, profile: string | null = null) {
    this.redisUrl = redisUrl;
    this.quick = quick;
    this.profile = profile;
    this.redis = connectRedis(redisUrl, (error) => process.stderr.write(`${error.message}\n`));
    this.keys = createKeys(this.prefix);
    this.log = new EventLog(this.redis, this.keys, DEFAULT_LOG_SETTINGS);
  }

  onEnd(end: () => Promise<unknown>): void {
    this.#ends.push(end);
  }

  /** Ends every process started by a scenario. */
  async endAll(): Promise<void> {
    await Promise.all(this.#ends.splice(0).map((end) => end()));
  }

  /** Number of calls of a Redis command so far. */
  async calls(command: string): Promise<number> {
    const stats = await this.redis.info('commandstats');
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  }
}

/** Writes the events of one project: into the log for Playhead, as a bare PUBLISH for the peers. */
export class Publisher {
  readonly projectId: string;
  readonly #bench: Bench;
  readonly #logged: boolean;
  /** Number of additional characters in each event. */
  paddingLength = 0;
  #state: JobState;
  #count = 0;

  constructor(bench: Bench, contender: Contender, projectId = `p-${randomBytes(4).toString('hex')}`) {
    this.projectId = projectId;
    this.#bench = bench;
    this.#logged = contender.file === PLAYHEAD.file;
    this.#state = newJob({
      id: `0198c0de-${randomBytes(2).toString('hex')}-7000-8000-${randomBytes(6).toString('hex')}`,
      projectId: this.projectId,
      workflow: 'DIRECTOR',
      taskName: 'video_generation',
      table: tableOf('DIRECTOR'),
      maxAttempts: 3,
      createdAt: Date.now(),
    });
  }

  /** The job's state. */
  get state(): JobState {
    return this.#state;
  }

  /** Writes the job's first event. */
  async create(): Promise<void> {
    const state = this.#state;
    await this.#bench.log.append({ mode: 'create', writeId: newWriteId(), event: this.#event(0), state });
  }

  async begin(): Promise<void> {
    if (!this.#logged) return;
    await this.create();
    const state = this.#state;
    this.#state = begunJob(state, 1, Date.now());
    await this.#bench.log.append({
      mode: 'begin',
      writeId: newWriteId(),
      event: this.#event(0),
      state: this.#state,
    });
  }

  /** Publishes `count` events at once. @returns when Redis has them */
  async publish(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#publishOne()));
  }

  #publishOne(): Promise<unknown> {
    this.#count += 1;
    const event = this.#event((this.#count % 1_000) / 1_000);
    if (this.#logged) {
      return this.#bench.log.append({ mode: 'event', writeId: newWriteId(), event, state: this.#state });
    }
    const id = Buffer.from(`0123456789ab.${this.#count}.${newWriteId()}`).toString('base64url');
    return this.#bench.redis.publish(`bench:${this.projectId}`, JSON.stringify({ ...event, id }));
  }

  /** A message that contains the current time. */
  message(): string {
    return `Generating clips (3/10) sent ${(performance.timeOrigin + performance.now()).toFixed(4)}`;
  }

  #event(progress: number): JobEvent {
    return {
      type: 'ProgressEvent',
      projectId: this.projectId,
      jobId: this.#state.id,
      taskName: 'video_generation',
      attempt: 1,
      timestamp: new Date().toISOString(),
      progress,
      status: 'processing',
      step: 'generate_videos',
      message: this.message(),
      metadata: {
        current_clip: 3,
        total_clips: 10,
        ...(this.paddingLength && { padding: 'x'.repeat(this.paddingLength) }),
      },
    };
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export interface Row {
  readonly what: string;
  readonly value: string;
  /** The goal that it is measured against. */
  readonly goal?: string;
  readonly met?: boolean;
}

export interface Section {
  readonly name: string;
  readonly rows: readonly Row[];
  /** The figures in machine-readable form. */
  readonly figures: Readonly<Record<string, unknown>>;
}
