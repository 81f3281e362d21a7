import { describe, expect, test } from 'vitest';
import { DamagedRecords } from '../../src/core/damaged-records.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { type Channel, DEFAULT_FEED_SETTINGS, Feed } from '../../src/log/feed.ts';
import { DEFAULT_LOG_SETTINGS, EventLog } from '../../src/log/log.ts';
import { expired } from '../../src/log/log-page.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { until } from '../setup/deadline.ts';
import { createEventPath, JobWriter, OwnRedis, range, seqs, unique, writeJob } from '../setup/harness.ts';

/** The regular check never comes: what a test sees is the work of the doorbell alone. */
const NEVER_MS = 3_600_000;

/** A channel whose messages a test can drop, double, delay and forge. */
class Doorbell {
  /** What is handed on for a message; the message itself by default. */
  pass: (message: string) => readonly string[] = (message) => [message];
  readonly heard: string[] = [];
  #ring: (message: string) => void = () => {};

  readonly wrap = (channel: Channel): Channel => ({
    subscribe: (name, onMessage) => {
      this.#ring = onMessage;
      return channel.subscribe(name, (message) => {
        this.heard.push(message);
        for (const each of this.pass(message)) onMessage(each);
      });
    },
    unsubscribe: (id) => channel.unsubscribe(id),
  });

  ring(message: string): void {
    this.#ring(message);
  }
}

/** Everything that a feed hands on. */
function listen(feed: Feed): { readonly events: LoggedEvent[]; readonly expired: () => number } {
  const events: LoggedEvent[] = [];
  let expired = 0;
  feed.attach({ onEvent: (event) => events.push(event), onExpired: () => (expired += 1) });
  return { events, expired: () => expired };
}

