/** The connection that all subscriptions of a client share: its transports, its waits and its state. */
import {
  type Client,
  type ClientOptions,
  CloseCode,
  createClient,
  type FormattedExecutionResult,
  type Sink,
  type SubscribePayload,
} from 'graphql-ws';
import { HeldBackError, HttpRefusal, subscribeOverHttp } from './event-stream.ts';
import { SharedTabs } from './shared-tabs.ts';

/** How subscriptions reach the client: over a WebSocket, as event streams, or in successive short requests. */
export type Transport = 'websocket' | 'event-stream' | 'polling';

/**
 * The state of the connection. `at` is the time of the next attempt, in ms since the epoch. `unavailable`: the connection is
 * good, but the server cannot reach its Redis, so what is shown may be outdated.
 */
export type LiveState =
  | { readonly name: 'connecting' }
  | { readonly name: 'catching up' }
  | { readonly name: 'live' }
  | { readonly name: 'unavailable' }
  | { readonly name: 'reconnecting'; readonly at: number };

export interface ResumingClientOptions {
  /** `ws://host/graphql` or `wss://…`. */
  readonly url: string;
  readonly onState?: (state: LiveState) => void;
  /** A stream is about to begin anew: nothing known so far need hold any more. `onSnapshot` follows, after its first events. */
  readonly onAnew?: () => void;
  /**
   * A stream has begun anew, with the jobs that have not ended: at the start, after EVENTS_EXPIRED, and after a connection that
   * was lost before its first event. Query again what you show: jobs that ended in between are not in the stream.
   */
  readonly onSnapshot?: () => void;
  /**
   * The token of every connection, or a function that returns one for the next, null for none; `refused` is true when the
   * server rejected the last one or no longer accepts it: renew it. The function may take its time, for example until a person
   * has signed in again. If a string, or no token, is rejected, each subscription ends with an error of code UNAUTHENTICATED:
   * there is no other to try.
   */
  readonly token?: string | ((refused: boolean) => string | null | Promise<string | null>) | undefined;
  /**
   * Tabs of one origin with the same name share one connection if the browser has Web Locks: one tab connects, with its token,
   * and the others get their events through it. Use a name for whoever is signed in, such as the user's id: tabs that share
   * must have the same rights. @default each tab has a connection of its own
   */
  readonly sharedAs?: string;
  /** For environments without a global WebSocket. */
  readonly webSocketImpl?: unknown;
  /**
   * The transports that may be used; the first one available is.
   * @default ['websocket']
   */
  readonly transports?: readonly Transport[];
  /** Called when the transport changes. */
  readonly onTransport?: (transport: Transport) => void;
  /** For event streams and short requests. @default the global one */
  readonly fetch?: typeof fetch;
  /**
   * How long after a WebSocket could not be opened it is tried again, in ms; also the longest that one event stream lasts.
   * @default 300,000
   */
  readonly retryWebSocketMs?: number;
  /** Upper limit of the first wait, default 500 ms; it doubles with every failure, up to `maxWaitMs`, default 10 s. */
  readonly firstWaitMs?: number;
  readonly maxWaitMs?: number;
  /** How often the server is pinged, default 10 s; after half that time without an answer, the connection is cut. */
  readonly pingMs?: number;
}

/** How a subscription waits that was refused individually. */
interface LoneWait {
  /** Consecutive failures. */
  readonly failures: number;
  /** The server cannot reach its Redis. */
  readonly isUnavailable: boolean;
  /** The wait that the server asks for. */
  readonly leastMs: number;
}

