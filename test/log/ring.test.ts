/** What all feeds of a process remember of recent events is bounded in bytes (G7). */

import { expect, test } from 'vitest';
import type { FeedHandle } from '../../src/log/feed-hub.ts';
import { EventRing, RingMemory } from '../../src/log/ring.ts';
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

test('a text beyond Latin-1 counts two bytes a character', () => {
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
