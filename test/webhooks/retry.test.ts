import { describe, expect, test } from 'vitest';
import { readRetryAfter, retryWait } from '../../src/webhooks/retry.ts';

const HOUR_MS = 3_600_000;
const range = Array.from({ length: 30 }, (_, index) => index + 1);

describe('the wait', () => {
  test('grows to 4 hours and stays there', () => {
    const waits = range.map((attempts) => retryWait(attempts, undefined, () => 1));
    expect(waits.slice(0, 4)).toEqual([5_000, 15_000, 45_000, 135_000]);
    expect(waits.toSorted((one, other) => one - other)).toEqual(waits);
    expect(waits.at(-1)).toBe(4 * HOUR_MS);
  });

  test('is drawn at random from its upper half', () => {
    for (const attempts of range) {
      const [least, most] = [0, 1].map((chance) => retryWait(attempts, undefined, () => chance));
      expect(least).toBe((most ?? 0) / 2);
    }
  });

  test('covers 24 hours with some tens of attempts', () => {
    let [attempts, spent] = [0, 0];
    while (spent < 24 * HOUR_MS) {
      attempts += 1;
      spent += retryWait(attempts, undefined, () => 0);
    }
    expect(attempts).toBeGreaterThan(10);
    expect(attempts).toBeLessThan(30);
  });

  test('is what the receiver asks for, when that is longer, and at most 4 hours', () => {
    expect(retryWait(1, 60_000)).toBe(60_000);
    expect(retryWait(9, 1_000, () => 1)).toBe(4 * HOUR_MS);
    expect(retryWait(1, 1e15)).toBe(4 * HOUR_MS);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 31, 9, 30);
  test.each([
    ['120', 120_000],
    ['Sat, 31 Jan 2026 09:31:00 GMT', 60_000],
    ['Sat, 31 Jan 2026 09:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['2026', 2_026_000],
    ['99999999999999999999', undefined],
    [undefined, undefined],
  ])('%s', (header, expected) => {
    expect(readRetryAfter(header, now)).toBe(expected);
  });
});
