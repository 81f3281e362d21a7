/**
 * Subscriptions over HTTP: which of them begin, and when their resources are released.
 *
 *   the client has left                 not begun
 *   not admitted (enterStream)          the answer gives the reason, with its status
 *   Accept without text/event-stream    406, before anything is opened
 *   begun                               ends along with its response, however that ends
 *
 * Only the response signals the end: Yoga releases a result that is read to its end or cancelled, but not one that nobody
 * begins to read.
 */
import type { ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Viewer } from '../auth/viewer.ts';
import { nothing } from '../core/nothing.ts';
import { asRefusal } from './limits.ts';
import type { RetainedData } from './operation-memory.ts';

const EVENT_STREAM = 'text/event-stream';

/** What an operation has in its context over HTTP; over WebSocket, where the connection was admitted, only the viewer. */
export interface StreamContext {
  /** Undefined: not authenticated yet. */
  viewer?: Viewer | undefined;
  /** Called before a streaming answer. @throws PlayheadError when it is refused */
  readonly enterStream?: (viewer: Viewer, held: RetainedData) => void;
  /** Node's response, passed in by Yoga. */
  readonly res?: ServerResponse;
}

/** Whatever types a request accepts, even none, a subscription is admitted as a stream or does not begin. */
export const admitStreams: Plugin<object, StreamContext> = {
  onSubscribe({ args, setResultAndStopExecution }) {
    const context = args.contextValue as StreamContext & {
      readonly request?: Request;
      readonly params: unknown;
    };
    const { request, res, params, viewer, enterStream } = context;
    if (request === undefined || res === undefined) return undefined;
    // Nobody would read the answer.
    if (res.closed) return setResultAndStopExecution({ errors: [] });
    try {
      if (viewer !== undefined) enterStream?.(viewer, { document: args.document, params });
    } catch (error) {
      return setResultAndStopExecution({ errors: [asRefusal(error)] });
    }
    const accepted = request.headers.get('accept');
    if (!acceptsStream(accepted)) return setResultAndStopExecution({ errors: [notAcceptable(accepted)] });
    return {
      onSubscribeResult({ result }) {
        if (isStream(result)) whenClosed(res, () => void result.return?.().catch(nothing));
      },
    };
  },
};

function isStream(result: unknown): result is AsyncIterator<unknown> {
  return typeof Object(result)[Symbol.asyncIterator] === 'function';
}

function whenClosed(response: ServerResponse, run: () => void): void {
  if (response.closed) run();
  else response.once('close', run);
}

function notAcceptable(accepted: string | null): GraphQLError {
  const message =
    `accept: expected ${EVENT_STREAM}, since a subscription over HTTP is answered by an event stream, ` +
    `received ${JSON.stringify(accepted)}; or subscribe over WebSocket (graphql-transport-ws)`;
  return new GraphQLError(message, {
    extensions: { code: 'BAD_USER_INPUT', field: 'accept', expected: EVENT_STREAM, http: { status: 406 } },
  });
}

/**
 * Whether an event stream may be the answer, by the most specific matching range (RFC 9110, 12.5.1). Yoga chooses the same way,
 * except that it ignores weights; it accepts no charset but UTF-8.
 * @param accepted the header; null: anything
 */
function acceptsStream(accepted: string | null): boolean {
  const ranges = (accepted || '*/*').replaceAll(/\s/g, '').toLowerCase().split(',').map(readRange);
  for (const name of [EVENT_STREAM, 'text/*', '*/*']) {
    const found = ranges.filter((range) => range.name === name);
    if (found.length > 0) return found.some(({ isWanted }) => isWanted);
  }
  return false;
}

function readRange(text: string): { readonly name: string; readonly isWanted: boolean } {
  const [name = '', ...parameters] = text.split(';');
  const isWanted = parameters.every((parameter) => {
    const [key, value = ''] = parameter.split('=');
    if (key === 'q') return Number(value) > 0;
    return key !== 'charset' || value === 'utf-8';
  });
  return { name, isWanted };
}
