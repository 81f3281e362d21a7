/** What all feeds of a process remember of recent events is bounded in bytes (G7). */

import { expect, test } from 'vitest';
import type { FeedHandle } from '../../src/log/feed-hub.ts';
import { EventRing, RingMemory } from '../../src/log/ring.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { until } from '../setup/deadline.ts';
import {
  createEventPath,
  cursorOf,
  type EventPath,
  range,
  type Stream,
  seqs,
  unique,
  writeJob,
} from '../setup/harness.ts';

const LIMIT_BYTES = 60_000;

interface Followed {
  readonly projectId: string;
  readonly lease: FeedHandle;
}

/** A project that is followed, with so many events. */
async function follow(path: EventPath, count: number): Promise<Followed> {
  const projectId = unique('project');
  const lease = await path.hub.acquire(projectId);
  await writeJob(path.log, projectId, count);
  await until(() => lease.feed.position.seq === count);
  return { projectId, lease };
}

/** Resumes behind the first event. */
async function resume(path: EventPath, { projectId }: Followed): Promise<Stream> {
  const [first] = await path.log.readAfter(projectId, ORIGIN, 1);
  return path.open({ projectId, after: cursorOf(first) });
}

test('the memory of all feeds stays below its limit, and the one used longest ago is emptied', async () => {
  const path = createEventPath({ hub: { memoryBytes: LIMIT_BYTES } });
  const first = await follow(path, 60);
  const second = await follow(path, 60);
  // A feed that opens while its job is written may read the log as well, so reads are counted around each resume.
  const readsOf = async (followed: typeof first): Promise<number> => {
    const reads = path.hub.counters.logReads;
    expect(seqs(await (await resume(path, followed)).take(59))).toEqual(range(2, 60));
    return path.hub.counters.logReads - reads;
  };
  expect(await readsOf(first)).toBe(0);
  for (const _ of range(1, 6)) {
    await follow(path, 60);
    expect(path.hub.memoryBytes).toBeLessThanOrEqual(LIMIT_BYTES);
    // Kept by being used.
    expect(await readsOf(first)).toBe(0);
  }
  expect(await readsOf(second)).toBe(1);
  expect(path.hub.memoryBytes).toBeLessThanOrEqual(LIMIT_BYTES);
});

test('a feed whose memory alone is over the limit still hands on everything', async () => {
  const path = createEventPath({ hub: { memoryBytes: 2_000 } });
  const projectId = unique('project');
  const stream = await path.open({ projectId });
  await writeJob(path.log, projectId, 100);
  expect(seqs(await stream.take(100))).toEqual(range(1, 100));
  expect(path.hub.memoryBytes).toBeLessThanOrEqual(2_000);
  const resumed = await resume(path, { projectId, lease: await path.hub.acquire(projectId) });
  expect(seqs(await resumed.take(99))).toEqual(range(2, 100));
});

test('a feed that is let go takes its memory with it', async () => {
  const path = createEventPath({ hub: { lingerMs: 0 } });
  const { lease } = await follow(path, 50);
  expect(path.hub.memoryBytes).toBeGreaterThan(5_000);
  lease.release();
  await until(() => path.hub.size === 0);
  expect(path.hub.memoryBytes).toBe(0);
});

test('events are parsed once for all who resume together', async () => {
  const path = createEventPath();
  const { projectId, lease } = await follow(path, 20);
  const [first] = await path.log.readAfter(projectId, ORIGIN, 1);
  if (first === undefined) throw new Error('expected an event');
  const one = lease.feed.recentAfter(first);
  const other = lease.feed.recentAfter(first);
  expect(one).toHaveLength(19);
  expect(other?.every((event, at) => event === one?.[at])).toBe(true);
  expect(one).toEqual(await path.log.readAfter(projectId, first, 100));
});

