/** The real thing under the model test: a redis-server, API processes as objects, and a client that writes. */

import { Redis } from 'ioredis';
import { silentLogger } from '../../../src/core/logger.ts';
import { createChannel } from '../../../src/log/channel.ts';
import { type EventStream, openEventStream, type StreamRequest } from '../../../src/log/event-stream.ts';
import type { Channel } from '../../../src/log/feed.ts';
import { type FeedHandle, FeedHub } from '../../../src/log/feed-hub.ts';
import { JobStore } from '../../../src/log/job-store.ts';
import { EventLog } from '../../../src/log/log.ts';
import type { LoggedEvent } from '../../../src/progress/events.ts';
import { closeRedis, connectRedis } from '../../../src/redis/client.ts';
import { createKeys } from '../../../src/redis/keys.ts';
import { until } from '../../setup/deadline.ts';
import type { OwnRedis } from '../../setup/harness.ts';
import { WORKFLOWS } from '../../setup/workflows.ts';

const KEYS = createKeys('model');
/** Small, so that short histories take several pages and leave the memory. */
const HUB = { checkIntervalMs: 15, lingerMs: 1_000, ringLength: 15, pageLength: 10 };
/** So that a snapshot of two jobs takes two pages. */
const SNAPSHOT_PAGING = { length: 1, everyMs: 0 };
/** Collapsing has a test of its own. */
const LIMITS = { collapseFrom: 100_000, maxLength: 100_000 };

/** One API process: its connections, its feeds, its streams. */
export class ApiProcess {
  /** Pub/Sub messages to lose from now on. */
  toLose = 0;
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #hub: FeedHub;
  readonly #log: EventLog;
  readonly #jobs: JobStore;
  readonly #streams = new Set<EventStream>();
  readonly #projectId: string;
  #lease: FeedHandle | null = null;

  private constructor(url: string, projectId: string) {
    this.#projectId = projectId;
    this.#redis = connectRedis(url, () => {});
    this.#subscriber = connectRedis(url, () => {});
    this.#log = new EventLog(this.#redis, KEYS);
    this.#jobs = new JobStore(this.#redis, KEYS, WORKFLOWS);
    this.#hub = new FeedHub({
      log: this.#log,
      channel: this.#lossy(createChannel(this.#subscriber, this.#redis)),
      subscriber: this.#subscriber,
      keys: KEYS,
      logger: silentLogger,
      settings: HUB,
    });
  }

  static async start(url: string, projectId: string): Promise<ApiProcess> {
    const process = new ApiProcess(url, projectId);
    process.#lease = await process.#hub.acquire(projectId);
    return process;
  }

  /** Waits until the feed stands at the log's end. */
  async settle(): Promise<void> {
    await until(
      async () => {
        const head = await this.#log.head(this.#projectId);
        const position = this.#lease?.feed.position;
        return head.epoch === position?.epoch && head.seq === position.seq && head.hash === position.hash;
      },
      { everyMs: 1, what: 'the feed stands at the end of the log' },
    );
  }

  /** Long enough for a stream to have read, page by page, whatever the log has for it. */
  async quiet(): Promise<void> {
    for (let turn = 0; turn < 25; turn += 1) {
      await this.#redis.ping();
      await new Promise(setImmediate);
    }
  }

  async open(request: Omit<StreamRequest, 'projectId'>): Promise<AsyncGenerator<LoggedEvent, void, void>> {
    const parts = { hub: this.#hub, log: this.#log, jobs: this.#jobs };
    const sources = { ...parts, limits: LIMITS, snapshotPaging: SNAPSHOT_PAGING };
    const stream = await openEventStream(sources, { ...request, projectId: this.#projectId });
    this.#streams.add(stream);
    return stream;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.close();
    this.#hub.close();
    await Promise.all([this.#redis, this.#subscriber].map(closeRedis));
  }

  #lossy(channel: Channel): Channel {
    return {
      subscribe: (name, onMessage) =>
        channel.subscribe(name, (message) => {
          if (this.toLose > 0) this.toLose -= 1;
          else onMessage(message);
        }),
      unsubscribe: (id) => channel.unsubscribe(id),
    };
  }
}

type Image = readonly { readonly key: string; readonly dump: Buffer }[];

export class System {
  readonly projectId: string;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly processes: ApiProcess[] = [];
  readonly #own: OwnRedis;
  readonly #redis: Redis;
  #image: Image = [];

  private constructor(own: OwnRedis, projectId: string) {
    this.#own = own;
    this.projectId = projectId;
    this.#redis = connectRedis(own.url, () => {});
    this.log = new EventLog(this.#redis, KEYS);
    this.jobs = new JobStore(this.#redis, KEYS, WORKFLOWS);
  }

  /** On an empty Redis. */
  static async start(own: OwnRedis, projectId: string, processes: number): Promise<System> {
    const system = new System(own, projectId);
    await system.#redis.flushall();
    for (let index = 0; index < processes; index += 1) {
      system.processes.push(await ApiProcess.start(own.url, projectId));
    }
    return system;
  }

  async restartProcess(index: number): Promise<void> {
    await this.processes[index]?.close();
    this.processes[index] = await ApiProcess.start(this.#own.url, this.projectId);
  }

  /** In order: nothing is lost. */
  async restartRedis(): Promise<void> {
    await this.#own.stop();
    await this.#own.start();
  }

  async cutConnections(): Promise<void> {
    const admin = new Redis(this.#own.url);
    for (const type of ['normal', 'pubsub'])
      await admin.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
    await closeRedis(admin);
  }

  async trim(floor: number): Promise<void> {
    await this.#redis.xtrim(KEYS.project(this.projectId).log, 'MINID', `${floor}-0`);
  }

  async flush(): Promise<void> {
    await this.#redis.flushall();
  }

  /** Keeps everything as it is now. */
  async keepImage(): Promise<void> {
    const keys = await this.#redis.keys('*');
    this.#image = await Promise.all(
      keys.map(async (key) => {
        const dump = await this.#redis.dumpBuffer(key);
        if (dump === null) throw new Error(`expected the key ${key}`);
        return { key, dump };
      }),
    );
  }

  /** In one step, as a restart from an older AOF does for its clients; the real one is in history.test.ts. */
  async rollBack(): Promise<void> {
    const change = this.#redis.multi().flushall();
    for (const { key, dump } of this.#image) change.restore(key, 0, dump);
    for (const [error] of (await change.exec()) ?? []) if (error) throw error;
  }

  async settle(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.settle()));
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.close()));
    await closeRedis(this.#redis);
  }
}
