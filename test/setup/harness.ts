/** Builds the event path on a real Redis for the tests of progress and jobs. */

import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { Json } from '../../src/core/json.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { AppendMode, AppendOutcome } from '../../src/log/append.ts';
import { createChannel } from '../../src/log/channel.ts';
import { encodeCursor } from '../../src/log/cursor.ts';
import { openEventStream, type StreamRequest, type StreamSources } from '../../src/log/event-stream.ts';
import type { Channel } from '../../src/log/feed.ts';
import { FeedHub } from '../../src/log/feed-hub.ts';
import { JobStore } from '../../src/log/job-store.ts';
import { DEFAULT_LOG_SETTINGS, EventLog, type LogSettings } from '../../src/log/log.ts';
import type { JobEvent, LoggedEvent } from '../../src/progress/events.ts';
import { begunJob, endedJob, type JobState, newJob, requeuedJob } from '../../src/progress/state.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys, type Keys } from '../../src/redis/keys.ts';
import { launchRedis, type PrivateRedis } from '../../src/redis/launcher.ts';
import { databaseOf } from '../../src/redis/url.ts';
import { findRedisServer } from '../../src/settings/programs.ts';
import { PATIENCE_MS, within } from './deadline.ts';
import { tableOf, WORKFLOWS } from './workflows.ts';

/** A short random name, so that projects, jobs and prefixes do not collide. */
export function unique(name: string): string {
  return `${name}-${randomBytes(6).toString('hex')}`;
}

/** A connection that is closed when the test ends. */
export function connect(url: string = inject('redisUrl')): Redis {
  const client = connectRedis(url, () => {});
  onTestFinished(() => closeRedis(client));
  return client;
}

/** Makes each command of a client take 100 ms longer. */
export function slowly(redis: Redis): Redis {
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, ...rest) => {
    setTimeout(() => send(command, ...rest), 100);
    return command.promise;
  };
  return redis;
}

export interface EventPath {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly hub: FeedHub;
  readonly subscriber: Redis;
  readonly sources: StreamSources;
  open(request: Partial<StreamRequest> & { readonly projectId: string }): Promise<Stream>;
}

export interface EventPathOptions {
  readonly url?: string;
  readonly prefix?: string;
  readonly log?: Partial<LogSettings>;
  readonly hub?: NonNullable<ConstructorParameters<typeof FeedHub>[0]['settings']>;
  readonly limits?: StreamSources['limits'];
  readonly paging?: StreamSources['snapshotPaging'];
  readonly wrap?: (channel: Channel) => Channel;
}

/** Log, job store and feeds, as in one API process. */
export function createEventPath(options: EventPathOptions = {}): EventPath {
  const redis = connect(options.url);
  const subscriber = connect(options.url);
  const database = databaseOf(options.url ?? inject('redisUrl'));
  const keys = createKeys(options.prefix ?? unique('test'), database);
  const log = new EventLog(redis, keys, { ...DEFAULT_LOG_SETTINGS, ...options.log });
  const jobs = new JobStore(redis, keys, WORKFLOWS);
  const channel = createChannel(subscriber, redis);
  const hub = new FeedHub({
    log,
    channel: options.wrap?.(channel) ?? channel,
    subscriber,
    keys,
    logger: silentLogger,
    settings: { checkIntervalMs: 50, ...options.hub },
  });
  onTestFinished(() => hub.close());
  const sources: StreamSources = {
    ...{ hub, log, jobs },
    ...(options.limits && { limits: options.limits }),
    ...(options.paging && { snapshotPaging: options.paging }),
  };
  return {
    redis,
    keys,
    log,
    jobs,
    hub,
    subscriber,
    sources,
    open: async (request) => {
      const stream = await openEventStream(sources, { snapshot: false, ...request });
      onTestFinished(async () => void (await stream.return()));
      return new Stream(stream);
    },
  };
}

/** A subscriber for which every wait has a deadline. */
export class Stream {
  readonly inner: AsyncGenerator<LoggedEvent, void, void>;

  constructor(inner: AsyncGenerator<LoggedEvent, void, void>) {
    this.inner = inner;
  }

  async next(timeoutMs = PATIENCE_MS): Promise<LoggedEvent | null> {
    const step = await within(this.inner.next(), timeoutMs, 'the next event of a stream');
    return step.done ? null : step.value;
  }

  async take(count: number): Promise<LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (event === null) throw new Error(`the stream ended after ${events.length} of ${count} events`);
      events.push(event);
    }
    return events;
  }

  /** Takes events up to and including the first for which `last` is true. */
  async takeUntil(last: (event: LoggedEvent) => boolean): Promise<LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    for (;;) {
      const event = await this.next();
      if (event === null) throw new Error(`the stream ended after ${events.length} events`);
      events.push(event);
      if (last(event)) return events;
    }
  }

  /** Takes every event up to the end of the stream. */
  async rest(): Promise<LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    for (let event = await this.next(); event !== null; event = await this.next()) events.push(event);
    return events;
  }
}

export function seqs(events: readonly LoggedEvent[]): number[] {
  return events.map(({ seq }) => seq);
}

export function cursorOf(event: LoggedEvent | undefined): string {
  if (event === undefined) throw new Error('expected an event, received undefined');
  return encodeCursor(event);
}

/** The whole numbers from `from` to `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

/** Writes the events of one job without a worker, one append each. */
export class JobWriter {
  state: JobState;
  readonly log: Pick<EventLog, 'append'>;

