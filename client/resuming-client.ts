/**
 * A graphql-ws client whose `jobEvents` subscriptions survive anything. It needs graphql-ws and graphql, on which graphql-ws
 * itself depends.
 *
 * - resumes after the last event it has passed on (`after`), so that nothing is missing and nothing comes twice;
 * - starts over on EVENTS_EXPIRED, and reports that (`onSnapshot`);
 * - retries forever, with full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), and after
 *   RATE_LIMITED no sooner than the server asks for;
 * - calls `token` before each connection, waits for it, and tells it when the server has refused the last one;
 * - cuts a connection that has gone silent, and reports the state of the connection at all times;
 * - falls back to event streams, then to short requests, where WebSockets are blocked (`transports`), and back again;
 * - never sends a mutation twice.
 *
 * A subscription may select anything: what resuming needs is added to the document, and removed from the results.
 */
import { getOperationAST, parse } from 'graphql';
import type { Client, FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws';
import { Connection, type LiveState, type ResumingClientOptions, type Transport } from './connection.ts';
import { type ResumingSink, Subscription } from './subscription.ts';

export type { LiveState, ResumingClientOptions, ResumingSink, Transport };

/** A graphql-ws client, for Apollo's GraphQLWsLink, urql's subscriptionExchange, or direct use. */
export interface ResumingClient extends Client {
  /** Ends the wait before the next attempt, for a button or the "online" event. */
  retryNow(): void;
}

type OperationType = 'query' | 'mutation' | 'subscription';

export function createResumingClient(options: ResumingClientOptions): ResumingClient {
  const connection = new Connection(options);
  const { inner } = connection;
  const online = (): void => connection.retryNow();
  const listeners = {
    online,
    pagehide: () => connection.hide(),
    pageshow: (event: object) => {
      if ('persisted' in event && event.persisted === true) connection.show();
    },
  };
  for (const [name, listener] of Object.entries(listeners)) globalThis.addEventListener?.(name, listener);
  return {
    on: inner.on,
    subscribe: (payload, sink) => {
      const type = operationType(payload);
      // Neither has anything to resume.
      if (type === 'query') return inner.subscribe(payload, sink);
      if (type !== 'subscription') return sendOnce(inner, payload, sink);
      const subscription = new Subscription(connection, payload, sink as ResumingSink);
      void subscription.run();
      return () => subscription.stop();
    },
    iterate: () => {
      throw new Error('iterate does not resume; use subscribe');
    },
    retryNow: online,
    terminate: () => inner.terminate(),
    dispose: async () => {
      for (const [name, listener] of Object.entries(listeners)) {
        globalThis.removeEventListener?.(name, listener);
      }
      connection.close();
      try {
        await inner.dispose();
      } catch {
        // It waits for a connection that is being opened, which may fail; it is no longer needed.
      }
    },
  };
}

/**
 * What the server will run; undefined if the document has no such operation or is not GraphQL, which the server will report.
 */
function operationType({ query, operationName }: SubscribePayload): OperationType | undefined {
  try {
    return getOperationAST(parse(query), operationName)?.operation;
  } catch {
    return undefined;
  }
}

/** graphql-ws resends operations under way after a close with code 1000; here, any close after sending is an error. */
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
    // Also after an error: graphql-ws counts operations under way, and closes the socket after the last.
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
