/** An earlier run as it stood at any moment, as far as its record tells. */
import { expect, test } from 'vitest';
import { replayRun } from '../../src/eta/run-replay.ts';
import type { RunRecord } from '../../src/progress/run-so-far.ts';

const NAMES = ['start', 'work', 'save'];
const SIZE = { clips: 3 };
const record = (halves?: Record<string, number>): RunRecord => ({
  steps: { start: 2, work: 10 },
  size: SIZE,
  ...(halves && { halves }),
});
const currentAt = (elapsed: number, halves?: Record<string, number>) =>
  replayRun(record(halves), NAMES, elapsed).current;

test('a step is over when its time is, and the next one has begun', () => {
  expect(replayRun(record(), NAMES, 0)).toEqual({
    elapsedSeconds: 0,
    finished: {},
    skipped: [],
    current: { step: 'start', elapsedSeconds: 0, share: 0 },
    size: SIZE,
    progress: 0,
  });
  expect(replayRun(record(), NAMES, 2)).toMatchObject({
    finished: { start: 2 },
    current: { step: 'work', elapsedSeconds: 0, share: 0 },
  });
  expect(currentAt(4.5)).toEqual({ step: 'work', elapsedSeconds: 2.5, share: 0.25 });
  // A step of which nothing is known took no time.
  expect(replayRun(record(), NAMES, 12)).toMatchObject({
    elapsedSeconds: 12,
    finished: { start: 2, work: 10, save: 0 },
    current: null,
    progress: 1,
  });
});

test('a step is told as even before its half and behind it, and as silent where it reported nothing', () => {
  expect(currentAt(3, { work: 4 })?.share).toBe(0.125);
  expect(currentAt(6, { work: 4 })?.share).toBe(0.5);
  expect(currentAt(9, { work: 4 })?.share).toBe(0.75);
  // Half of its progress behind 95 % of its time: it came with its end.
  expect(currentAt(10, { work: 9.5 })?.share).toBe(0);
  expect(currentAt(10, { work: 9.4 })?.share).toBeGreaterThan(0.4);
  expect(currentAt(10, { start: 1 })?.share).toBe(0);
});
