/**
 * Listens for cancellations over HTTP: each job has a subscription as an event stream, which begins with the job's latest
 * event, so nothing is missed. Jobs beyond the first 32, and those of a credential that may only report, learn of a
 * cancellation from their next receipt.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { HttpApi } from './http-api.ts';
import { type Lease, type StopReason, TransportError } from './transport.ts';

const STOPS = `subscription Stops($projectId: ID!, $jobId: ID!) {
  jobEvents(projectId: $projectId, jobId: $jobId) {
    ... on Event { attempt }
    ... on ErrorEvent { code willRetry }
  }
}`;

const MAX_STREAMS = 32;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 30_000;

interface Heard {
  readonly jobEvents: { readonly attempt: number; readonly code?: string; readonly willRetry?: boolean };
}

export class HttpStops {
  readonly #api: HttpApi;
  readonly #streams = new Set<AbortController>();
  /** The credential may not read events. */
  #isRefused = false;

  constructor(api: HttpApi) {
    this.#api = api;
  }

  /** @returns a function that ends listening */
  listen(projectId: string, lease: Lease, onStop: (stop: StopReason) => void): () => void {
    if (this.#isRefused || this.#streams.size >= MAX_STREAMS) return () => {};
    const listening = new AbortController();
    this.#streams.add(listening);
    const end = (): void => {
      this.#streams.delete(listening);
      listening.abort();
    };
    // Never rejects.
    void this.#follow(projectId, lease, listening.signal).then((stop) => {
      end();
      if (stop !== null) onStop(stop);
    });
    return end;
  }

  close(): void {
    for (const stream of this.#streams) stream.abort();
  }

  /** @returns null when listening was ended, the job has ended in another way, or its events cannot be read */
  async #follow(projectId: string, lease: Lease, signal: AbortSignal): Promise<StopReason | null> {
    for (let failures = 0; ; failures += 1) {
      const heard = await this.#hear(projectId, lease, signal);
      if (signal.aborted) return null;
      if (!(heard instanceof TransportError)) return heard;
      this.#isRefused ||= heard.code === 'FORBIDDEN';
      if (!heard.isPassing || this.#isRefused) return null;
      const waitMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures) * (0.5 + Math.random() / 2);
      // Does not keep the process alive. It rejects only for the signal, which is checked above.
      await wait(Math.max(waitMs, heard.retryAfterMs), undefined, { ref: false, signal }).catch(() => {});
    }
  }

  /** Reads one stream until it ends or fails. */
  async #hear(
    projectId: string,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<StopReason | TransportError | null> {
    try {
      for await (const heard of this.#api.stream(STOPS, { projectId, jobId: lease.jobId }, signal)) {
        const stop = stopOf(heard as Heard, lease);
        if (stop !== null) return stop;
      }
      return null;
    } catch (error) {
      if (error instanceof TransportError) return error;
      throw error;
    }
  }
}

function stopOf({ jobEvents: { attempt, code, willRetry } }: Heard, lease: Lease): StopReason | null {
  if (attempt > lease.attempt) return 'LOST';
  return code === 'CANCELLED' && willRetry === false && attempt === lease.attempt ? 'CANCELLED' : null;
}
