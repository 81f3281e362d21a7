/** The limits of this room where nobody sets others: what operators and clients are promised rests on them. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { SharedReads } from '../../src/core/shared-reads.ts';
import { DeliveryQueue } from '../../src/log/delivery-queue.ts';
import { DEFAULT_FEED_SETTINGS, Feed } from '../../src/log/feed.ts';
import { History } from '../../src/log/history.ts';
import type { LogPage } from '../../src/log/log-page.ts';
import { DEFAULT_MEMORY_BYTES, EventRing, RingMemory } from '../../src/log/ring.ts';
import { Snapshot } from '../../src/log/snapshot.ts';
import type { JobEvent, LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN, type Position } from '../../src/progress/position.ts';
import { range, seqs } from '../setup/harness.ts';

// A run of mutants has one process for all files, where another file may have loaded the real one.
vi.hoisted(() => vi.resetModules());

// By the timers that a test can move: those of node:timers/promises go on by themselves.
vi.mock('../../src/core/pause.ts', () => ({
  pause: (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs)),
}));

const FIELDS = { projectId: 'p', jobId: 'job', taskName: 'lipsync', attempt: 1, timestamp: '' };
const COMPLETION: JobEvent = { type: 'CompletionEvent', ...FIELDS, result: null };

function place(seq: number): Position {
  return { epoch: 'epoch', seq, hash: `hash-${seq}` };
}

function logged(seq: number, event: JobEvent = COMPLETION): LoggedEvent {
  return { ...place(seq), event };
}

function progress(seq: number): LoggedEvent {
  const about = { progress: 0.5, status: 'processing', step: null, message: '', metadata: null } as const;
  return logged(seq, { type: 'ProgressEvent', ...FIELDS, ...about });
}

afterEach(() => void vi.useRealTimers());

describe('a subscriber’s queue (G7)', () => {
  test('collapses progress from the 257th waiting event on', () => {
    const queue = new DeliveryQueue();
    for (const seq of range(1, 256)) queue.push(progress(seq));
    expect(queue.length).toBe(256);
    queue.push(progress(257));
    expect(queue.length).toBe(1);
    expect(queue.collapsed).toBe(256);
  });

  test('holds 2,000 events that may not collapse', () => {
    const queue = new DeliveryQueue();
    expect(range(1, 2_000).every((seq) => queue.push(logged(seq)))).toBe(true);
    expect(queue.push(logged(2_001))).toBe(false);
  });
});

describe('a feed', () => {
  const noLog = {} as ConstructorParameters<typeof Feed>[2];
  const counters = { gapsRepaired: 0, expired: 0, logReads: 0 };
  const message = (seq: number): string =>
    `epoch ${seq} hash-${seq} ${seq === 1 ? '' : `hash-${seq - 1}`} ${JSON.stringify(COMPLETION)}`;

  test('remembers 1,000 events at least and 2,000 at most, and gives them by pages of 500', async () => {
    const feed = new Feed('p', { ...ORIGIN }, noLog, DEFAULT_FEED_SETTINGS, silentLogger, counters);
    for (const seq of range(1, 2_000)) feed.onMessage(message(seq));
    expect(feed.recentAfter(place(1))).toHaveLength(1_999);
    feed.onMessage(message(2_001));
    expect(feed.recentAfter(place(1_000))).toBeNull();
    expect(feed.recentAfter(place(1_001))).toHaveLength(1_000);
    const first = await feed.pageAfter(place(1_500));
    expect([seqs(first.events), first.atEnd]).toEqual([range(1_501, 2_000), false]);
    const last = await feed.pageAfter(place(1_501));
    expect([seqs(last.events), last.atEnd]).toEqual([range(1_502, 2_001), true]);
    feed.close();
  });
});

describe('reads of a log that several share', () => {
  const PAGE_LENGTH = 500;

  test.each([
    ['within 1,499 events are one', 1_500, [[1, 2_000]]],
    [
      'further apart are two',
      1_501,
      [
        [1, 501],
        [1_501, 501],
      ],
    ],
  ])('%s', async (_what, other, expected) => {
    const reads: [from: number, length: number][] = [];
    const log = {
      readFrom: async (_projectId: string, from: number, length: number): Promise<LogPage> => {
        reads.push([from, length]);
        return { head: place(10_000), events: range(from, from + length - 1).map((seq) => logged(seq)) };
      },
    };
    const history = new History('p', log, PAGE_LENGTH, () => {});
    const pages = await Promise.all([1, other].map((seq) => history.sharedPageAfter(place(seq))));
    expect(reads).toEqual(expected);
    expect(pages.map(({ events }) => seqs(events))).toEqual([range(2, 501), range(other + 1, other + 500)]);
  });
});

describe('the memory of all feeds', () => {
  const text = 'x'.repeat(920);
  // With what an entry takes beside its text.
  const ENTRY = 1_000;

  function fill(ring: EventRing, count: number): void {
    for (const seq of range(1, count)) ring.push(seq, text);
  }

  test('is 16 MiB, counted with 80 bytes an entry', () => {
    expect(DEFAULT_MEMORY_BYTES).toBe(16 * 1_024 * 1_024);
    const memory = new RingMemory();
    fill(new EventRing(memory, 20_000), 16_777);
    expect(memory.bytes).toBe(16_777 * ENTRY);
    fill(new EventRing(memory, 20_000), 1);
    expect(memory.bytes).toBe(ENTRY);
  });

  test('over its limit goes down to nine tenths of it, those used longest ago first', () => {
    const memory = new RingMemory(100 * ENTRY);
    const rings = range(1, 25).map(() => new EventRing(memory, 100));
    for (const ring of rings) fill(ring, 4);
    expect(memory.bytes).toBe(100 * ENTRY);
    rings[1]?.after(4);
    rings.at(-1)?.push(5, text);
    // 101 were over; 89 are the first number of whole rings that is not over 90.
    expect(memory.bytes).toBe(89 * ENTRY);
    const emptied = rings.flatMap((ring, index) => (ring.firstSeq === null ? [index] : []));
    expect(emptied).toEqual([0, 2, 3]);
  });

  test('forgets what a ring drops, and gives what is read back room up to twice its length', () => {
    const memory = new RingMemory();
    const ring = new EventRing(memory, 10);
    for (const seq of range(101, 121)) ring.push(seq, text);
    expect([memory.bytes, ring.firstSeq]).toEqual([11 * ENTRY, 111]);
    ring.extendBack(range(91, 110).map((seq) => logged(seq)));
    expect(ring.firstSeq).toBe(102);
    expect(ring.hashAt(102)).toBe('hash-102');
    expect(ring.hashAt(101)).toBeUndefined();
    ring.extendBack([logged(101)]);
    expect(ring.firstSeq).toBe(102);
    ring.close();
    expect(memory.bytes).toBe(0);
    ring.extendBack([logged(1)]);
    expect([ring.firstSeq, memory.bytes]).toEqual([null, 0]);
  });
});

describe('a snapshot', () => {
  /** A project with so many pages. */
  function paged(
    pages: number,
    predict?: (events: readonly LoggedEvent[]) => Promise<readonly LoggedEvent[]>,
  ) {
    const asked: { length: number; from: string | undefined; at: number }[] = [];
    const jobs = {
      lastEvents: async () => [],
      latestOfNewest: async () => [],
      latestPage: async (_projectId: string, length: number, from?: string) => {
        asked.push({ length, from, at: performance.now() });
        const page = Number(from ?? 1);
        return { events: [logged(page)], next: page === pages ? undefined : String(page + 1) };
      },
    };
    const sources = { jobs, ...(predict && { predict }) };
    return { asked, snapshot: new Snapshot(sources, { projectId: 'p' }, new SharedReads()) };
  }

  test('is read by pages of 100 jobs; the first at once, further ones 5 ms apart over all snapshots', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const [one, other] = [paged(3), paged(3)];
    await Promise.all([one.snapshot.readPage(), other.snapshot.readPage()]);
    const start = performance.now();
    const rest = Promise.all(
      [one, other].map(async ({ snapshot }) => {
        while (!snapshot.atEnd) await snapshot.readPage();
      }),
    );
    // Time goes on only as far as the next page that waits for it.
    while (!one.snapshot.atEnd || !other.snapshot.atEnd) {
      await new Promise((resolve) => setImmediate(resolve));
      if (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
    }
    await rest;
    const asked = [...one.asked, ...other.asked];
    expect(asked.every(({ length }) => length === 100)).toBe(true);
    const later = asked.filter(({ from }) => from !== undefined).map(({ at }) => at - start);
    expect(later.sort((a, b) => a - b)).toEqual([0, 5, 10, 15]);
  });

  test('waits half a second for what is predicted, and then no more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let predictions = 0;
    const { snapshot } = paged(2, () => {
      predictions += 1;
      return new Promise(() => {});
    });
    let shown: readonly LoggedEvent[] | null = null;
    void snapshot.readPage().then((events) => {
      shown = events;
    });
    const settle = async (): Promise<void> => {
      for (const _ of range(1, 5)) await new Promise((resolve) => setImmediate(resolve));
    };
    await settle();
    await vi.advanceTimersByTimeAsync(499);
    await settle();
    expect([predictions, shown]).toEqual([1, null]);
    await vi.advanceTimersByTimeAsync(1);
    await settle();
    expect(shown).toEqual([logged(1)]);
    const second = snapshot.readPage();
    await settle();
    await vi.advanceTimersByTimeAsync(5);
    expect(await second).toEqual([logged(2)]);
    expect([predictions, snapshot.atEnd]).toEqual([1, true]);
  });
});
