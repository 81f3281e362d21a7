import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoff } from '../../src/jobs/backoff.ts';

test('the wait doubles with each attempt, from 1 s to 60 s, and never falls under half of that', () => {
  const least = [1, 2, 3, 6, 7, 20, 500].map((tries) => backoff(tries, undefined, () => 0));
  expect(least).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
  const most = [1, 2, 3, 6, 7, 20, 500].map((tries) => backoff(tries, undefined, () => 1));
  expect(most).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
});

test('the wait is drawn anew each time, within its bounds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), (tries) => {
      const waits = [1, 2, 3, 4, 5].map(() => backoff(tries, undefined));
      const ceiling = Math.min(60_000, 1_000 * 2 ** (tries - 1));
      for (const wait of waits) {
        expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
        expect(wait).toBeLessThanOrEqual(ceiling);
      }
      expect(new Set(waits).size).toBeGreaterThan(1);
    }),
  );
});

test('what the failed party asked for is kept to, up to the next ms', () => {
  expect(backoff(9, 60, () => 0)).toBe(60_000);
  expect(backoff(1, 0.0001, () => 1)).toBe(1);
});
