/**
 * Subscriptions as server-sent events (WHATWG HTML, 9.2): each event has its cursor as `id:`, so a client that reconnects with
 * Last-Event-ID, as a browser's EventSource does by itself, resumes after what it already has.
 *
 *   Last-Event-ID                overrides `after`, even one in the request: EventSource repeats its first address
 *   EVENTS_EXPIRED               with an empty `id:`, which makes EventSource forget the cursor and begin anew
 *   Prefer: wait=N               the stream ends (without `complete`) after the available events, and after N seconds at most:
 *                                for clients behind a proxy that buffers a response until it has ended
 *   the job has ended, all sent  204, which EventSource takes as the end; it would reopen a stream that merely closed
 */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  subscribe,
} from 'graphql';
import type { FetchAPI, Plugin } from 'graphql-yoga';
import { PlayheadError } from '../core/errors.ts';
import { encodeCursor } from '../log/cursor.ts';
import { EventStream } from '../log/event-stream.ts';
import type { LoggedEvent } from '../progress/events.ts';
import type { SchemaContext } from '../schema/context.ts';
import { STALL_LIMIT_MS } from './client-socket.ts';
import { withoutStatus } from './limits.ts';
import { StalledStreams } from './stalled-streams.ts';
import type { StreamContext } from './stream-admission.ts';

const EVENT_STREAM = 'text/event-stream';
/** Proxies close a connection that has been silent for a minute or so. */
const PING_MS = 12_000;
/**
 * The longest that a client may ask a response to wait for events, and how long the response gathers events after the first.
 */
const MAX_WAIT_SECONDS = 30;
const GATHER_MS = 50;
/** Keeps proxies from buffering events (nginx: X-Accel-Buffering) or gathering them for compression. */
const HEADERS = {
  'content-type': EVENT_STREAM,
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  connection: 'keep-alive',
};

/** The cursor of a result's event. A symbol, because JSON omits it while copies of the result keep it. */
const CURSOR = Symbol('cursor');
interface CursorResult extends ExecutionResult {
  [CURSOR]?: string;
}

type Context = SchemaContext & { readonly request?: Request };

/** Requests of clients that already have every event of an ended job. */
const complete = new WeakSet<Request>();

interface EventStreamParts {
  /** A client that reads nothing for this long is cut off. Default: as over WebSocket. */
  readonly stallLimitMs?: number | undefined;
  /** Whether the server cannot reach its Redis; pings tell clients that wait for events. */
  readonly isUnavailable?: (() => boolean) | undefined;
}

export function sendEventStreams({
  isUnavailable = () => false,
  stallLimitMs = STALL_LIMIT_MS,
}: EventStreamParts): Plugin<object, StreamContext> {
  const stalled = new StalledStreams(stallLimitMs);
  return {
    onSubscribe({ args, setSubscribeFn }) {
      const { request } = args.contextValue as { readonly request?: Request };
      // Over WebSocket, delivery.ts does this with graphql-js's own `subscribe`: Yoga's adds a code to the error of a faulty
      // variable, which would then count as explained already (schema/errors.ts).
      setSubscribeFn(
        request === undefined ? subscribe : (begun: ExecutionArgs) => subscribeFor(request, begun),
      );
    },
    onResultProcess({ request, result, serverContext: { res }, setResultProcessor }) {
      if (!isStream(result)) return;
      if (res !== undefined) stalled.watch(res);
      const processor = complete.has(request)
        ? (_: unknown, { Response }: FetchAPI) => new Response(null, { status: 204 })
        : (_: unknown, fetchAPI: FetchAPI) => answer(result, fetchAPI, waitMsOf(request), isUnavailable);
      setResultProcessor(processor, EVENT_STREAM);
    },
  };
}

/** Like graphql-js's subscribe, with the cursor attached to each result. */
async function subscribeFor(request: Request, args: ExecutionArgs): Promise<ResultStream | ExecutionResult> {
  const lastId = request.headers.get('last-event-id') || null;
  const source = await createSourceEventStream(lastId === null ? args : goingOn(args, lastId));
  if (!(Symbol.asyncIterator in source)) {
    return lastId !== null && isExpired(source) ? new ResultStream(args, [source], null) : source;
  }
  const events = source as AsyncGenerator<unknown, void, void>;
  if (lastId === null || !(events instanceof EventStream) || !events.isOfEndedJob) {
    return new ResultStream(args, [], events);
  }
  const first = await events.next();
  if (first.done) complete.add(request);
  const prepared = first.done ? [] : [await resultOf(args, first.value)];
  return new ResultStream(args, prepared, events);
}

