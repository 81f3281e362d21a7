/** One subscription over any number of connections: it resumes after the last event that it has passed on. */
import type { Sink, SubscribePayload } from 'graphql-ws';
import { type Connection, STABLE_MS } from './connection.ts';
import { makeResumable, type ResumableDocument } from './resumable-document.ts';

/** A sink that is notified when its own stream begins anew: what it received before need not hold any more. */
export interface ResumingSink extends Sink<unknown> {
  anew?(): void;
}

/** Errors after which the same subscription can continue; any other ends it. */
const PASSING_CODES = new Set(['SUBSCRIBER_TOO_SLOW', 'UNAVAILABLE', 'INTERNAL', 'RATE_LIMITED']);
/** Close codes for a violation of the protocol by the client: retrying would not help. */
const FATAL_CLOSE_CODES = new Set([4400, 4406, 4409]);

interface Failure {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown; readonly retryAfterSeconds?: unknown };
}

export class Subscription {
  readonly #connection: Connection;
  readonly #payload: SubscribePayload;
  readonly #document: ResumableDocument;
  readonly #sink: ResumingSink;
  #cursor: string | undefined;
  readonly #stopped = new AbortController();
  #leave = (): void => {};

  constructor(connection: Connection, payload: SubscribePayload, sink: ResumingSink) {
    this.#connection = connection;
    this.#payload = payload;
    this.#sink = sink;
    this.#document = makeResumable(payload.query, payload.operationName, payload.variables ?? {});
    this.#cursor = this.#document.firstCursor;
  }

  async run(): Promise<void> {
    let failures = 0;
    while (!this.#isOver()) {
      const startedAt = performance.now();
      const failure = await this.#attempt();
      if (this.#isOver()) return;
      if (failure === null) return this.#sink.complete();
      const verdict = judge(failure);
      if (verdict === 'end') return this.#sink.error(failure);
      if (verdict === 'start over') this.#cursor = undefined;
      if (performance.now() - startedAt > STABLE_MS) failures = 0;
      if (Array.isArray(failure)) {
        const errors = failure as Failure[];
        const isUnavailable = errors.some(({ extensions }) => extensions?.code === 'UNAVAILABLE');
        const wait = { failures, isUnavailable, leastMs: askedWaitMs(errors) };
        await this.#connection.waitAlone(wait, this.#stopped.signal);
        failures += 1;
      } else await this.#connection.wait();
    }
  }

  stop(): void {
    this.#stopped.abort();
    this.#leave();
  }

  #isOver(): boolean {
    return this.#stopped.signal.aborted || this.#connection.closed;
  }

  /** Follows the stream until it ends. @returns null when it completed, otherwise the failure */
  #attempt(): Promise<unknown> {
    const isAnew = this.#cursor === undefined;
    this.#connection.starting(isAnew);
    if (isAnew) this.#sink.anew?.();
    return new Promise((resolve) => {
      let failure: unknown = null;
      const leave = this.#connection.subscribe(this.#resuming(), {
        next: (result) => {
          const { data, place } = this.#document.read(result.data);
          // Anything after a failed event would leave a gap.
          if (failure !== null) settle(failure);
          // An error instead of an event usually ends the stream: the server completes it next, and leaving now would count it
          // down twice. An error beside an event concerns a field.
          else if (place === null && result.errors?.some((error) => judge([error]) !== 'end'))
            failure = result.errors;
          else {
            this.#cursor = place?.id ?? this.#cursor;
            this.#connection.received(place?.timestamp);
            this.#sink.next(data === result.data ? result : { ...result, data });
          }
        },
        error: (error) => settle(error ?? new Error('unknown')),
        complete: () => settle(failure),
      });
      const settle = (outcome: unknown): void => {
        // Also after an error: graphql-ws counts its subscriptions, and closes the socket after the last.
        leave();
        resolve(outcome);
      };
      this.#leave = () => settle(null);
    });
  }

  /** The variables are read when the message is written, even if graphql-ws reconnects by itself (code 1000). */
  #resuming(): SubscribePayload {
    const { cursorVariable, query } = this.#document;
    const variables = (): Record<string, unknown> => ({
      ...this.#payload.variables,
      // This also overrides the caller's own cursor, which may be the one that has expired.
      ...(cursorVariable !== null && { [cursorVariable]: this.#cursor }),
    });
    return {
      ...this.#payload,
      query,
      get variables() {
        return variables();
      },
    };
  }
}

function askedWaitMs(errors: readonly Failure[]): number {
  const waits = errors.map(({ extensions }) => Number(extensions?.retryAfterSeconds ?? 0) * 1_000);
  return Math.max(0, ...waits.filter((waitMs) => waitMs > 0));
}

function judge(failure: unknown): 'start over' | 'retry' | 'end' {
  if (Array.isArray(failure)) {
    const codes = (failure as Failure[]).map((error) => String(error.extensions?.code));
    if (codes.includes('EVENTS_EXPIRED')) return 'start over';
    return codes.some((code) => PASSING_CODES.has(code)) ? 'retry' : 'end';
  }
  const { code } = failure as { code?: unknown };
  return typeof code === 'number' && FATAL_CLOSE_CODES.has(code) ? 'end' : 'retry';
}
