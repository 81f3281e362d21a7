/** Only one process at a time may start or end the server on a private Redis' folder. */
import { waitForLock } from '../core/file-lock.ts';

/**
 * Takes a lock file, waiting for its holder up to the limit. The lock ends with its holder, however that dies.
 * @returns the function that releases it
 * @throws PlayheadError UNAVAILABLE when it is held past the limit, STORAGE_FAILED; the signal's reason when it aborts
 */
export async function lock(
  path: string,
  limitMs: number,
  signal?: AbortSignal,
): Promise<() => Promise<void>> {
  const held = await waitForLock(path, limitMs, signal && { signal });
  return async () => held.release();
}
