/** Notices of the video API, as they arrive over the control channel at the worker that waits for a clip. */
import { pause } from 'playhead';
import type { ClipNotices } from './providers/clip.ts';

/** How many notices are kept of clips that nobody here waits for yet, or that belong to another worker. */
const EARLY_LIMIT = 1_000;

export class ClipNoticeBoard implements ClipNotices {
  readonly callbackUrl: string;
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #early = new Set<string>();

  /** @param callbackUrl address for the provider to call; its path contains a secret */
  constructor(callbackUrl: string) {
    this.callbackUrl = callbackUrl;
  }

  /** Ends the waits for a clip. A notice that arrives just before a wait also ends it. */
  announce(clipId: string): void {
    const waits = this.#waiting.get(clipId);
    if (waits !== undefined) {
      for (const wake of waits) wake();
      return;
    }
    this.#early.add(clipId);
    const [oldest] = this.#early;
    if (this.#early.size > EARLY_LIMIT && oldest !== undefined) this.#early.delete(oldest);
  }

  async wait(clipId: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#early.delete(clipId)) return;
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    const waits = this.#waiting.get(clipId) ?? new Set();
    this.#waiting.set(clipId, waits.add(wake));
    try {
      await pause(timeoutMs, AbortSignal.any([signal, woken.signal]));
    } catch {
      signal.throwIfAborted();
    } finally {
      waits.delete(wake);
      if (waits.size === 0) this.#waiting.delete(clipId);
    }
  }
}
