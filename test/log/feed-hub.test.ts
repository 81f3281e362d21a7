/** Who holds a feed, how long it is kept, and what is let go with it. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { createChannel } from '../../src/log/channel.ts';
import type { Feed } from '../../src/log/feed.ts';
import { type FeedHandle, FeedHub } from '../../src/log/feed-hub.ts';
import { until, within } from '../setup/deadline.ts';
import {
  createEventPath,
  type EventPath,
  JobWriter,
  range,
  seqs,
  unique,
  writeJob,
} from '../setup/harness.ts';

/** The regular check never comes: what a test hears comes by the feed's own subscription. */
const NEVER_MS = 3_600_000;

/** Resolves with the seqs that the feed hands on, once there are so many. */
function hear(feed: Feed, count: number): Promise<number[]> {
  const heard: number[] = [];
  return new Promise((resolve, reject) => {
    feed.attach({
      onEvent: ({ seq }) => {
        heard.push(seq);
        if (heard.length === count) resolve(heard);
      },
      onExpired: () => reject(new Error('the history is lost')),
    });
  });
}

/** Another feed comes and goes, so that the linger of every feed that was released before it is over too. */
async function outlastLinger(path: EventPath): Promise<void> {
  const { size } = path.hub;
  (await path.hub.acquire(unique('other'))).release();
  await until(() => path.hub.size <= size);
}

function subscriptions(path: EventPath, projectId: string): Promise<number> {
  const { live } = path.keys.project(projectId);
  return path.redis.pubsub('NUMSUB', live).then((reply) => Number(reply[1]));
}

async function expectLive(path: EventPath, projectId: string, { feed }: FeedHandle): Promise<void> {
  expect(await subscriptions(path, projectId)).toBe(1);
  const heard = hear(feed, 2);
  await writeJob(path.log, projectId, 2);
  expect(await within(heard)).toEqual([1, 2]);
}

