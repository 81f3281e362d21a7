/** Reads of one project's log that several subscribers share as they resume. */

import { expect, test } from 'vitest';
import { History } from '../../src/log/history.ts';
import type { LogPage } from '../../src/log/log-page.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN, type Position } from '../../src/progress/position.ts';
import { createEventPath, range, seqs, unique, writeJob } from '../setup/harness.ts';

const PAGE_LENGTH = 500;

interface SharedLog {
  readonly history: History;
  readonly events: readonly LoggedEvent[];
  readonly reads: { count: number; longest: number };
}

/** @param onRead called while a read is under way */
async function writeLog(length: number, onRead: (history: History) => void = () => {}): Promise<SharedLog> {
  const { log } = createEventPath({ log: { maxLength: 100_000 } });
  const projectId = unique('project');
  await writeJob(log, projectId, length);
  const reads = { count: 0, longest: 0 };
  const watched = {
    readFrom: async (...args: Parameters<typeof log.readFrom>): Promise<LogPage> => {
      reads.count += 1;
      reads.longest = Math.max(reads.longest, args[2]);
      onRead(history);
      return log.readFrom(...args);
    },
  };
  const history: History = new History(projectId, watched, PAGE_LENGTH, () => {});
  return { history, reads, events: await log.readAfter(projectId, ORIGIN, length) };
}

function at(events: readonly LoggedEvent[], seq: number): Position {
  const event = events[seq - 1];
  if (event === undefined) throw new Error(`expected an event ${seq}, there are ${events.length}`);
  return event;
}

test('one near the end waits for one read alone, though others further back ask again and again', async () => {
  let comers: Position[] = [];
  let rounds = 0;
  const pages: Promise<unknown>[] = [];
  const { history, events, reads } = await writeLog(6_000, (shared) => {
    rounds += 1;
    if (rounds < 20) for (const position of comers) pages.push(shared.sharedPageAfter(position));
  });
  const [far, farther, near] = [at(events, 1_000), at(events, 10), at(events, 5_900)];
  pages.push(history.sharedPageAfter(far));
  comers = [far, farther];
  const { events: behind, atEnd } = await history.sharedPageAfter(near);
  // The first read serves the one that came before, the second this one.
  expect(reads.count).toBe(2);
  expect(seqs(behind)).toEqual(range(5_901, 6_000));
  expect(atEnd).toBe(true);
  comers = [];
  await Promise.all(pages);
});

test('clients that come back together share reads, and everyone has a whole page', async () => {
  const { history, events, reads } = await writeLog(6_000);
  const from = [...range(1, 60).map((step) => step * 100), 1, 2_001, 1_500, 1_499, 1_501, 5_999];
  const pages = await Promise.all(from.map((seq) => history.sharedPageAfter(at(events, seq))));
  for (const [index, page] of pages.entries()) {
    const last = Math.min(6_000, (from[index] ?? 0) + PAGE_LENGTH);
    expect(seqs(page.events)).toEqual(range((from[index] ?? 0) + 1, last));
    expect(page.atEnd).toBe(last === 6_000);
  }
  expect(reads.count).toBeLessThanOrEqual(5);
  expect(reads.longest).toBeLessThanOrEqual(2_000);
});

test('one that stands where a read of another ends is not told that nothing is behind it (G2)', async () => {
  const { history, events } = await writeLog(2_600);
  // From the first of these on, a read of 2,000 entries ends with the event of the other.
  const [, page] = await Promise.all([
    history.sharedPageAfter(at(events, 1)),
    history.sharedPageAfter(at(events, 2_000)),
  ]);
  expect(seqs(page.events)).toEqual(range(2_001, 2_500));
  expect(page.atEnd).toBe(false);
});
