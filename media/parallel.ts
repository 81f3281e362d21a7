/** Runs several pieces of work at once, without leaving any behind. */
import { stopReason } from './tool.ts';

/**
 * Runs work for every item, at most `limit` at a time, started in order. When one fails, the signal given to the others is
 * aborted; the promise settles only when all have settled.
 * @returns the results in the items' order
 * @throws what failed first, or the stop's error when the signal aborted
 */
export async function runParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  signal: AbortSignal,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const stop = new AbortController();
  const joined = AbortSignal.any([signal, stop.signal]);
  const results: Result[] = [];
  const failures: unknown[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (joined.aborted) return;
      try {
        results[index] = await work(item, index, joined);
      } catch (error) {
        failures.push(error);
        stop.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  if (signal.aborted) throw stopReason(signal);
  return results;
}
