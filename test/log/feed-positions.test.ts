/** What a feed takes for a part of its own history, and what makes it look at the log (G1, G2). */

import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { Feed } from '../../src/log/feed.ts';
import { EventLog } from '../../src/log/log.ts';
import { expired, type LogPage } from '../../src/log/log-page.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN, type Position } from '../../src/progress/position.ts';
import { createEventPath, range, seqs, unique, writeJob } from '../setup/harness.ts';

const OTHER = 'other-hash-0000000';

interface Standing {
  readonly feed: Feed;
  readonly events: readonly LoggedEvent[];
  readonly heard: LoggedEvent[];
  readonly told: { expired: number };
  readonly counters: { gapsRepaired: number; expired: number; logReads: number };
  /** Rings the doorbell for the event with this seq. */
  ring(
    seq: number,
    changes?: { readonly hash?: string; readonly epoch?: string; readonly before?: string },
  ): void;
}

/**
 * A feed that stands at `at` of a log of `length` events, and has heard of those behind it up to `upTo`.
 * @param lie what the log answers, where that is not what it holds
 */
async function stand(
  {
    length,
    at,
    upTo = at,
    ringLength = 10,
  }: { length: number; at: number; upTo?: number; ringLength?: number },
  lie: (log: EventLog) => Partial<Pick<EventLog, 'readFrom' | 'readAfter' | 'head'>> = () => ({}),
): Promise<Standing> {
  const { log, redis, keys } = createEventPath();
  const honest = new EventLog(redis, keys);
  const projectId = unique('project');
  await writeJob(log, projectId, length);
  const events = await log.readAfter(projectId, ORIGIN, length);
  const eventAt = (seq: number): LoggedEvent => {
    const event = events[seq - 1];
    if (event === undefined) throw new Error(`expected an event ${seq}, there are ${events.length}`);
    return event;
  };
  const counters = { gapsRepaired: 0, expired: 0, logReads: 0 };
  const start: Position = at === 0 ? ORIGIN : eventAt(at);
  const settings = { ringLength, pageLength: 100 };
  const told = { expired: 0 };
  const feed = new Feed(projectId, start, Object.assign(log, lie(honest)), settings, silentLogger, counters);
  const heard: LoggedEvent[] = [];
  feed.attach({ onEvent: (event) => heard.push(event), onExpired: () => (told.expired += 1) });
  const ring: Standing['ring'] = (seq, { hash, epoch, before } = {}) => {
    const { event, ...own } = eventAt(seq);
    const previous = before ?? events[seq - 2]?.hash ?? '';
    feed.onMessage(`${epoch ?? own.epoch} ${seq} ${hash ?? own.hash} ${previous} ${JSON.stringify(event)}`);
  };
  for (const seq of range(at + 1, upTo)) ring(seq);
  return { feed, events, heard, told, counters, ring };
}

/** The page as read, with another hash for the events from a seq on: of a history that was rolled back there. */
function rolledBack(page: LogPage, from: number): LogPage {
  const events = page.events.map((event) =>
    event.seq < from ? event : { ...event, hash: `${OTHER}${event.seq}` },
  );
  return { events, head: { ...page.head, hash: `${OTHER}${page.head.seq}` } };
}