describe('the doorbell may lie, the log does not (G1, G2)', () => {
  test('no message comes at all: the regular check finds the events', async () => {
    const doorbell = new Doorbell();
    doorbell.pass = () => [];
    const path = createEventPath({ wrap: doorbell.wrap, hub: { checkIntervalMs: 20 } });
    const projectId = unique('project');
    const stream = await path.open({ projectId });
    await writeJob(path.log, projectId, 30);
    expect(seqs(await stream.take(30))).toEqual(range(1, 30));
    expect(path.hub.counters.gapsRepaired).toBe(30);
  });

  test('nor does a neighbour whose log cannot be read keep the regular check from the others', async () => {
    const doorbell = new Doorbell();
    doorbell.pass = () => [];
    const path = createEventPath({ wrap: doorbell.wrap, hub: { checkIntervalMs: 20 } });
    const [damaged, projectId] = [unique('damaged'), unique('project')];
    await path.open({ projectId: damaged });
    const { meta } = path.keys.project(damaged);
    await path.redis.set(meta, 'of another type');
    const stream = await path.open({ projectId });
    await writeJob(path.log, projectId, 3);
    expect(seqs(await stream.take(3))).toEqual([1, 2, 3]);
  });

  test('a log that cannot be read is reported once, and its place is null', async () => {
    const { keys, log, redis } = createEventPath();
    const [damaged, projectId] = [unique('damaged'), unique('project')];
    const { meta } = keys.project(damaged);
    await redis.set(meta, 'of another type');
    await writeJob(log, projectId, 3);
    const noted: unknown[] = [];
    const logger = { ...silentLogger, error: (fields: unknown) => void noted.push(fields) };
    const own = new EventLog(redis, keys, DEFAULT_LOG_SETTINGS, new DamagedRecords(logger));
    for (const _ of range(1, 2)) {
      expect(await own.heads([damaged, projectId])).toEqual([null, expect.objectContaining({ seq: 3 })]);
    }
    expect(noted).toEqual([{ kind: 'event_log', key: meta, reason: 'expected a hash' }]);
  });

  test('messages are missing: the next one makes the feed read what was between', async () => {
    const doorbell = new Doorbell();
    const path = createEventPath({ wrap: doorbell.wrap, hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const stream = await path.open({ projectId });
    const job = await writeJob(path.log, projectId, 3);
    expect(seqs(await stream.take(3))).toEqual([1, 2, 3]);
    doorbell.pass = () => [];
    for (const progress of [0.4, 0.5, 0.6]) await job.progress(progress);
    await until(() => doorbell.heard.length === 6);
    doorbell.pass = (message) => [message];
    await job.progress(0.7);
    expect(seqs(await stream.take(4))).toEqual([4, 5, 6, 7]);
  });

  test('messages come doubled, late and in the wrong order: each event is handed on once, in order', async () => {
    const doorbell = new Doorbell();
    const held: string[] = [];
    doorbell.pass = (message) => {
      held.push(message);
      return held.length % 4 === 0 ? [...held.slice(-4).reverse(), message, ...held.slice(0, 2)] : [];
    };
    const path = createEventPath({ wrap: doorbell.wrap, hub: { checkIntervalMs: NEVER_MS, pageLength: 3 } });
    const projectId = unique('project');
    const { feed, release } = await path.hub.acquire(projectId);
    const { events, expired } = listen(feed);
    await writeJob(path.log, projectId, 40);
    await until(() => events.length === 40);
    release();
    expect(seqs(events)).toEqual(range(1, 40));
    expect(events).toMatchObject(await path.log.readAfter(projectId, ORIGIN, 100));
    expect(expired()).toBe(0);
  });

  test('a message with the next number but another history’s hash is not handed on', async () => {
    const doorbell = new Doorbell();
    const path = createEventPath({ wrap: doorbell.wrap, hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const { feed, release } = await path.hub.acquire(projectId);
    const { events, expired } = listen(feed);
    const job = await writeJob(path.log, projectId, 3);
    await until(() => events.length === 3);
    const { epoch } = feed.position;
    const event = JSON.stringify({ ...job.progressEvent(0.9, 'processing'), message: 'forged' });
    doorbell.ring(`${epoch} 4 aaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbb ${event}`);
    doorbell.ring(`cccccccccccccccc 4 aaaaaaaaaaaaaaaa ${feed.position.hash} ${event}`);
    doorbell.ring('rubbish');
    await until(() => path.hub.counters.logReads >= 1);
    await job.progress(0.5);
    await until(() => events.length === 4);
    release();
    expect(events.map(({ event: { type }, seq }) => [seq, type])).toEqual(
      range(1, 4).map((seq) => [seq, 'ProgressEvent']),
    );
    expect(JSON.stringify(events)).not.toContain('forged');
    expect(expired()).toBe(0);
  });

  test('a message that is newer than the log’s end as the new feed read it is not lost', async () => {
    const doorbell = new Doorbell();
    const path = createEventPath({ wrap: doorbell.wrap, hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 3);
    const { head } = path.log;
    // The message overtakes the answer: it arrives while the answer is still on its way.
    path.log.head = async (...args) => {
      const answer = await head.apply(path.log, args);
      await job.progress(0.5);
      await until(() => doorbell.heard.length === 1);
      return answer;
    };
    const stream = await path.open({ projectId });
    expect(seqs(await stream.take(1))).toEqual([4]);
  });

  test('a message of a lost history that comes while the log is read is not continued by the log', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    await writeJob(path.log, projectId, 3);
    const start = await path.log.head(projectId);
    const [last] = (await path.log.readFrom(projectId, 3, 1)).events;
    if (last === undefined) throw new Error('expected an event');
    const other = (seq: number, hash: string): LoggedEvent => ({ ...last, seq, hash });
    // Two connections, two servers for a moment: the doorbell is still that of the old primary.
    const message = `${start.epoch} 4 old4 ${start.hash} ${JSON.stringify(last.event)}`;
    let reads = 0;
    const log = new Proxy(path.log, {
      get: (target, name) => {
        if (name !== 'readAfter') {
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        }
        return async () => {
          reads += 1;
          if (reads > 1) throw expired();
          feed.onMessage(message);
          return [other(4, 'new4'), other(5, 'new5')];
        };
      },
    });
    const counters = { gapsRepaired: 0, expired: 0, logReads: 0 };
    const feed = new Feed(projectId, start, log, DEFAULT_FEED_SETTINGS, silentLogger, counters);
    const heard = listen(feed);
    await feed.repair();
    expect(heard.events.map(({ hash }) => hash)).toEqual(['old4']);
    expect(heard.expired()).toBe(1);
  });

  test('the subscriber’s connection breaks: what came meanwhile is read when it is ready again', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const stream = await path.open({ projectId });
    const job = await writeJob(path.log, projectId, 2);
    expect(seqs(await stream.take(2))).toEqual([1, 2]);
    const broken = new Promise((resolve) => path.subscriber.once('close', resolve));
    path.subscriber.disconnect(true);
    await broken;
    await job.progress(0.5);
    expect(seqs(await stream.take(1))).toEqual([3]);
    await job.progress(0.6);
    expect(seqs(await stream.take(1))).toEqual([4]);
  });
});

describe('the feeds of a process', () => {
  test('hold one Redis subscription per project, however many listen, and let it go after the last', async () => {
    const path = createEventPath({ hub: { lingerMs: 0 } });
    const projectId = unique('project');
    const { live } = path.keys.project(projectId);
    const streams = await Promise.all(range(1, 20).map(() => path.open({ projectId })));
    expect(await path.redis.pubsub('NUMSUB', live)).toEqual([live, 1]);
    expect([path.hub.size, path.hub.listenerCount]).toEqual([1, 20]);
    for (const stream of streams) await stream.inner.return();
    expect(path.hub.listenerCount).toBe(0);
    await until(() => path.hub.size === 0);
    await until(async () => (await path.redis.pubsub('NUMSUB', live))[1] === 0);
    const again = await path.open({ projectId });
    await writeJob(path.log, projectId, 2);
    expect(seqs(await again.take(2))).toEqual([1, 2]);
  });

  test('are kept a while for clients that come back, with their memory', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const first = await path.open({ projectId });
    await writeJob(path.log, projectId, 5);
    const [event] = await first.take(5);
    await first.inner.return();
    expect([path.hub.size, path.hub.listenerCount]).toEqual([1, 0]);
    const reads = path.hub.counters.logReads;
    const lease = await path.hub.acquire(projectId);
    expect(seqs(lease.feed.recentAfter(event ?? ORIGIN) ?? [])).toEqual([2, 3, 4, 5]);
    lease.release();
    lease.release();
    expect(path.hub.counters.logReads).toBe(reads);
  });

  test('keep a bounded memory of recent events (G7)', async () => {
    const path = createEventPath({ hub: { ringLength: 10 } });
    const projectId = unique('project');
    const lease = await path.hub.acquire(projectId);
    const { events } = listen(lease.feed);
    await writeJob(path.log, projectId, 100);
    await until(() => events.length === 100);
    const reach = range(0, 99).filter((at) => lease.feed.recentAfter(events[at] ?? ORIGIN) !== null);
    expect(reach.length).toBeGreaterThanOrEqual(10);
    expect(reach.length).toBeLessThanOrEqual(20);
    lease.release();
  });

  test('say UNAVAILABLE while Redis is away, and serve again when it is back', async () => {
    const own = await OwnRedis.launch();
    const path = createEventPath({ url: own.url });
    const projectId = unique('project');
    const open = await path.open({ projectId });
    await own.stop();
    await expect(path.open({ projectId: unique('other') })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await own.start();
    const job = new JobWriter(path.log, projectId);
    await job.create();
    expect(seqs(await open.take(1))).toEqual([1]);
    const late = await path.open({ projectId });
    await job.begin();
    expect(seqs(await late.take(1))).toEqual([2]);
  });
});
