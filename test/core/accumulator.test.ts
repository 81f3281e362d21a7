import { afterEach, expect, test, vi } from 'vitest';
import { Accumulator } from '../../src/core/accumulator.ts';

afterEach(() => vi.useRealTimers());

test('what comes within a while is handed over together, in order', async () => {
  vi.useFakeTimers();
  const handed: (readonly number[])[] = [];
  const buffer = new Accumulator<number>(100, async (items) => handed.push(items));
  buffer.add(1);
  await vi.advanceTimersByTimeAsync(99);
  buffer.add(2);
  expect(handed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(handed).toEqual([[1, 2]]);
  buffer.add(3);
  await vi.advanceTimersByTimeAsync(100);
  expect(handed).toEqual([[1, 2], [3]]);
});

test('a flush hands over at once, waits until it is done, and never with nothing', async () => {
  vi.useFakeTimers();
  const handed: (readonly string[])[] = [];
  const buffer = new Accumulator<string>(100, async (items) => {
    await Promise.resolve();
    handed.push(items);
  });
  await buffer.flush();
  buffer.add('one');
  await buffer.flush();
  expect(handed).toEqual([['one']]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(handed).toHaveLength(1);
});