describe('a feed goes on', () => {
  test('as long as any of those who hold it', async () => {
    const path = createEventPath({ hub: { lingerMs: 0, checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const [one, two, three] = await Promise.all(range(1, 3).map(() => path.hub.acquire(projectId)));
    if (one === undefined || two === undefined || three === undefined) throw new Error('expected leases');
    one.release();
    three.release();
    await outlastLinger(path);
    expect(path.hub.size).toBe(1);
    await expectLive(path, projectId, two);
    two.release();
    await until(() => path.hub.size === 0);
  });

  test('though one who holds it lets go twice', async () => {
    const path = createEventPath({ hub: { lingerMs: 0, checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const careless = await path.hub.acquire(projectId);
    const careful = await path.hub.acquire(projectId);
    careless.release();
    careless.release();
    await outlastLinger(path);
    await expectLive(path, projectId, careful);
  });

  test('for one with whom a hold was shared, and as long as that one alone', async () => {
    const path = createEventPath({ hub: { lingerMs: 0, checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const first = await path.hub.acquire(projectId);
    const shared = first.share();
    first.release();
    await outlastLinger(path);
    await expectLive(path, projectId, shared);
    shared.release();
    await until(() => path.hub.size === 0);
  });

  test('for one who comes while it lingers, also past the end of its linger', async () => {
    const path = createEventPath({ hub: { lingerMs: 0, checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const first = await path.hub.acquire(projectId);
    first.release();
    const second = await path.hub.acquire(projectId);
    expect(second.feed).toBe(first.feed);
    await outlastLinger(path);
    await expectLive(path, projectId, second);
    second.release();
    await until(() => path.hub.size === 0);
  });

  test('for 30 s after the last has let go, and is compared with its log each second', async () => {
    const { log, keys, redis, subscriber } = createEventPath();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const channel = createChannel(subscriber, redis);
    const hub = new FeedHub({ log, channel, subscriber, keys, logger: silentLogger });
    onTestFinished(() => hub.close());
    let checks = 0;
    const { heads } = log;
    log.heads = (...args) => {
      checks += 1;
      return heads.apply(log, args);
    };
    const lease = await hub.acquire(unique('project'));
    vi.advanceTimersByTime(999);
    expect(checks).toBe(0);
    vi.advanceTimersByTime(1);
    expect(checks).toBe(1);
    lease.release();
    vi.advanceTimersByTime(29_999);
    expect(hub.size).toBe(1);
    vi.advanceTimersByTime(1);
    expect(hub.size).toBe(0);
  });
});

describe('a feed that is let go', () => {
  test('takes its subscription and its memory with it', async () => {
    const path = createEventPath({ hub: { lingerMs: 0 } });
    const projectId = unique('project');
    const lease = await path.hub.acquire(projectId);
    const heard = hear(lease.feed, 5);
    await writeJob(path.log, projectId, 5);
    await within(heard);
    expect(path.hub.memoryBytes).toBeGreaterThan(0);
    lease.release();
    await until(() => path.hub.size === 0);
    expect(path.hub.memoryBytes).toBe(0);
    await until(async () => (await subscriptions(path, projectId)) === 0);
  });

  test('is made anew for the next, which a late release of the old one leaves alone', async () => {
    const path = createEventPath({ hub: { lingerMs: 0, checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const old = await path.hub.acquire(projectId);
    old.release();
    await until(() => path.hub.size === 0);
    const young = await path.hub.acquire(projectId);
    expect(young.feed).not.toBe(old.feed);
    old.release();
    await outlastLinger(path);
    await expectLive(path, projectId, young);
  });

  test.each(['opened', 'still being opened'])('by closing the hub goes at once when %s', async (when) => {
    const path = createEventPath({ hub: { lingerMs: NEVER_MS, checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const opening = path.hub.acquire(projectId);
    if (when === 'opened') await opening;
    const listening = path.subscriber.listenerCount('ready');
    path.hub.close();
    expect(path.hub.size).toBe(0);
    (await opening).release();
    await until(async () => (await subscriptions(path, projectId)) === 0);
    expect(path.subscriber.listenerCount('ready')).toBe(listening - 1);
    await writeJob(path.log, projectId, 2);
    expect(path.hub.memoryBytes).toBe(0);
  });
});

describe('a feed that could not be opened', () => {
  test('is told to all who waited, leaves no subscription, and is opened anew for the next', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const { head } = path.log;
    path.log.head = () => Promise.reject(new Error('no answer'));
    const outcomes = await Promise.allSettled(range(1, 3).map(() => path.hub.acquire(projectId)));
    expect(outcomes.map(({ status }) => status)).toEqual(range(1, 3).map(() => 'rejected'));
    expect([path.hub.size, path.hub.listenerCount]).toEqual([0, 0]);
    await until(async () => (await subscriptions(path, projectId)) === 0);
    path.log.head = head;
    await expectLive(path, projectId, await path.hub.acquire(projectId));
  });
});

test('a feed that opens when nobody waits for it any more is let go like any other', async () => {
  const path = createEventPath({ hub: { lingerMs: 10, checkIntervalMs: NEVER_MS } });
  const projectId = unique('project');
  const { head } = path.log;
  const answered = Promise.withResolvers<void>();
  path.log.head = async (...args) => {
    await answered.promise;
    return head.apply(path.log, args);
  };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const acquiring = path.hub.acquire(projectId);
  const refused = expect(acquiring).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await vi.advanceTimersByTimeAsync(2_000);
  await refused;
  expect(path.hub.size).toBe(1);
  vi.useRealTimers();
  answered.resolve();
  (await path.hub.acquire(projectId)).release();
  await until(() => path.hub.size === 0);
});

describe('the regular check', () => {
  test('asks for all feeds at once, never twice at a time, and goes on after a failure', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: 1 } });
    const { heads } = path.log;
    const asked: (readonly string[])[] = [];
    let answer: () => void = () => {};
    path.log.heads = async (projectIds) => {
      asked.push(projectIds);
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      if (asked.length === 1) throw new Error('no answer');
      return heads.call(path.log, projectIds);
    };
    const projects = [unique('one'), unique('two')];
    await Promise.all(projects.map((projectId) => path.hub.acquire(projectId)));
    await until(() => asked.length === 1);
    // Many intervals pass without an answer.
    for (const _ of range(1, 20)) await path.redis.ping();
    await outlastLinger(createEventPath({ hub: { lingerMs: 0 } }));
    expect(asked).toHaveLength(1);
    answer();
    await until(() => asked.length === 2);
    expect(asked[1]?.toSorted()).toEqual(projects.toSorted());
    answer();
  });

  test('asks nothing while there is no feed', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: 1, lingerMs: 0 } });
    const asked: number[] = [];
    const { heads } = path.log;
    path.log.heads = (projectIds) => {
      asked.push(projectIds.length);
      return heads.call(path.log, projectIds);
    };
    await outlastLinger(path);
    (await path.hub.acquire(unique('project'))).release();
    await until(() => path.hub.size === 0);
    expect(asked).not.toContain(0);
  });
});

test('listeners are counted over all feeds, those that still open with none', async () => {
  const path = createEventPath();
  const projects = [unique('one'), unique('two')];
  const streams = await Promise.all([...projects, ...projects].map((projectId) => path.open({ projectId })));
  const opening = path.hub.acquire(unique('three'));
  expect(path.hub.listenerCount).toBe(4);
  (await opening).release();
  const job = new JobWriter(path.log, projects[0] ?? '');
  await job.create();
  expect(seqs((await streams[0]?.take(1)) ?? [])).toEqual([1]);
});
