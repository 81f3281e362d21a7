/**
 * A graphql-ws client whose `jobEvents` subscriptions go on after anything: copy this one file. It needs graphql-ws, and
 * graphql, which graphql-ws needs itself.
 *
 * - resumes behind the last event it has handed on (`after`), so that nothing is missing and nothing comes twice;
 * - starts over on EVENTS_EXPIRED, and says so (`onSnapshot`);
 * - retries for ever, with full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), and
 *   after RATE_LIMITED no sooner than the server asks for;
 * - asks `token` before each connection, waits for it, and says when the server refused the last one;
 * - cuts a connection that went silent, and says at any time where it stands;
 * - never sends a mutation twice.
 *
 * A subscription's document declares `$after: ID`, passes it on as `jobEvents(after: $after)` and selects
 * `... on Event { id }`. With `... on Event { timestamp }` the state "live" is told sooner.
 */
import { getOperationAST, parse } from 'graphql';
import {
  type Client,
  type ClientOptions,
  createClient,
  type FormattedExecutionResult,
  type Sink,
  type SubscribePayload,
} from 'graphql-ws';

/** Where the connection stands. `at` is the time of the next attempt, in ms since the epoch. */
export type LiveState =
  | { readonly name: 'connecting' }
  | { readonly name: 'catching up' }
  | { readonly name: 'live' }
  | { readonly name: 'reconnecting'; readonly at: number };

export interface ResumingClientOptions {
  /** `ws://host/graphql` or `wss://…`. */
  readonly url: string;
  readonly onState?: (state: LiveState) => void;
  /** A stream is about to begin anew: none of what is known need hold any more. `onSnapshot` follows, behind its first events. */
  readonly onAnew?: () => void;
  /**
   * A stream has begun anew, with the jobs that have not ended: at the start, after EVENTS_EXPIRED, and after a connection
   * that was lost before its first event. Query again what you show: what ended in between is not in the stream.
   */
  readonly onSnapshot?: () => void;
  /**
   * Gives a token for the next connection, null for none; `refused` when the server did not take the last one, or takes it
   * no more: renew it. It may take its time, for example until a person has signed in again.
   */
  readonly token?: (refused: boolean) => string | null | Promise<string | null>;
  /** Where there is no global WebSocket. */
  readonly webSocketImpl?: unknown;
  /** Upper limit of the first wait, default 500 ms; it doubles with every failure, up to `maxWaitMs`, default 10 s. */
  readonly firstWaitMs?: number;
  readonly maxWaitMs?: number;
  /** How often the server is pinged, default 10 s; after half of it without an answer the connection is cut. */
  readonly pingMs?: number;
}

/** A graphql-ws client, for Apollo's GraphQLWsLink, urql's subscriptionExchange, or as it is. */
export interface ResumingClient extends Client {
  /** Ends the wait before the next attempt, for a button and for the event "online". */
  retryNow(): void;
}

/** Errors after which the same subscription can go on; any other ends it. */
const PASSING_CODES = new Set(['SUBSCRIBER_TOO_SLOW', 'UNAVAILABLE', 'INTERNAL', 'RATE_LIMITED']);
/** Close codes that say that the client speaks the protocol wrongly: repeating it would not help. */
const FATAL_CLOSE_CODES = new Set([4400, 4406, 4409]);
const REFUSED_CLOSE_CODES = new Set([4401, 4403]);
const QUIET_MS = 250;
/** Nothing tells the end of a replay; where clocks differ and it is never quiet, this ends the catching up. */
const MAX_CATCH_UP_MS = 10_000;
const STABLE_MS = 5_000;
/** What setTimeout takes at most. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Failure {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown; readonly retryAfterSeconds?: unknown };
}

type OperationType = 'query' | 'mutation' | 'subscription';

export function createResumingClient(options: ResumingClientOptions): ResumingClient {
  const connection = new Connection(options);
  const { inner } = connection;
  const online = (): void => connection.retryNow();
  globalThis.addEventListener?.('online', online);
  return {
    on: inner.on,
    subscribe: (payload, sink) => {
      const type = operationType(payload);
      // Neither has anything to resume.
      if (type === 'query') return inner.subscribe(payload, sink);
      if (type !== 'subscription') return sendOnce(inner, payload, sink);
      const subscription = new Subscription(connection, payload, sink as Sink<unknown>);
      void subscription.run();
      return () => subscription.stop();
    },
    iterate: () => {
      throw new Error('iterate does not resume; use subscribe');
    },
    retryNow: online,
    terminate: () => inner.terminate(),
    dispose: async () => {
      globalThis.removeEventListener?.('online', online);
      connection.close();
      try {
        await inner.dispose();
      } catch {
        // It waits for a connection that is being made, which may fail: nobody wants it any more.
      }
    },
  };
}

/** What the server will run; undefined where the document says none, or is not GraphQL, which the server will say. */
function operationType({ query, operationName }: SubscribePayload): OperationType | undefined {
  try {
    return getOperationAST(parse(query), operationName)?.operation;
  } catch {
    return undefined;
  }
}

