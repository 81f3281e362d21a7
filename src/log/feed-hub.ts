/** All feeds of this process: made when a project gets its first listener, and let go a while after the last one has left. */
import type { Redis } from 'ioredis';
import type { Logger } from '../core/logger.ts';
import { withDeadline } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { type Channel, DEFAULT_FEED_SETTINGS, Feed, type FeedCounters, type FeedSettings } from './feed.ts';
import type { EventLog } from './log.ts';
import { DEFAULT_MEMORY_BYTES, RingMemory } from './ring.ts';

interface HubSettings extends FeedSettings {
  /** How often the logs' ends are compared with the feeds' positions, which reveals a lost Pub/Sub message. */
  readonly checkIntervalMs: number;
  /** How long a feed without listeners is kept, for clients that reconnect. */
  readonly lingerMs: number;
  /** About how many bytes of recent events all feeds together keep, at most. */
  readonly memoryBytes: number;
}

const DEFAULT_HUB_SETTINGS: HubSettings = {
  ...DEFAULT_FEED_SETTINGS,
  checkIntervalMs: 1_000,
  lingerMs: 30_000,
  memoryBytes: DEFAULT_MEMORY_BYTES,
};

/** A held feed; `release` it once. */
export interface FeedHandle {
  readonly feed: Feed;
  release(): void;
  /** Another hold on the same feed, while this one is held. */
  share(): FeedHandle;
}

interface Opened {
  readonly feed: Feed;
  readonly channelId: number;
}

interface Entry {
  readonly opening: Promise<Opened>;
  /** What `opening` has resolved to; null until then. */
  opened: Opened | null;
  leases: number;
  linger: NodeJS.Timeout | null;
}

export class FeedHub {
  readonly counters: FeedCounters = { gapsRepaired: 0, expired: 0, logReads: 0 };
  readonly #log: EventLog;
  readonly #channel: Channel;
  readonly #keys: Keys;
  readonly #logger: Logger;
  readonly #settings: HubSettings;
  readonly #memory: RingMemory;
  readonly #entries = new Map<string, Entry>();
  readonly #checkTimer: NodeJS.Timeout;
  readonly #subscriber: Redis;
  #checking = false;

  constructor(parts: {
    readonly log: EventLog;
    readonly channel: Channel;
    /** The channel's connection; when it is ready again after a break, every feed reads its log. */
    readonly subscriber: Redis;
    readonly keys: Keys;
    readonly logger: Logger;
    readonly settings?: Partial<HubSettings>;
  }) {
    this.#log = parts.log;
    this.#channel = parts.channel;
    this.#subscriber = parts.subscriber;
    this.#keys = parts.keys;
    this.#logger = parts.logger;
    this.#settings = { ...DEFAULT_HUB_SETTINGS, ...parts.settings };
    this.#memory = new RingMemory(this.#settings.memoryBytes);
    this.#subscriber.on('ready', this.#checkSoon);
    this.#checkTimer = setInterval(this.#checkSoon, this.#settings.checkIntervalMs);
    this.#checkTimer.unref();
  }

  /**
   * Holds the project's feed, which is made when needed: the channel is acknowledged first, then the log's end is read, so that
   * nothing is lost in between (G8).
   * @throws PlayheadError UNAVAILABLE when Redis does not answer within 2 s
   */
  async acquire(projectId: string): Promise<FeedHandle> {
    const entry = this.#entries.get(projectId) ?? this.#open(projectId);
    entry.leases += 1;
    if (entry.linger !== null) clearTimeout(entry.linger);
    entry.linger = null;
    try {
      const { feed } = await withDeadline(entry.opening);
      return this.#lease(projectId, entry, feed);
    } catch (error) {
      this.#release(projectId, entry);
      throw error;
    }
  }

  /** The feeds that exist now. */
  get size(): number {
    return this.#entries.size;
  }

  /** About how many bytes of recent events all feeds remember. */
  get memoryBytes(): number {
    return this.#memory.bytes;
  }

  /** Listeners over all feeds. */
  get listenerCount(): number {
    let count = 0;
    for (const entry of this.#entries.values()) count += entry.opened?.feed.listenerCount ?? 0;
    return count;
  }

  close(): void {
    clearInterval(this.#checkTimer);
    this.#subscriber.off('ready', this.#checkSoon);
    for (const [projectId, entry] of this.#entries) this.#drop(projectId, entry);
  }

  #open(projectId: string): Entry {
    const entry: Entry = { opening: this.#start(projectId), opened: null, leases: 0, linger: null };
    this.#entries.set(projectId, entry);
    entry.opening.then(
      (opened) => {
        if (this.#entries.get(projectId) === entry) entry.opened = opened;
        else this.#shut(opened);
      },
      (error: unknown) => {
        this.#logger.warn({ err: error, projectId }, 'opening the feed failed');
        this.#drop(projectId, entry);
      },
    );
    return entry;
  }

  async #start(projectId: string): Promise<Opened> {
    let feed: Feed | null = null;
    let early = false;
    const channelId = await this.#channel.subscribe(this.#keys.project(projectId).live, (message) => {
      if (feed !== null) feed.onMessage(message);
      else early = true;
    });
    try {
      const head = await this.#log.head(projectId);
      feed = new Feed(projectId, head, this.#log, this.#settings, this.#logger, this.counters, this.#memory);
      // With two connections, a message may overtake an answer that is older. Do not leave that to the check.
      if (early) void feed.repair();
      return { feed, channelId };
    } catch (error) {
      this.#channel.unsubscribe(channelId);
      throw error;
    }
  }

  /** A lease that has been counted. */
  #lease(projectId: string, entry: Entry, feed: Feed): FeedHandle {
    let held = true;
    return {
      feed,
      release: () => {
        if (held) this.#release(projectId, entry);
        held = false;
      },
      share: () => {
        entry.leases += 1;
        return this.#lease(projectId, entry, feed);
      },
    };
  }

  #release(projectId: string, entry: Entry): void {
    entry.leases -= 1;
    if (entry.leases > 0 || this.#entries.get(projectId) !== entry) return;
    entry.linger = setTimeout(() => this.#drop(projectId, entry), this.#settings.lingerMs);
    entry.linger.unref();
  }

  #drop(projectId: string, entry: Entry): void {
    if (entry.linger !== null) clearTimeout(entry.linger);
    if (this.#entries.get(projectId) === entry) this.#entries.delete(projectId);
    if (entry.opened !== null) this.#shut(entry.opened);
    entry.opened = null;
  }

  #shut({ channelId, feed }: Opened): void {
    this.#channel.unsubscribe(channelId);
    feed.close();
  }

  /** One pipeline for all feeds; never two at a time. */
  readonly #checkSoon = (): void => {
    if (this.#checking) return;
    const feeds = [...this.#entries.values()].flatMap(({ opened }) => (opened === null ? [] : [opened.feed]));
    if (feeds.length === 0) return;
    this.#checking = true;
    this.#log
      .heads(feeds.map((feed) => feed.projectId))
      .then((heads) => {
        for (const [index, head] of heads.entries()) if (head !== null) feeds[index]?.check(head);
      })
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'checking the event logs failed'))
      .finally(() => {
        this.#checking = false;
      });
  };
}
