/** Notices of the video API, as they come over the control channel to the worker that waits for a clip. */
import { pause } from 'playhead';
import type { ClipNotices } from './providers/clip.ts';

/** Notices of clips that nobody here waits for yet, or that another worker has. */
const EARLY_LIMIT = 1_000;

export class ClipNoticeBoard implements ClipNotices {
  readonly callbackUrl: string;
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #early = new Set<string>();

  /** @param callbackUrl address that the provider is told to call; its path holds a secret */
  constructor(callbackUrl: string) {
    this.callbackUrl = callbackUrl;
  }

  /** Ends the waits for a clip. A notice that comes just before the wait ends it too. */
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