/** Close codes of a connection whose credential was refused. */
const REFUSED_CLOSE_CODES = new Set<number | undefined>([CloseCode.Unauthorized, CloseCode.Forbidden]);
const QUIET_MS = 250;
/** Nothing marks the end of a replay; if clocks differ and it is never quiet, this limit ends the catching up. */
const MAX_CATCH_UP_MS = 10_000;
/** A connection that has lasted this long was good: the next failure counts as the first. */
export const STABLE_MS = 5_000;
const RETRY_WEB_SOCKET_MS = 300_000;
/** How many consecutive connections that never opened count as lost. */
const LOST_CONNECTIONS = 2;
/** The longest delay that setTimeout accepts. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class Connection {
  readonly inner: Client;
  readonly options: ResumingClientOptions;
  closed = false;
  #failures = 0;
  #refused = false;
  #token: string | null = null;
  #transport: Transport;
  /** Consecutive WebSockets that never opened. */
  #lostWebSockets = 0;
  /** A request was answered after the last WebSocket failed. */
  #isAnswered = false;
  #lostRequests = 0;
  /** The transport that last worked when no WebSocket did. */
  #working: Transport | null = null;
  #leftWebSocketAt = 0;
  /** For comparison with the timestamps of events. */
  #connectedAt = Number.POSITIVE_INFINITY;
  /** By a monotonic clock. */
  #openSince = Number.POSITIVE_INFINITY;
  #state: LiveState['name'] | null = null;
  #anew = false;
  #isOpen = false;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #pong: ReturnType<typeof setTimeout> | undefined;
  /** The wait for the next connection, which all subscriptions share. */
  #waiting: Promise<void> | null = null;
  /** Functions that end the current waits. */
  readonly #waits = new Set<() => void>();
  /** Null: this tab has a connection of its own. */
  readonly #tabs: SharedTabs | null;
  /** The page is hidden, for good or until the browser shows it again. */
  #isHidden = false;

  constructor(options: ResumingClientOptions) {
    this.options = options;
    const { url, webSocketImpl, pingMs = 10_000, transports = ['websocket'] } = options;
    this.#transport = transports[0] ?? 'websocket';
    const settings: ClientOptions = {
      // Requested here rather than in connectionParams, for which a server waits only a few seconds.
      url: async () => {
        // Otherwise graphql-ws would neither fail nor go on. If the server then rejects the last token, or none, it is
        // requested again.
        await this.#askToken().catch(() => {});
        return url;
      },
      connectionParams: () => (this.#token === null ? undefined : { authorization: `Bearer ${this.#token}` }),
      webSocketImpl,
      // graphql-ws's own retries would subscribe with the initial cursor, and treat some codes as final.
      retryAttempts: 0,
      keepAlive: pingMs,
      connectionAckWaitTimeout: pingMs,
      on: {
        connected: () => this.#connected(),
        closed: (event) => {
          const { code } = event as { code?: number };
          this.#noteWebSocket(code);
          this.#closed(code);
        },
        ping: (received) => {
          if (!received) this.#pong = setTimeout(() => this.inner.terminate(), pingMs / 2);
        },
        pong: (received, payload) => {
          clearTimeout(this.#pong);
          if (received) this.#noteAvailable(payload?.['unavailable'] !== true);
        },
      },
    };
    this.inner = createClient(settings);
    const { sharedAs } = options;
    const isShared = sharedAs !== undefined && SharedTabs.isPossible;
    this.#tabs = isShared ? this.#shareTabs(`playhead ${url} ${sharedAs}`) : null;
  }

  #shareTabs(name: string): SharedTabs {
    return new SharedTabs(name, {
      subscribe: (payload, sink) => this.#subscribeHere(payload, sink),
      isOpen: () => this.#isOpen,
      onOpen: () => {
        if (!this.#isOpen) this.#connected();
      },
      onAvailable: (isAvailable) => this.#noteAvailable(isAvailable),
    });
  }

  get #httpUrl(): string {
    return this.options.url.replace(/^ws/, 'http');
  }

  get transport(): Transport {
    return this.#transport;
  }

  /** Carries one subscription until it ends, over this tab's own connection or the shared one. */
  subscribe(
    payload: SubscribePayload,
    sink: Sink<FormattedExecutionResult<Record<string, unknown>>>,
  ): () => void {
    const tabs = this.#tabs;
    if (tabs === null) return this.#subscribeHere(payload, sink);
    return tabs.subscribe(payload, {
      next: (result) => sink.next(result),
      complete: () => sink.complete(),
      error: (error) => {
        if (tabs.isFollowing && !Array.isArray(error)) this.#closed(undefined);
        sink.error(error);
      },
    });
  }

  /** Subscribes over the current transport. */
  #subscribeHere(
    payload: SubscribePayload,
    { complete, error, next }: Sink<FormattedExecutionResult<Record<string, unknown>>>,
  ): () => void {
    const sink = { next, complete, error: (failure: unknown) => error(this.#orRefusal(failure)) };
    this.#tryWebSocketAgain();
    if (this.#transport === 'websocket') return this.inner.subscribe(payload, sink);
    const { fetch: send = globalThis.fetch, retryWebSocketMs = RETRY_WEB_SOCKET_MS } = this.options;
    const request = {
      url: this.#httpUrl,
      headers: async () => {
        await this.#askToken();
        return this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
      },
      fetch: (...args: Parameters<typeof fetch>) => send(...args),
      polls: this.#transport === 'polling',
      onOpen: () => {
        this.#lostRequests = 0;
        this.#working = this.#transport;
        if (!this.#isOpen) this.#connected();
      },
      onAvailable: (isAvailable: boolean) => this.#noteAvailable(isAvailable),
    };
    const end = (tell?: () => void): void => {
      clearTimeout(limit);
      leave();
      tell?.();
    };
    const limit = setTimeout(
      () => end(() => sink.error(new Error('tries a WebSocket again'))),
      retryWebSocketMs,
    );
    const leave = subscribeOverHttp(request, payload, {
      next: (result) => sink.next(result),
      complete: () => end(() => sink.complete()),
      error: (error) => {
        this.#httpFailed(error);
        end(() => sink.error(error));
      },
    });
    return () => end();
  }

  async #askToken(): Promise<void> {
    const { token } = this.options;
    this.#token = (typeof token === 'function' ? await token(this.#refused) : token) ?? null;
  }

  /** Turns the refusal of the only token there is into GraphQL errors, which end the subscription. */
  #orRefusal(failure: unknown): unknown {
    const { token } = this.options;
    if (typeof token === 'function' || !isRefusal(failure)) return failure;
    const message =
      token == null
        ? 'The server wants a token, and none was given'
        : 'The server refused the token: it is wrong, has expired or was revoked';
    return [{ message, extensions: { code: 'UNAUTHENTICATED' } }];
  }

  #tryWebSocketAgain(): void {
    const { retryWebSocketMs = RETRY_WEB_SOCKET_MS, transports } = this.options;
    if (this.#transport === 'websocket' || transports?.includes('websocket') !== true) return;
    if (performance.now() - this.#leftWebSocketAt >= retryWebSocketMs) this.#take('websocket');
  }

  #httpFailed(error: unknown): void {
    this.#closed(isRefusal(error) ? CloseCode.Forbidden : undefined);
    if (error instanceof HeldBackError) return this.#fallBack('polling');
    // Nothing answers at all, or a proxy does whose server is down: then the WebSocket was not to blame.
    const isAway = error instanceof TypeError || (error instanceof HttpRefusal && error.status >= 500);
    if (isAway) this.#lostRequests += 1;
    if (this.#lostRequests < LOST_CONNECTIONS) return;
    this.#lostRequests = 0;
    this.#take('websocket');
  }

  /** Switches to the next transport if it may be used. */
  #fallBack(to: Transport): void {
    const { transports = ['websocket'] } = this.options;
    const next = transports.includes(to) ? to : undefined;
    if (next === undefined || next === this.#transport) return;
    if (this.#transport === 'websocket') this.#leftWebSocketAt = performance.now();
    this.#take(next);
  }

  #take(transport: Transport): void {
    const { transports = ['websocket'] } = this.options;
    if (transport === this.#transport || !transports.includes(transport)) return;
    this.#transport = transport;
    this.options.onTransport?.(transport);
  }

  /** The client has caught up once an event is newer than the connection, or none has come for a moment. */
  received(timestamp: string | undefined): void {
    this.#noteAvailable(true);
    if (this.#state !== 'catching up') return;
    const isNew = timestamp !== undefined && Date.parse(timestamp) >= this.#connectedAt;
    if (isNew || performance.now() - this.#openSince > MAX_CATCH_UP_MS) this.#set({ name: 'live' });
    else this.#watchQuiet();
  }

  #noteAvailable(isAvailable: boolean): void {
    const isKnown = isAvailable === (this.#state !== 'unavailable');
    // The subscriptions that are waiting were refused because of it.
    if (isKnown || !this.#isOpen || (isAvailable && this.#waits.size > 0)) return;
    this.#set({ name: isAvailable ? 'live' : 'unavailable' });
    this.#tabs?.tellAvailable(isAvailable);
  }

  /** @param anew whether the stream starts without a cursor */
  starting(anew: boolean): void {
    this.#anew ||= anew;
    if (anew) this.options.onAnew?.();
    if (this.#isOpen) this.#catchUp();
    else if (this.#state === null) this.#set({ name: 'connecting' });
  }

  /** Waits before the next connection; all subscriptions share the wait. */
  wait(): Promise<void> {
    const waitMs = this.#isHidden ? MAX_TIMER_MS : Math.random() * this.#nextLimitMs();
    this.#waiting ??= this.#pause(waitMs).finally(() => {
      this.#waiting = null;
    });
    return this.#waiting;
  }

  /**
   * Waits before one subscription is sent again on a good connection. Each waits separately: those refused together must not
   * come back together.
   */
  waitAlone({ failures, isUnavailable, leastMs }: LoneWait, stopped: AbortSignal): Promise<void> {
    return this.#pause(leastMs + Math.random() * this.#limitMs(failures), isUnavailable, stopped);
  }

  retryNow(): void {
    for (const end of this.#waits) end();
  }

  /**
   * Called when the page is hidden, perhaps for good. A browser keeps it for showing it again only if no connection is open.
   */
  hide(): void {
    this.#isHidden = true;
    this.#tabs?.leave();
    this.inner.terminate();
  }

  /** Called when the page is shown again. */
  show(): void {
    this.#isHidden = false;
    this.#tabs?.join();
    this.retryNow();
  }

  #pause(waitMs: number, isUnavailable = false, stopped?: AbortSignal): Promise<void> {
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
      this.#set(isUnavailable ? { name: 'unavailable' } : { name: 'reconnecting', at: Date.now() + waitMs });
    });
  }

  /** Doubles with every failed connection. */
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
    this.#tabs?.leave();
    this.retryNow();
  }

  #connected(): void {
    this.#refused = false;
    this.#isOpen = true;
    this.#tabs?.tellOpen();
    this.#catchUp();
  }

  #catchUp(): void {
    this.#connectedAt = Date.now();
    this.#openSince = performance.now();
    // Some subscriptions are still waiting to be sent.
    if (this.#waits.size > 0) return;
    // An event or a ping will show when that is over.
    if (this.#state === 'unavailable') return;
    this.#set({ name: 'catching up' });
    this.#watchQuiet();
  }

  /**
   * A WebSocket that is blocked on the way fails before it opens, while other requests succeed: one was answered between two
   * failures. While the server is down, nothing is answered, so the transport is not changed.
   */
  #noteWebSocket(code: number | undefined): void {
    const isLetThrough = this.#isOpen || REFUSED_CLOSE_CODES.has(code);
    this.#lostWebSockets = isLetThrough ? 0 : this.#lostWebSockets + 1;
    const { transports = ['websocket'] } = this.options;
    if (isLetThrough || transports.length === 1) return;
    const isOnlyWebSocket = this.#lostWebSockets >= LOST_CONNECTIONS && this.#isAnswered;
    if (!isOnlyWebSocket) return void this.#lookForAnswer();
    this.#lostWebSockets = 0;
    this.#fallBack(this.#working ?? (transports.includes('event-stream') ? 'event-stream' : 'polling'));
  }

  async #lookForAnswer(): Promise<void> {
    this.#isAnswered = false;
    const { fetch: send = globalThis.fetch } = this.options;
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const request = { method: 'POST', headers, body: '{"query":"{ __typename }"}' };
    const status = await send(this.#httpUrl, request).then(
      (answer) => answer.status,
      () => 0,
    );
    this.#isAnswered = status > 0 && status < 500;
  }

  #closed(code: number | undefined): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    clearTimeout(this.#quiet);
    clearTimeout(this.#pong);
    this.#refused = REFUSED_CLOSE_CODES.has(code);
    // The token was good until now, so nothing is wrong with the server.
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

/** Whether a connection or a request failed because the server rejected its credential. */
function isRefusal(failure: unknown): boolean {
  if (failure instanceof HttpRefusal) return failure.status === 401;
  return REFUSED_CLOSE_CODES.has((failure as { readonly code?: number }).code);
}
