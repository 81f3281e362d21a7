/**
 * One connection for all tabs of a browser: the tab that holds a Web Lock (https://www.w3.org/TR/web-locks/) connects, and
 * carries the subscriptions of the others, which reach it over a BroadcastChannel.
 *
 *   asking     which tab holds the lock is not known yet
 *   leading    this tab holds it
 *   following  another tab does; this one waits for the lock
 *   left       neither: the page is hidden, for good or until the browser shows it again
 *
 * The browser frees the lock along with its tab, however that ends. The subscriptions carried for other tabs then break off, as
 * with any lost connection, and each resumes after its own last event.
 */
import type { FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws';
import { deferred } from './deferred.ts';

type Result = FormattedExecutionResult<Record<string, unknown>>;
type Role = 'asking' | 'leading' | 'following' | 'left';

/** The messages between tabs. */
type Message =
  | { readonly to: 'leader'; readonly tab: string; readonly id: string; readonly payload: SubscribePayload }
  | { readonly to: 'leader'; readonly id: string; readonly payload: null }
  | { readonly to: 'tabs'; readonly what: 'leader' | 'open' | 'available' | 'unavailable' }
  | {
      readonly to: 'tabs';
      readonly id: string;
      readonly what: 'taken' | 'next' | 'error';
      readonly value: unknown;
    }
  | { readonly to: 'tabs'; readonly id: string; readonly what: 'complete' };

interface TabsParts {
  /** Carries a subscription over this tab's own connection. @returns a function that ends it */
  readonly subscribe: (payload: SubscribePayload, sink: Sink<Result>) => () => void;
  /** Whether this tab's own connection is open. */
  readonly isOpen: () => boolean;
  /** Called when the leader's connection is open. */
  readonly onOpen: () => void;
  /** Called when the leader has learned whether the server can reach its Redis. */
  readonly onAvailable: (isAvailable: boolean) => void;
}

/** The part of the Web Locks API that is used: not every project that compiles this has types for it. */
interface Locks {
  request(
    name: string,
    options: { readonly ifAvailable?: true; readonly signal?: AbortSignal },
    held: (lock: object | null) => Promise<void> | undefined,
  ): Promise<unknown>;
}

/** A leader answers at once; one that does not is busy, or gone. */
const ANSWER_MS = 5_000;

export class SharedTabs {
  readonly #name: string;
  readonly #parts: TabsParts;
  readonly #tab = crypto.randomUUID();
  #channel: BroadcastChannel | null = null;
  #role: Role = 'left';
  /** Ends waits for locks, and releases those that are held. */
  #leaving = new AbortController();
  #decided = deferred();
  /** Subscriptions that another tab carries. */
  readonly #own = new Map<string, Sink<Result>>();
  /** By id: functions to call when the leader has answered. */
  readonly #answered = new Map<string, () => void>();
  /** Subscriptions of other tabs, by tab and id. */
  readonly #carried = new Map<string, Map<string, () => void>>();

  /** Whether the browser has the required APIs. */
  static get isPossible(): boolean {
    return 'BroadcastChannel' in globalThis && findLocks() !== undefined;
  }

  /** @param name shared by the tabs */
  constructor(name: string, parts: TabsParts) {
    this.#name = name;
    this.#parts = parts;
    this.join();
  }

  /** Joins the tabs, at first and after `leave`. */
  join(): void {
    if (this.#role !== 'left') return;
    this.#role = 'asking';
    this.#leaving = new AbortController();
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }: { readonly data: unknown }) => this.#take(data as Message);
    const { signal } = this.#leaving;
    // Held as long as this tab takes part: its release tells the leader to drop what it carries for this tab.
    void this.#lock(this.#lockOf(this.#tab), {}, () => whenAborted(signal));
    void this.#lock(this.#name, { ifAvailable: true }, (lock) => {
      if (lock !== null) return this.#lead(signal);
      if (!signal.aborted) this.#follow(signal);
      return undefined;
    });
  }

  /** Leaves the connection to another tab, and carries nothing more. */
  leave(): void {
    this.#role = 'left';
    this.#leaving.abort();
    this.#channel?.close();
    this.#channel = null;
    for (const tab of [...this.#carried.keys()]) this.#release(tab);
    this.#breakOff('this tab has left');
    this.#decided.resolve();
    this.#decided = deferred();
  }

  /** Carries one subscription over the leading tab. @returns a function that ends it */
  subscribe(payload: SubscribePayload, sink: Sink<Result>): () => void {
    let leave: (() => void) | null = null;
    let isOver = false;
    const begin = (): void => {
      if (isOver) return;
      if (this.#role === 'left') return sink.error(new Error('this tab has left'));
      leave = this.#role === 'following' ? this.#send(payload, sink) : this.#parts.subscribe(payload, sink);
    };
    if (this.#role === 'asking') void this.#decided.promise.then(begin);
    else begin();
    return () => {
      isOver = true;
      leave?.();
    };
  }

  /** Whether another tab carries this tab's subscriptions. */
  get isFollowing(): boolean {
    return this.#role === 'following';
  }

  /** Announces that this tab's own connection is open. */
  tellOpen(): void {
    if (this.#role === 'leading') this.#post({ to: 'tabs', what: 'open' });
  }

  /** Announces whether the server can reach its Redis, as this tab has learned. */
  tellAvailable(isAvailable: boolean): void {
    if (this.#role === 'leading') this.#post({ to: 'tabs', what: isAvailable ? 'available' : 'unavailable' });
  }

  async #lock(
    name: string,
    ...[options, held]: [Parameters<Locks['request']>[1], Parameters<Locks['request']>[2]]
  ): Promise<void> {
    try {
      await findLocks()?.request(name, options, held);
    } catch (error) {
      // The tab left while it waited.
      if (Object(error).name !== 'AbortError') throw error;
    }
  }

  #lockOf(tab: string): string {
    return `${this.#name} ${tab}`;
  }

  #lead(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    this.#role = 'leading';
    this.#decided.resolve();
    this.#post({ to: 'tabs', what: 'leader' });
    this.#breakOff('the tab that held the connection has gone');
    return whenAborted(signal);
  }

  #follow(signal: AbortSignal): void {
    this.#role = 'following';
    this.#decided.resolve();
    void this.#lock(this.#name, { signal }, () => this.#lead(signal));
  }

  /** Has the leader carry a subscription. */
  #send(payload: SubscribePayload, sink: Sink<Result>): () => void {
    const id = crypto.randomUUID();
    this.#own.set(id, sink);
    const unanswered = setTimeout(() => this.#end(id)?.error(new Error('no other tab answers')), ANSWER_MS);
    const taken = (): void => clearTimeout(unanswered);
    this.#answered.set(id, taken);
    // The payload's variables are computed when they are read.
    const { operationName, query, variables } = payload;
    const plain = JSON.parse(JSON.stringify({ operationName, query, variables })) as SubscribePayload;
    this.#post({ to: 'leader', tab: this.#tab, id, payload: plain });
    return () => {
      if (this.#end(id) !== undefined) this.#post({ to: 'leader', id, payload: null });
    };
  }

  /** Ends one of this tab's subscriptions. @returns its sink; undefined when it was over already */
  #end(id: string): Sink<Result> | undefined {
    this.#answered.get(id)?.();
    this.#answered.delete(id);
    const sink = this.#own.get(id);
    this.#own.delete(id);
    return sink;
  }

  #breakOff(why: string): void {
    for (const id of [...this.#own.keys()]) this.#end(id)?.error(new Error(why));
  }

  #take(message: Message): void {
    if (message.to === 'leader') {
      if (this.#role !== 'leading') return;
      if (message.payload === null) this.#stop(message.id);
      else this.#carry(message.tab, message.id, message.payload);
      return;
    }
    if (this.#role !== 'following') return;
    if ('id' in message) this.#hear(message);
    else if (message.what === 'leader') this.#breakOff('another tab holds the connection');
    else if (message.what !== 'open') this.#parts.onAvailable(message.what === 'available');
    else if (this.#own.size > 0) this.#parts.onOpen();
  }

  /** Handles the leader's message about one of this tab's subscriptions. */
  #hear(message: Extract<Message, { readonly to: 'tabs'; readonly id: string }>): void {
    const { id } = message;
    switch (message.what) {
      case 'taken':
        this.#answered.get(id)?.();
        if (message.value === true && this.#own.has(id)) this.#parts.onOpen();
        return;
      case 'next':
        return this.#own.get(id)?.next(message.value as Result);
      case 'error':
        return this.#end(id)?.error(message.value);
      case 'complete':
        return this.#end(id)?.complete();
    }
  }

  #carry(tab: string, id: string, payload: SubscribePayload): void {
    const others = this.#carried.get(tab) ?? this.#watch(tab);
    this.#post({ to: 'tabs', id, what: 'taken', value: this.#parts.isOpen() });
    const end = (message: Message): void => {
      others.delete(id);
      this.#post(message);
    };
    const leave = this.#parts.subscribe(payload, {
      next: (value) => this.#post({ to: 'tabs', id, what: 'next', value }),
      error: (error) => end({ to: 'tabs', id, what: 'error', value: plainError(error) }),
      complete: () => end({ to: 'tabs', id, what: 'complete' }),
    });
    others.set(id, leave);
  }

  /** The other tab's lock becomes free when that tab is gone. */
  #watch(tab: string): Map<string, () => void> {
    const others = new Map<string, () => void>();
    this.#carried.set(tab, others);
    const { signal } = this.#leaving;
    void this.#lock(this.#lockOf(tab), { signal }, () => {
      this.#release(tab);
      return undefined;
    });
    return others;
  }

  #release(tab: string): void {
    for (const leave of this.#carried.get(tab)?.values() ?? []) leave();
    this.#carried.delete(tab);
  }

  #stop(id: string): void {
    for (const others of this.#carried.values()) {
      others.get(id)?.();
      others.delete(id);
    }
  }

  #post(message: Message): void {
    this.#channel?.postMessage(message);
  }
}

function findLocks(): Locks | undefined {
  return (globalThis as { readonly navigator?: { readonly locks?: Locks } }).navigator?.locks;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** GraphQL errors are unchanged; anything else is reduced to what retrying needs, since not everything can be sent. */
function plainError(error: unknown): unknown {
  if (Array.isArray(error)) return JSON.parse(JSON.stringify(error));
  const { code, message, reason } = Object(error) as {
    readonly code?: unknown;
    readonly message?: unknown;
    readonly reason?: unknown;
  };
  return { code, message: String(message ?? reason ?? 'the connection was lost') };
}