/** graphql-ws sends what is under way again after a close with code 1000; here any close behind the sending is an error. */
function sendOnce<Data, Extensions>(
  inner: Client,
  payload: SubscribePayload,
  sink: Sink<FormattedExecutionResult<Data, Extensions>>,
): () => void {
  let isSent = false;
  let isOver = false;
  const end = (tell?: () => void): void => {
    if (isOver) return;
    isOver = true;
    unlisten();
    // Also after an error: graphql-ws counts what it has under way, and closes the socket behind the last.
    leave();
    tell?.();
  };
  const noted = {
    ...payload,
    toJSON(): SubscribePayload {
      isSent = true;
      return payload;
    },
  };
  const leave = inner.subscribe<Data, Extensions>(noted, {
    next: (result) => {
      if (!isOver) sink.next(result);
    },
    error: (error) => end(() => sink.error(error)),
    complete: () => end(() => sink.complete()),
  });
  const unlisten = inner.on('closed', (event) => {
    if (isSent) end(() => sink.error(event));
  });
  return () => end();
}

/** The socket that all subscriptions share, its waits and its state. */
class Connection {
  readonly inner: Client;
  readonly options: ResumingClientOptions;
  closed = false;
  #failures = 0;
  #refused = false;
  #token: string | null = null;
  /** Against events' timestamps. */
  #connectedAt = Number.POSITIVE_INFINITY;
  /** By a clock that nobody sets. */
  #openSince = Number.POSITIVE_INFINITY;
  #state: LiveState['name'] | null = null;
  #anew = false;
  #isOpen = false;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #pong: ReturnType<typeof setTimeout> | undefined;
  /** For the next connection, which all subscriptions need. */
  #waiting: Promise<void> | null = null;
  /** Ends each wait that is going on. */
  readonly #waits = new Set<() => void>();

  constructor(options: ResumingClientOptions) {
    this.options = options;
    const { url, token, webSocketImpl, pingMs = 10_000 } = options;
    const settings: ClientOptions = {
      // Asked for here rather than in connectionParams: a server waits for those for some seconds only.
      url: async () => {
        this.#token = (await token?.(this.#refused)) ?? null;
        return url;
      },
      connectionParams: () => (this.#token === null ? undefined : { authorization: `Bearer ${this.#token}` }),
      webSocketImpl,
      // Its own retries would subscribe with the cursor of the beginning, and take some codes for final.
      retryAttempts: 0,
      keepAlive: pingMs,
      connectionAckWaitTimeout: pingMs,
      on: {
        connected: () => this.#connected(),
        closed: (event) => this.#closed((event as { code?: number }).code),
        ping: (received) => {
          if (!received) this.#pong = setTimeout(() => this.inner.terminate(), pingMs / 2);
        },
        pong: () => clearTimeout(this.#pong),
      },
    };
    this.inner = createClient(settings);
  }

  /** Caught up once an event is newer than the connection, or none came for a moment. */
  received(timestamp: string | undefined): void {
    if (this.#state !== 'catching up') return;
    const isNew = timestamp !== undefined && Date.parse(timestamp) >= this.#connectedAt;
    if (isNew || performance.now() - this.#openSince > MAX_CATCH_UP_MS) this.#set({ name: 'live' });
    else this.#watchQuiet();
  }

  /** @param anew without a cursor */
  starting(anew: boolean): void {
    this.#anew ||= anew;
    if (anew) this.options.onAnew?.();
    if (this.#isOpen) this.#catchUp();
    else if (this.#state === null) this.#set({ name: 'connecting' });
  }

  /** Waits before the next connection; several subscriptions wait together. */
  wait(): Promise<void> {
    this.#waiting ??= this.#pause(Math.random() * this.#nextLimitMs()).finally(() => {
      this.#waiting = null;
    });
    return this.#waiting;
  }

  /**
   * Waits before one subscription is sent again on a connection that is good, each by itself: those that are refused together
   * must not come back together.
   * @param leastMs what the server asks for
   * @param failures of this subscription in a row
   */
  waitAlone(leastMs: number, failures: number, stopped: AbortSignal): Promise<void> {
    return this.#pause(leastMs + Math.random() * this.#limitMs(failures), stopped);
  }

  retryNow(): void {
    for (const end of this.#waits) end();
  }

  #pause(waitMs: number, stopped?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        stopped?.removeEventListener('abort', end);
        this.#waits.delete(end);
        if (this.#isOpen) this.#catchUp();
        resolve();
      };
      const timer = setTimeout(end, Math.min(waitMs, MAX_TIMER_MS));
      stopped?.addEventListener('abort', end);
      this.#waits.add(end);
      this.#set({ name: 'reconnecting', at: Date.now() + waitMs });
    });
  }

  /** Doubles with every connection that failed. */
  #nextLimitMs(): number {
    if (performance.now() - this.#openSince > STABLE_MS) this.#failures = 0;
    this.#openSince = Number.POSITIVE_INFINITY;
    this.#failures += 1;
    return this.#limitMs(this.#failures - 1);
  }

  #limitMs(failures: number): number {
    const { firstWaitMs = 500, maxWaitMs = 10_000 } = this.options;
    return Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(failures, 20));
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.#quiet);
    clearTimeout(this.#pong);
    this.retryNow();
  }

  #connected(): void {
    this.#refused = false;
    this.#isOpen = true;
    this.#catchUp();
  }

