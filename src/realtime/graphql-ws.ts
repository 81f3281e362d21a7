/** GraphQL over WebSocket: the graphql-transport-ws protocol, kept by graphql-ws; jobEvents delivered by delivery.ts. */
import type { Server } from 'node:http';
import { type ExecutionArgs, type execute, GraphQLError, type subscribe } from 'graphql';
import { makeServer, type ServerOptions, type SubscribePayload } from 'graphql-ws';
import type { Logger } from '../core/logger.ts';
import type { QueueLimits } from '../progress/delivery-queue.ts';
import type { SchemaContext } from '../schema/context.ts';
import { mapErrors, type OnInternal } from '../schema/errors.ts';
import { Delivery } from './delivery.ts';
import {
  GRAPHQL_PATH,
  type GraphQLEndpoint,
  internalErrorLogger,
  MAX_REQUEST_BYTES,
} from './graphql-http.ts';
import { type Extra, WebSocketTransport } from './transport.ts';

interface WebSocketParts {
  readonly server: Server;
  readonly endpoint: GraphQLEndpoint;
  /** What is the same for every viewer: all that the shared results of jobEvents can be made from. */
  readonly shared: SchemaContext;
  readonly logger: Logger;
  /** Of what waits for a slow subscriber. */
  readonly limits?: QueueLimits;
  /** A client that reads nothing for this long is closed; default 15 s. */
  readonly stallLimitMs?: number;
}

export interface WebSocketEndpoint {
  readonly connections: number;
  /** Groups of subscribers that share their results. */
  readonly groups: number;
  /** Closes every connection with 1001 (going away), which clients take as a reason to reconnect. */
  close(): Promise<void>;
}

/** What onSubscribe hands to execute and subscribe. */
interface Prepared {
  readonly extra: Extra;
  readonly id: string;
  readonly query: string;
  readonly execute: typeof execute;
  readonly subscribe: typeof subscribe;
}

/** Serves the protocol at /graphql of an HTTP server. */
export function serveWebSocket(parts: WebSocketParts): WebSocketEndpoint {
  const { server, endpoint, shared, logger, limits, stallLimitMs } = parts;
  const onInternal = internalErrorLogger(logger);
  const delivery = new Delivery({ shared, logger, onInternal, limits });
  const transport = new WebSocketTransport({
    server,
    path: GRAPHQL_PATH,
    maxPayloadBytes: MAX_REQUEST_BYTES,
    protocol: makeServer(createHooks(endpoint, delivery, onInternal)),
    logger,
    stallLimitMs,
  });
  return {
    get connections() {
      return transport.size;
    },
    get groups() {
      return delivery.groupCount;
    },
    close: () => transport.close(),
  };
}

function createHooks(
  endpoint: GraphQLEndpoint,
  delivery: Delivery,
  onInternal: OnInternal,
): ServerOptions<never, Extra> {
  return {
    execute: (args) => preparedOf(args).execute(args),
    subscribe: (args) => {
      const { extra, id, query, subscribe: subscribeAlone } = preparedOf(args);
      if (!delivery.isShared(args)) return subscribeAlone(args);
      // graphql-ws keeps the arguments until the end; what the plugins made for this operation alone may go.
      args.rootValue = undefined;
      // graphql-js's own: the plugins have wrapped parse, validate and the context; of results they see none here.
      return delivery
        .takeOver({ id, query, connection: extra.connection, args })
        .catch((error: unknown) => failing(error));
    },
    onSubscribe: (context, id, params) => prepare(endpoint, context.extra, id, params),
    onNext: (_context, _id, _payload, _args, result) => {
      if (result.errors === undefined) return undefined;
      const errors = mapErrors(result.errors, onInternal).map((error) => error.toJSON());
      return { data: result.data ?? null, errors };
    },
    onError: (_context, _id, _payload, errors) =>
      mapErrors(errors, onInternal).map((error) => error.toJSON()),
  };
}

/** Parses and validates with the plugins of the HTTP endpoint, which see no WebSocket operation otherwise. */
async function prepare(
  endpoint: GraphQLEndpoint,
  extra: Extra,
  id: string,
  params: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const enveloped = endpoint.getEnveloped({ headers: extra.headers, params } as never);
  try {
    const { query, operationName, variables } = params;
    const prepared: Prepared = {
      extra,
      id,
      query,
      execute: enveloped.execute,
      subscribe: enveloped.subscribe,
    };
    const args: ExecutionArgs = {
      schema: enveloped.schema,
      document: enveloped.parse(query),
      operationName: operationName ?? null,
      variableValues: variables ?? {},
      contextValue: await enveloped.contextFactory(),
      rootValue: prepared,
    };
    const errors = enveloped.validate(args.schema, args.document);
    return errors.length > 0 ? errors : args;
  } catch (error) {
    // Thrown by parse; thrown on, it would close the whole connection.
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

function preparedOf(args: ExecutionArgs): Prepared {
  // Put there by `prepare`, the only source of these arguments.
  return args.rootValue as Prepared;
}

/** A stream that throws at once: graphql-ws ends the operation with an `error` message. */
function failing(error: unknown): AsyncGenerator<never, void, void> {
  const ended = Promise.resolve<IteratorResult<never, void>>({ done: true, value: undefined });
  const stream: AsyncGenerator<never, void, void> = {
    next: () => Promise.reject(error),
    return: () => ended,
    throw: (thrown: unknown) => Promise.reject(thrown),
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return stream;
}