function goingOn(args: ExecutionArgs, after: string): ExecutionArgs {
  const context = args.contextValue as Context;
  const openEvents: Context['openEvents'] = (asked) => context.openEvents({ ...asked, after });
  return { ...args, contextValue: { ...context, openEvents } };
}

async function resultOf(args: ExecutionArgs, event: unknown): Promise<CursorResult> {
  const result: CursorResult = await execute({ ...args, rootValue: event });
  if (isLogged(event)) result[CURSOR] = encodeCursor(event);
  return result;
}

function isLogged(event: unknown): event is LoggedEvent {
  return typeof event === 'object' && event !== null && 'seq' in event && 'hash' in event && 'epoch' in event;
}

function isExpired({ errors }: ExecutionResult): boolean {
  return (errors ?? []).some(
    ({ originalError, extensions }) =>
      extensions['code'] === 'EVENTS_EXPIRED' ||
      (originalError instanceof PlayheadError && originalError.code === 'EVENTS_EXPIRED'),
  );
}

/** The results of a source's events. Not an async generator, whose `return` would wait for an event that may never come. */
class ResultStream implements AsyncIterableIterator<ExecutionResult, void, void> {
  readonly #args: ExecutionArgs;
  readonly #prepared: ExecutionResult[];
  readonly #source: AsyncGenerator<unknown, void, void> | null;

  constructor(
    args: ExecutionArgs,
    prepared: ExecutionResult[],
    source: AsyncGenerator<unknown, void, void> | null,
  ) {
    this.#args = args;
    this.#prepared = prepared;
    this.#source = source;
  }

  async next(): Promise<IteratorResult<ExecutionResult, void>> {
    const prepared = this.#prepared.shift();
    if (prepared !== undefined) return { done: false, value: prepared };
    const step = await this.#source?.next();
    if (step === undefined || step.done) return { done: true, value: undefined };
    return { done: false, value: await resultOf(this.#args, step.value) };
  }

  async return(): Promise<IteratorResult<ExecutionResult, void>> {
    await this.#source?.return();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function isStream(value: unknown): value is AsyncIterable<ExecutionResult> {
  return typeof Object(value)[Symbol.asyncIterator] === 'function';
}

/** RFC 7240, section 4.3. @returns Infinity without the preference */
function waitMsOf({ headers }: Request): number {
  const seconds = /(?:^|,)\s*wait\s*=\s*(\d{1,3})\b/i.exec(headers.get('prefer') ?? '')?.[1];
  return seconds === undefined
    ? Number.POSITIVE_INFINITY
    : Math.min(Number(seconds), MAX_WAIT_SECONDS) * 1_000;
}

/** @param waitMs after which the response ends, or sooner, once the first events have come; Infinity: no limit */
function answer(
  results: AsyncIterable<ExecutionResult>,
  { ReadableStream, Response }: FetchAPI,
  waitMs: number,
  isUnavailable: () => boolean,
): Response {
  const encoder = new TextEncoder();
  const iterator = results[Symbol.asyncIterator]();
  const timers = new Set<NodeJS.Timeout>();
  let isOver = false;
  const end = (): void => {
    isOver = true;
    for (const timer of timers) clearTimeout(timer);
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const ping = (): void =>
        controller.enqueue(encoder.encode(isUnavailable() ? ': unavailable\n\n' : ':\n\n'));
      // Also at once: some browsers begin to read only with the first bytes.
      ping();
      const pings = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) ping();
      }, PING_MS);
      timers.add(pings);
      if (waitMs < Number.POSITIVE_INFINITY) endIn(controller, waitMs);
    },
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (isOver) return;
      controller.enqueue(encoder.encode(done ? 'event: complete\ndata:\n\n' : writeEvent(value)));
      if (!done) {
        if (waitMs < Number.POSITIVE_INFINITY) endIn(controller, GATHER_MS);
        return;
      }
      end();
      controller.close();
    },
    async cancel() {
      end();
      await iterator.return?.();
    },
  });
  const endIn = (controller: ReadableStreamDefaultController<Uint8Array>, ms: number): void => {
    const timer = setTimeout(() => {
      if (isOver) return;
      end();
      controller.close();
      void Promise.resolve(iterator.return?.()).catch(() => {
        // The source is abandoned, so its failure no longer matters.
      });
    }, ms);
    timers.add(timer);
  };
  return new Response(body, { headers: HEADERS });
}

function writeEvent(result: CursorResult): string {
  const { errors } = result;
  const cursor = result[CURSOR];
  const id = isExpired(result) ? 'id\n' : cursor === undefined ? '' : `id: ${cursor}\n`;
  const data = JSON.stringify(
    errors === undefined ? result : { ...result, errors: errors.map(withoutStatus) },
  );
  return `${id}event: next\ndata: ${data}\n\n`;
}
