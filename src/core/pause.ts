import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits, unless the signal aborts first.
 * @throws the signal's reason when it aborts
 */
export async function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(durationMs, undefined, signal && { signal });
  } catch (error) {
    // Node's own error has the reason as its cause.
    signal?.throwIfAborted();
    throw error;
  }
}