  #catchUp(): void {
    this.#connectedAt = Date.now();
    this.#openSince = performance.now();
    // Not all that was asked for comes.
    if (this.#waits.size > 0) return;
    this.#set({ name: 'catching up' });
    this.#watchQuiet();
  }

  #closed(code: number | undefined): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    clearTimeout(this.#quiet);
    clearTimeout(this.#pong);
    this.#refused = code !== undefined && REFUSED_CLOSE_CODES.has(code);
    // A token that was good until now: nothing is wrong with the server.
    if (this.#refused && wasOpen) this.#failures = 0;
  }

  #watchQuiet(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#set({ name: 'live' }), QUIET_MS);
  }

  #set(state: LiveState): void {
    if (this.closed || (state.name === this.#state && state.name !== 'reconnecting')) return;
    this.#state = state.name;
    if (state.name !== 'catching up') clearTimeout(this.#quiet);
    this.options.onState?.(state);
    if (state.name !== 'live' || !this.#anew) return;
    this.#anew = false;
    this.options.onSnapshot?.();
  }
}

/** One subscription over any number of connections. */
class Subscription {
  readonly #connection: Connection;
  readonly #payload: SubscribePayload;
  readonly #sink: Sink<unknown>;
  #cursor: string | undefined;
  readonly #stopped = new AbortController();
  #leave = (): void => {};

  constructor(connection: Connection, payload: SubscribePayload, sink: Sink<unknown>) {
    this.#connection = connection;
    this.#payload = payload;
    this.#sink = sink;
    const after = payload.variables?.['after'];
    if (typeof after === 'string') this.#cursor = after;
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
        await this.#connection.waitAlone(askedWaitMs(failure as Failure[]), failures, this.#stopped.signal);
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

  /** Follows until the stream ends. @returns null when it completed, otherwise why not */
  #attempt(): Promise<unknown> {
    this.#connection.starting(this.#cursor === undefined);
    return new Promise((resolve) => {
      let failure: unknown = null;
      const leave = this.#connection.inner.subscribe<Record<string, unknown>>(this.#resuming(), {
        next: (result) => {
          // What comes behind an event that failed would make a gap.
          if (failure !== null) settle(failure);
          // An error instead of an event usually ends the stream: the server completes it next, and leaving now would
          // count it off twice. One beside an event is that of a field.
          else if (
            result.data?.['jobEvents'] == null &&
            result.errors?.some((error) => judge([error]) !== 'end')
          )
            failure = result.errors;
          else {
            this.#noteEvent(result.data);
            this.#sink.next(result);
          }
        },
        error: (error) => settle(error ?? new Error('unknown')),
        complete: () => settle(failure),
      });
      const settle = (outcome: unknown): void => {
        // Also after an error: graphql-ws counts its subscriptions, and closes the socket behind the last.
        leave();
        resolve(outcome);
      };
      this.#leave = () => settle(null);
    });
  }

  /** The variables are read when the message is written, also when graphql-ws connects again by itself (code 1000). */
  #resuming(): SubscribePayload {
    const variables = (): Record<string, unknown> => ({
      ...this.#payload.variables,
      // Also of the caller's own, which may be the one that has expired.
      after: this.#cursor,
    });
    return {
      ...this.#payload,
      get variables() {
        return variables();
      },
    };
  }

  #noteEvent(data: Record<string, unknown> | null | undefined): void {
    const event = data?.['jobEvents'] as { id?: string; timestamp?: string } | undefined;
    this.#cursor = event?.id ?? this.#cursor;
    this.#connection.received(event?.timestamp);
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