  constructor(log: Pick<EventLog, 'append'>, projectId: string, id = unique('job')) {
    this.log = log;
    this.state = newJob({
      id,
      projectId,
      workflow: 'LIPSYNC',
      taskName: 'lipsync',
      table: tableOf('LIPSYNC'),
      maxAttempts: 3,
      createdAt: Date.now(),
    });
  }

  create(options: { idempotencyKey?: string; input?: string } = {}): Promise<AppendOutcome> {
    return this.#append('create', this.progressEvent(0, 'queued'), this.state, options);
  }

  begin(attempt = 1): Promise<AppendOutcome> {
    const state = begunJob(this.state, attempt, Date.now());
    return this.#append('begin', this.progressEvent(0, 'processing', attempt), state);
  }

  progress(progress: number, attempt = this.state.attempt): Promise<AppendOutcome> {
    const event = this.progressEvent(progress, 'processing', attempt);
    return this.#append('event', event, { ...this.state, attempt, progress });
  }

  complete(attempt = this.state.attempt, result: Json = { clips: 1 }): Promise<AppendOutcome> {
    const event: JobEvent = { type: 'CompletionEvent', ...this.#fields(attempt), result };
    return this.#append('end', event, endedJob({ ...this.state, attempt }, event, Date.now()));
  }

  /** `release`: another attempt follows; `end`: it was the last; `close`: it was the last, ended from outside. */
  fail(mode: 'release' | 'end' | 'close', code = 'PROVIDER_FAILED'): Promise<AppendOutcome> {
    const event: JobEvent = {
      type: 'ErrorEvent',
      ...this.#fields(this.state.attempt),
      error: code,
      code,
      details: null,
      willRetry: mode === 'release',
      retryAfterSeconds: null,
    };
    return this.#append(mode, event, endedJob(this.state, event, Date.now()));
  }

  retry(): Promise<AppendOutcome> {
    const state = requeuedJob(this.state);
    return this.#append('retry', this.progressEvent(0, 'queued', state.attempt), state);
  }

  progressEvent(progress: number, status: 'queued' | 'processing', attempt = this.state.attempt): JobEvent {
    return {
      type: 'ProgressEvent',
      ...this.#fields(attempt),
      progress,
      status,
      step: null,
      message: `at ${progress}`,
      metadata: null,
    };
  }

  async #append(
    mode: AppendMode,
    event: JobEvent,
    state: JobState,
    options: { idempotencyKey?: string; input?: string } = {},
  ): Promise<AppendOutcome> {
    const outcome = await this.log.append({ mode, writeId: newWriteId(), event, state, ...options });
    if (outcome.code === 'OK') this.state = state;
    return outcome;
  }

  #fields(attempt: number): Pick<JobEvent, 'projectId' | 'jobId' | 'taskName' | 'attempt' | 'timestamp'> {
    const { projectId, id, taskName } = this.state;
    return { projectId, jobId: id, taskName, attempt, timestamp: new Date().toISOString() };
  }
}

/** Writes a begun job with `count` events in total: created, begun, then progress. */
export async function writeJob(log: EventLog, projectId: string, count = 2): Promise<JobWriter> {
  const writer = new JobWriter(log, projectId);
  await writer.create();
  await writer.begin();
  await Promise.all(range(3, count).map((number) => writer.progress(number / (count + 1))));
  return writer;
}

/** A redis-server of the test's own, which can be stopped, restarted and set back to an older state of its disk. */
export class OwnRedis {
  readonly #dataDir: string;
  #server: PrivateRedis;

  private constructor(dataDir: string, server: PrivateRedis) {
    this.#dataDir = dataDir;
    this.#server = server;
  }

  static async launch(): Promise<OwnRedis> {
    const dataDir = await mkdtemp(join(tmpdir(), 'playhead-own-redis-'));
    const own = new OwnRedis(dataDir, await launchRedisIn(dataDir));
    onTestFinished(async () => {
      await own.stop();
      await rm(dataDir, { recursive: true, force: true });
    });
    return own;
  }

  get url(): string {
    return this.#server.url;
  }

  /** Makes it say nothing until `thaw`, or until the test ends. */
  freeze(): void {
    onTestFinished(() => this.thaw());
    process.kill(this.#server.pid, 'SIGSTOP');
  }

  thaw(): void {
    // 0 once it has stopped.
    if (this.#server.pid !== 0) process.kill(this.#server.pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.#server.stop();
  }

  /** Starts it on the same port, so that clients find it. */
  async start(): Promise<void> {
    this.#server = await launchRedisIn(this.#dataDir);
  }

  /** Stops it, copies its disk, and starts it again. */
  async keepImage(): Promise<void> {
    await this.stop();
    await cp(join(this.#dataDir, 'redis', 'appendonlydir'), join(this.#dataDir, 'image'), {
      recursive: true,
    });
    await this.start();
  }

  /** Returns to the copy, as a restore or a failover to an old replica would. Leaves it stopped. */
  async rollBack(): Promise<void> {
    await this.stop();
    const folder = join(this.#dataDir, 'redis', 'appendonlydir');
    await rm(folder, { recursive: true, force: true });
    await cp(join(this.#dataDir, 'image'), folder, { recursive: true });
  }
}

/** A redis-server with an AOF in this folder, which nobody starts again. */
export function launchRedisIn(dataDir: string): Promise<PrivateRedis> {
  return launchRedis({
    ...{ dataDir, binary: findRedisServer() },
    ...{ restart: false, startTimeoutMs: PATIENCE_MS },
  });
}

/** A clock that stands still until it is set. */
export class SetClock implements Clock {
  time: number;
  constructor(time = systemClock.now()) {
    this.time = time;
  }
  now(): number {
    return this.time;
  }
}
