/**
 * Cuts off event streams whose clients read nothing (G7), as the WebSocket transport does. An event stream has no close code to
 * give a reason, and its client would not read one; it reconnects and resumes.
 */
import type { ServerResponse } from 'node:http';
import { METERS } from '../core/meters.ts';

const SWEEP_MS = 1_000;
const NOTHING = Buffer.alloc(0);

export class StalledStreams {
  readonly #limitMs: number;
  /** When the kernel stopped taking data, from `performance.now()`; null while it has taken everything. */
  readonly #heldUpSince = new Map<ServerResponse, number | null>();
  /** One timer for all streams, while there are any. */
  #sweeps: NodeJS.Timeout | undefined;

  /** @param limitMs a client that reads nothing for this long is cut off */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Watches a response until it is closed. */
  watch(response: ServerResponse): void {
    if (response.closed) return;
    this.#heldUpSince.set(response, null);
    this.#sweeps ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    response.once('close', () => {
      this.#heldUpSince.delete(response);
      if (this.#heldUpSince.size > 0) return;
      clearInterval(this.#sweeps);
      this.#sweeps = undefined;
    });
  }

  #sweep(): void {
    const now = performance.now();
    for (const [response, since] of this.#heldUpSince) {
      if (since === null) this.#look(response, now);
      else if (now - since >= this.#limitMs) {
        METERS.clientsCut.add(1);
        response.destroy();
      }
    }
  }

  #look(response: ServerResponse, now: number): void {
    if (response.writableLength === 0 || response.socket === null) return;
    this.#heldUpSince.set(response, now);
    // The callback of an empty write runs when the kernel has taken everything written before it, or the socket is gone.
    response.socket.write(NOTHING, () => {
      if (this.#heldUpSince.has(response)) this.#heldUpSince.set(response, null);
    });
  }
}
