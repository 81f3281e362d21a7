/**
 * Subscriptions over HTTP, for when a WebSocket is not available: as an event stream or, if a proxy buffers the stream, in
 * successive short requests (`Prefer: wait`), which the server ends.
 */
import type { FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws';

export interface HttpSubscription {
  readonly url: string;
  /** Called for each request. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly fetch: typeof fetch;
  /** Whether to use short requests. */
  readonly polls: boolean;
  /** Called when the server answers. */
  readonly onOpen: () => void;
  /** Called when the server reports whether it can reach its Redis. */
  readonly onAvailable: (isAvailable: boolean) => void;
}

/** An answer other than an event stream. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

/** Nothing arrived of a stream that begins at once: something on the way is buffering it. */
export class HeldBackError extends Error {
  override readonly name = 'HeldBackError';
}

/** The server sends a comment at once, and every 12 s. */
const FIRST_BYTE_MS = 5_000;
const SILENCE_MS = 30_000;
/** How long the server may wait for events of a short request. */
const POLL_SECONDS = 2;

type Result = FormattedExecutionResult<Record<string, unknown>>;

/** @returns a function that ends it without calling the sink */
export function subscribeOverHttp(
  subscription: HttpSubscription,
  payload: SubscribePayload,
  sink: Sink<Result>,
): () => void {
  const stop = new AbortController();
  void follow(subscription, payload, sink, stop).catch((error: unknown) => {
    if (!stop.signal.aborted) sink.error(error);
  });
  return () => stop.abort();
}

async function follow(
  subscription: HttpSubscription,
  payload: SubscribePayload,
  sink: Sink<Result>,
  stop: AbortController,
): Promise<void> {
  do {
    const isComplete = await request(subscription, payload, sink, stop.signal);
    if (stop.signal.aborted) return;
    if (isComplete) return sink.complete();
    // Without Redis, the server would have refused the request.
    subscription.onAvailable(true);
  } while (subscription.polls);
  throw new Error('the event stream broke off');
}

/** @returns whether the server reported the subscription as complete */
async function request(
  { fetch: send, headers, onAvailable, onOpen, polls, url }: HttpSubscription,
  payload: SubscribePayload,
  sink: Sink<Result>,
  stopped: AbortSignal,
): Promise<boolean> {
  const silence = new Silence(polls ? SILENCE_MS : FIRST_BYTE_MS, stopped);
  const { operationName, query, variables } = payload;
  try {
    const response = await send(url, {
      method: 'POST',
      headers: {
        ...(await headers()),
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(polls && { prefer: `wait=${POLL_SECONDS}` }),
      },
      body: JSON.stringify({ query, variables, operationName }),
      signal: silence.signal,
    });
    if (response.headers.get('content-type')?.includes('text/event-stream') !== true) {
      throw await readRefusal(response);
    }
    return await read(response, { sink, silence, onAvailable, onOpen, stopped });
  } catch (error) {
    throw silence.isOver ? new HeldBackError('nothing came of the event stream') : error;
  } finally {
    silence.end();
  }
}

interface ReadParts extends Pick<HttpSubscription, 'onAvailable' | 'onOpen'> {
  readonly sink: Sink<Result>;
  readonly silence: Silence;
  readonly stopped: AbortSignal;
}

async function read(response: Response, { sink, stopped, ...parts }: ReadParts): Promise<boolean> {
  for await (const { data, type } of eventsOf(response, parts)) {
    if (type === 'complete') return true;
    if (type === 'next' && !stopped.aborted) sink.next(JSON.parse(data) as Result);
    if (type === 'comment') parts.onAvailable(data !== 'unavailable');
  }
  return false;
}

/** Omits the leading comments, which are sent before Redis has been queried. */
async function* eventsOf(
  response: Response,
  { onOpen, silence }: Pick<ReadParts, 'onOpen' | 'silence'>,
): AsyncGenerator<StreamEvent, void, void> {
  const parser = new EventParser();
  let isFirst = true;
  for await (const text of piecesOf(response)) {
    silence.restart(SILENCE_MS);
    if (isFirst) onOpen();
    const events = parser.push(text);
    yield* isFirst ? events.filter(({ type }) => type !== 'comment') : events;
    isFirst = false;
  }
}

/** React Native's fetch has no streams: it returns a response once it has ended, like a proxy that buffers it. */
async function* piecesOf(response: Response): AsyncGenerator<string, void, void> {
  if (response.body == null) return yield await response.text();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}

/** The GraphQL errors unchanged, otherwise the status. */
async function readRefusal(response: Response): Promise<unknown> {
  if (response.status === 401) return new HttpRefusal(401);
  try {
    const { errors } = (await response.json()) as { readonly errors?: readonly unknown[] };
    return errors ?? new HttpRefusal(response.status);
  } catch {
    return new HttpRefusal(response.status);
  }
}

/**
 * Aborts when nothing has arrived within the limit, and when it is stopped. (`AbortSignal.any` is not available everywhere.)
 */
class Silence {
  readonly #abort = new AbortController();
  readonly #stopped: AbortSignal;
  #timer: ReturnType<typeof setTimeout>;
  /** Nothing has arrived within the limit. */
  isOver = false;

  constructor(limitMs: number, stopped: AbortSignal) {
    this.#stopped = stopped;
    this.#timer = this.#start(limitMs);
    if (stopped.aborted) this.#stop();
    stopped.addEventListener('abort', this.#stop);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  restart(limitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start(limitMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#stopped.removeEventListener('abort', this.#stop);
  }

  readonly #stop = (): void => this.#abort.abort();

  #start(limitMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.isOver = true;
      this.#abort.abort();
    }, limitMs);
  }
}

interface StreamEvent {
  readonly type: string;
  readonly data: string;
}

/** Parses server-sent events as in WHATWG HTML 9.2.6, as far as this server uses them; comments get the type `comment`. */
export class EventParser {
  #rest = '';
  #type = '';
  #data: string[] = [];

  push(text: string): readonly StreamEvent[] {
    const lines = `${this.#rest}${text}`.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#take(line) ?? []);
  }

  #take(line: string): StreamEvent | null {
    if (line === '') {
      const event = { type: this.#type || 'message', data: this.#data.join('\n') };
      const isEmpty = this.#type === '' && this.#data.length === 0;
      this.#type = '';
      this.#data = [];
      return isEmpty ? null : event;
    }
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === '') return { type: 'comment', data: value };
    if (name === 'event') this.#type = value;
    else if (name === 'data') this.#data.push(value);
    return null;
  }
}