describe('a message', () => {
  test.each([
    ['of the position itself', 8, {}],
    ['of an event that is remembered', 6, {}],
    ['of an event from before its memory', 3, { hash: OTHER }],
  ])('%s is a late copy: it is neither handed on nor looked for', async (_what, seq, changes) => {
    const { ring, heard, counters } = await stand({ length: 10, at: 4, upTo: 8 });
    ring(seq, changes);
    expect([seqs(heard), counters.logReads]).toEqual([[5, 6, 7, 8], 0]);
  });

  test.each([
    ['with the position’s number and another hash', 8, { hash: OTHER }],
    ['with the number and not the hash of what is remembered', 6, { hash: OTHER }],
    ['with a known number and another epoch', 6, { epoch: 'another-epoch' }],
    ['from before its memory and of another epoch', 3, { epoch: 'another-epoch' }],
    ['behind a gap', 10, {}],
    ['with the next number behind another hash', 9, { before: OTHER }],
    ['with the next number and another epoch', 9, { epoch: 'another-epoch' }],
  ])('%s is not handed on: the log is read', async (_what, seq, changes) => {
    const { feed, ring, heard, counters } = await stand({ length: 10, at: 4, upTo: 8 });
    ring(seq, changes);
    expect([seqs(heard), counters.logReads]).toEqual([[5, 6, 7, 8], 1]);
    await feed.repair();
    expect(seqs(heard)).toEqual(range(5, 10));
  });

  test('is the first that a project ever had', async () => {
    const { heard, counters } = await stand({ length: 2, at: 0, upTo: 2 });
    expect([seqs(heard), counters.logReads]).toEqual([[1, 2], 0]);
  });
});

test.each([
  ['epoch', { epoch: 'another-epoch' }],
  ['seq', { seq: 9 }],
  ['hash', { hash: OTHER }],
])('a log’s end with another %s makes the feed read it; the same one does not', async (_what, change) => {
  const { feed, events, counters } = await stand({ length: 8, at: 4, upTo: 8 });
  feed.check(events[7] ?? ORIGIN);
  expect(counters.logReads).toBe(0);
  feed.check({ ...(events[7] ?? ORIGIN), ...change });
  expect(counters.logReads).toBe(1);
  await feed.repair();
});

test('who asks for a repair while one is under way has the log read once more behind it', async () => {
  const { feed, heard, counters } = await stand({ length: 8, at: 4 });
  const first = feed.repair();
  expect(feed.repair()).toBe(first);
  expect(feed.repair()).toBe(first);
  await first;
  expect(counters.logReads).toBe(2);
  expect(seqs(heard)).toEqual([5, 6, 7, 8]);
});

describe('memory', () => {
  test('answers only for a cursor of its own history', async () => {
    const { feed, events } = await stand({ length: 8, at: 4, upTo: 8 });
    const place = (seq: number): Position => events[seq - 1] ?? ORIGIN;
    expect(feed.recentAfter(place(8))).toEqual([]);
    expect(seqs(feed.recentAfter(place(5)) ?? [])).toEqual([6, 7, 8]);
    // What the feed began at is not remembered itself.
    expect(feed.recentAfter(place(4))).toBeNull();
    for (const change of [{ hash: OTHER }, { epoch: 'another-epoch' }]) {
      for (const seq of [5, 7, 8]) expect(feed.recentAfter({ ...place(seq), ...change })).toBeNull();
    }
    expect(feed.recentAfter({ ...place(8), seq: 9 })).toBeNull();
  });

  test.each([
    ['that has heard nothing yet', 8, 8],
    ['that has heard something', 6, 8],
  ])('of a feed %s reaches back as far as was read for one who resumed', async (_what, at, upTo) => {
    const { feed, events, counters } = await stand({ length: 8, at, upTo });
    const [, second, third] = events;
    expect(seqs((await feed.pageAfter(second ?? ORIGIN)).events)).toEqual(range(3, 8));
    expect(counters.logReads).toBe(1);
    expect(feed.recentAfter(third ?? ORIGIN)).toEqual(events.slice(3));
    expect(feed.recentAfter(second ?? ORIGIN)).toEqual(events.slice(2));
    expect(await feed.pageAfter(third ?? ORIGIN)).toEqual({ events: events.slice(3), atEnd: true });
    expect(counters.logReads).toBe(1);
  });

  test.each([
    ['that has heard nothing yet', 8, 8],
    ['that has heard something', 6, 8],
  ])('of a feed %s takes nothing from a log that was rolled back under it', async (_what, at, upTo) => {
    const { feed, events, counters } = await stand({ length: 8, at, upTo }, (log) => ({
      readFrom: async (...args) => rolledBack(await log.readFrom(...args), 5),
    }));
    const [, second, third] = events;
    await feed.pageAfter(second ?? ORIGIN);
    expect(counters.logReads).toBe(1);
    expect(feed.recentAfter(third ?? ORIGIN)).toBeNull();
  });

  test('of a feed takes nothing from another history either, though number and hash are alike', async () => {
    const { feed, events } = await stand({ length: 8, at: 8 }, (log) => ({
      readFrom: async (...args) => {
        const { head, events: read } = await log.readFrom(...args);
        const epoch = 'another-epoch';
        return { head: { ...head, epoch }, events: read.map((event) => ({ ...event, epoch })) };
      },
    }));
    const [, second, third] = events;
    await feed.pageAfter({ ...(second ?? ORIGIN), epoch: 'another-epoch' });
    expect(feed.recentAfter(third ?? ORIGIN)).toBeNull();
  });
});