test('a text beyond ASCII counts two bytes a character', () => {
  const memory = new RingMemory(1_000_000);
  const ring = new EventRing(memory, 10);
  ring.push(1, `epoch123 1 tag12345  ${'a'.repeat(1_000)}`);
  const plain = memory.bytes;
  ring.clear();
  ring.push(1, `epoch123 1 tag12345  ${'말'.repeat(1_000)}`);
  expect(memory.bytes - plain).toBeGreaterThan(1_000);
  ring.close();
  ring.push(2, 'epoch123 2 tag12346  {}');
  expect(memory.bytes).toBe(0);
});

test('a ring keeps its length at least and twice that at most, ahead and back, and counts what it keeps', async () => {
  const path = createEventPath();
  const projectId = unique('project');
  await writeJob(path.log, projectId, 9);
  const events = await path.log.readAfter(projectId, ORIGIN, 100);
  const memory = new RingMemory();
  const whole = new EventRing(memory, 9);
  // What each event takes: as much as its ring shrinks by.
  const sizes = events.map((event) => {
    const before = memory.bytes;
    whole.pushEvent(event);
    return memory.bytes - before;
  });
  whole.close();
  const sizeOf = (from: number, to: number): number =>
    sizes.slice(from - 1, to).reduce((sum, size) => sum + size, 0);

  const ring = new EventRing(memory, 2);
  expect([ring.firstSeq, memory.bytes]).toEqual([null, 0]);
  ring.extendBack([]);
  ring.extendBack(events.slice(0, 2));
  for (const event of events.slice(2, 4)) ring.pushEvent(event);
  expect([ring.firstSeq, seqs(ring.after(1)), memory.bytes]).toEqual([1, [2, 3, 4], sizeOf(1, 4)]);
  ring.pushEvent(events[4] as LoggedEvent);
  expect([ring.firstSeq, seqs(ring.after(3)), memory.bytes]).toEqual([3, [4, 5], sizeOf(3, 5)]);
  expect([2, 3, 5, 6].map((seq) => ring.hashAt(seq))).toEqual([
    undefined,
    events[2]?.hash,
    events[4]?.hash,
    undefined,
  ]);
  // There is room for one more.
  ring.extendBack(events.slice(0, 2));
  expect([ring.firstSeq, seqs(ring.after(2)), memory.bytes]).toEqual([2, [3, 4, 5], sizeOf(2, 5)]);
  ring.extendBack(events.slice(0, 1));
  expect([ring.firstSeq, memory.bytes]).toEqual([2, sizeOf(2, 5)]);

  ring.clear();
  expect([ring.firstSeq, memory.bytes]).toEqual([null, 0]);
  ring.pushEvent(events[8] as LoggedEvent);
  expect([ring.firstSeq, memory.bytes]).toEqual([9, sizeOf(9, 9)]);
  ring.close();
  ring.extendBack(events.slice(0, 1));
  expect([ring.firstSeq, memory.bytes]).toEqual([null, 0]);
});

test('over the limit, those that were used longest ago are emptied, down to nine tenths of it', () => {
  const text = (seq: number) => `epoch123 ${seq} tag12345  ${'a'.repeat(880)}`;
  const memory = new RingMemory(10_000);
  const rings = range(1, 5).map(() => new EventRing(memory, 10));
  const [first, second] = rings;
  for (const ring of rings) ring.push(1, text(1));
  // Pushing, reading and reaching further back are uses.
  for (const ring of rings) ring.push(2, text(2));
  first?.after(2);
  const kept = () => rings.map(({ firstSeq }) => firstSeq !== null);
  expect(memory.bytes).toBeGreaterThan(9_000);
  expect(kept()).toEqual([true, true, true, true, true]);
  rings.at(-1)?.push(3, text(3));
  expect(kept()).toEqual([true, false, true, true, true]);
  expect(memory.bytes).toBeGreaterThan(8_000);
  expect(memory.bytes).toBeLessThan(10_000);
  second?.close();
});