describe('a history that is lost', () => {
  test('is told to every listener once; the feed goes on in the new one, for those who come then', async () => {
    const { feed, events, heard, told, counters, ring } = await stand({ length: 8, at: 4, upTo: 6 }, () => ({
      readAfter: () => Promise.reject(expired()),
    }));
    await feed.repair();
    expect([told.expired, counters.expired, feed.listenerCount]).toEqual([1, 1, 0]);
    expect(feed.position).toMatchObject({ seq: 8, hash: events[7]?.hash });
    expect(feed.recentAfter(events[4] ?? ORIGIN)).toBeNull();
    await feed.repair();
    ring(8);
    expect([told.expired, seqs(heard)]).toEqual([1, [5, 6]]);
  });

  test('is told later, when the new one’s end could not be read at once', async () => {
    let isAway = true;
    const { feed, told } = await stand({ length: 8, at: 8 }, (log) => ({
      readAfter: () => Promise.reject(expired()),
      head: () => (isAway ? Promise.reject(new Error('away')) : log.head(unique('new'))),
    }));
    await feed.repair();
    expect([told.expired, feed.listenerCount, feed.position.seq]).toEqual([0, 1, 8]);
    isAway = false;
    await feed.repair();
    expect([told.expired, feed.listenerCount, feed.position.seq]).toEqual([1, 0, 0]);
  });
});

test('a log that cannot be read ends nobody: the next repair reads it', async () => {
  let isAway = true;
  const { feed, heard, told } = await stand({ length: 8, at: 4 }, (log) => ({
    readAfter: (...args) => (isAway ? Promise.reject(new Error('away')) : log.readAfter(...args)),
  }));
  await feed.repair();
  expect([seqs(heard), told.expired, feed.listenerCount]).toEqual([[], 0, 1]);
  isAway = false;
  await feed.repair();
  expect([seqs(heard), told.expired]).toEqual([[5, 6, 7, 8], 0]);
});

test('a listener that has left hears nothing more', async () => {
  const { feed, ring, heard } = await stand({ length: 8, at: 4, upTo: 5 });
  const others: number[] = [];
  const leave = feed.attach({ onEvent: ({ seq }) => others.push(seq), onExpired: () => {} });
  ring(6);
  leave();
  ring(7);
  expect([others, seqs(heard), feed.listenerCount]).toEqual([[6], [5, 6, 7], 1]);
});

test('an answer of the log that doorbells have overtaken gives only what they had not', async () => {
  const { feed, ring, heard, counters } = await stand({ length: 8, at: 4 }, (log) => ({
    readAfter: async (...args) => {
      const answer = await log.readAfter(...args);
      if (feed.position.seq === 4) for (const seq of [5, 6]) ring(seq);
      return answer;
    },
  }));
  await feed.repair();
  expect(seqs(heard)).toEqual([5, 6, 7, 8]);
  expect(counters.gapsRepaired).toBe(2);
});
