/** GraphQL over WebSocket: graphql-ws implements the graphql-transport-ws protocol; subscriptions go through delivery.ts. */
import type { Server } from 'node:http';
import { type DocumentNode, type ExecutionArgs, type execute, GraphQLError, type subscribe } from 'graphql';
import { CloseCode, makeServer, type ServerOptions, type SubscribePayload } from 'graphql-ws';
import type { Viewer } from '../auth/viewer.ts';
import { PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { type ErrorMapping, mapErrors } from '../schema/errors.ts';
import { type Access, OPEN_ACCESS } from './access.ts';
import type { Delivery } from './delivery.ts';
import { GRAPHQL_PATH, type GraphQLEndpoint } from './graphql-http.ts';
import { checkDocument, DEFAULT_LIMITS, type Limits, withoutStatus } from './limits.ts';
import { clientIdOf } from './operation-ids.ts';
import { type Extra, WebSocketTransport } from './transport.ts';

interface WebSocketParts {
  readonly server: Server;
  readonly endpoint: GraphQLEndpoint;
  readonly delivery: Delivery;
  readonly mapping: ErrorMapping;
  readonly logger: Logger;
  /** Decides who may do what; default: everybody may do everything. */
  readonly access?: Access;
  /** Limits on messages, documents and concurrent operations. */
  readonly requestLimits?: Limits;
  /** Whether no events can come at present because Redis is away or refuses commands. */
  readonly isUnavailable?: () => boolean;
  /** A client that reads nothing for this long has its connection closed; default 15 s. */
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
  /** The client's id. */
  readonly id: string;
  readonly payload: SubscribePayload;
  readonly execute: typeof execute;
  readonly subscribe: typeof subscribe;
}

/** Serves the protocol at /graphql of an HTTP server. */
export function serveWebSocket(parts: WebSocketParts): WebSocketEndpoint {
  const { server, delivery, endpoint, mapping, logger, stallLimitMs } = parts;
  const { access = OPEN_ACCESS, requestLimits = DEFAULT_LIMITS } = parts;
  const transport = new WebSocketTransport({
    server,
    path: GRAPHQL_PATH,
    maxPayloadBytes: requestLimits.maxMessageBytes,
    admit: (request) => access.admit(request),
    protocol: makeServer({
      // The transport's sweep waits instead, without a timer for each client.
      connectionInitWaitTimeout: 0,
      ...admissionHooks(access, logger),
      ...createHooks({ endpoint, delivery, mapping, access, limits: requestLimits }),
    }),
    logger,
    isUnavailable: parts.isUnavailable,
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

/** Close code of a connection that may come back later. */
const TRY_AGAIN_LATER = 1013;
/** Close codes of connections that would be refused again. */
const CLOSE_CODES: Readonly<Record<string, CloseCode | undefined>> = {
  UNAUTHENTICATED: CloseCode.Forbidden,
  TOO_COMPLEX: CloseCode.BadRequest,
};

/** Hooks for the start and the end of a connection. Without a valid credential it is closed with 4403, so that clients renew it and connect again. */
function admissionHooks(access: Access, logger: Logger): ServerOptions<never, Extra> {
  return {
    onConnect: async ({ connectionParams, extra }) => {
      const { socket } = extra;
      extra.isInitialised = true;
      try {
        const viewer = await access.authenticate(credentialIn(connectionParams));
        if (!socket.isOpen) return false;
        const end = (): void =>
          socket.close(CloseCode.Forbidden, 'The credential has expired or was revoked');
        extra.leave = access.enter(viewer, end, { params: connectionParams });
        extra.viewer = viewer;
        return true;
      } catch (error) {
        const code = error instanceof PlayheadError ? error.code : 'INTERNAL';
        if (code === 'INTERNAL') logger.error({ err: error }, 'authenticating a WebSocket failed');
        socket.close(CLOSE_CODES[code] ?? TRY_AGAIN_LATER, code);
        return false;
      }
    },
    onClose: ({ extra }) => extra.leave(),
  };
}

/** The credential in the form of a header, whose name may have any case. */
function credentialIn(params: Readonly<Record<string, unknown>> | undefined): unknown {
  const name = Object.keys(params ?? {}).find((key) => key.toLowerCase() === 'authorization');
  return name === undefined ? undefined : params?.[name];
}

interface HookParts {
  readonly endpoint: GraphQLEndpoint;
  readonly delivery: Delivery;
  readonly mapping: ErrorMapping;
  readonly access: Access;
  readonly limits: Limits;
}

function createHooks({
  endpoint,
  delivery,
  mapping,
  access,
  limits,
}: HookParts): ServerOptions<never, Extra> {
  const holds = new WeakMap<SubscribePayload, () => void>();
  const toClient = (errors: readonly unknown[]) =>
    mapErrors(errors, mapping).map((error) => withoutStatus(error).toJSON());
  return {
    execute: (args) => preparedOf(args).execute(args),
    subscribe: async (args) => {
      const { extra, id, payload, subscribe } = preparedOf(args);
      try {
        // However this turns out, graphql-ws then reports the operation as complete.
        holds.set(
          payload,
          access.hold(viewerOf(extra), { document: args.document, params: { id, ...payload } }),
        );
        const { query } = payload;
        const viewerJobId = viewerOf(extra).jobId;
        const opened = await delivery.open({ id, socket: extra.socket, query, viewerJobId, args, subscribe });
        return 'errors' in opened ? failing(new StartError(opened.errors ?? [])) : opened;
      } catch (error) {
        return failing(error);
      }
    },
    onComplete: ({ extra }, id, payload) => {
      extra.ids.release(id);
      holds.get(payload)?.();
    },
    onSubscribe: async (context, id, params) => {
      const refused = await refuse(access, limits, context);
      if (refused !== null) return mapErrors([refused], mapping);
      return prepare({ endpoint, limits }, context.extra, clientIdOf(id), params);
    },
    onNext: (_context, _id, _payload, _args, result) =>
      result.errors && { data: result.data ?? null, errors: toClient(result.errors) },
    onError: ({ extra }, id, _payload, errors) => {
      extra.ids.release(id);
      return toClient(errors.flatMap(reasonsOf));
    },
  };
}

/** @returns why this operation may not begin; null when it may */
async function refuse(
  access: Access,
  { maxSubscriptions }: Limits,
  {
    extra,
    subscriptions,
  }: { readonly extra: Extra; readonly subscriptions: Readonly<Record<string, unknown>> },
): Promise<unknown> {
  try {
    // This operation is already among the subscriptions.
    if (Number.isFinite(maxSubscriptions) && Object.keys(subscriptions).length > maxSubscriptions) {
      const message = `expected at most ${maxSubscriptions} operations at once on one connection`;
      return new PlayheadError('RATE_LIMITED', message);
    }
    await access.countOperation(viewerOf(extra));
    return null;
  } catch (error) {
    return error;
  }
}

function viewerOf({ viewer }: Extra): Viewer {
  if (viewer === null) throw new TypeError('viewer: expected to be known before the first operation');
  return viewer;
}

/** Parses and validates with the plugins of the HTTP endpoint, which would otherwise not see WebSocket operations. */
async function prepare(
  { endpoint, limits }: Pick<HookParts, 'endpoint' | 'limits'>,
  extra: Extra,
  id: string,
  params: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const enveloped = endpoint.getEnveloped({
    viewer: extra.viewer,
    params,
  } as never);
  try {
    const { query, operationName, variables } = params;
    const prepared: Prepared = {
      extra,
      id,
      payload: params,
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
    if (errors.length > 0) return errors;
    shareText(args.document, params);
    const excess = checkDocument(args.schema, limits, args.document, operationName, variables);
    return excess === null ? args : [excess];
  } catch (error) {
    // Thrown by parse; rethrowing it would close the whole connection.
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

const texts = new WeakMap<DocumentNode, string>();

/** graphql-ws keeps each subscription's message until its end, so messages with the same document share one string. */
function shareText(document: DocumentNode, params: SubscribePayload): void {
  const text = texts.get(document);
  if (text === undefined) texts.set(document, params.query);
  else if (text === params.query) Object.assign(params, { query: text });
}

function preparedOf(args: ExecutionArgs): Prepared {
  // Set by `prepare`, the only source of these arguments.
  return args.rootValue as Prepared;
}

/**
 * The reasons why a subscription has no stream. `next` is for results of a stream (PROTOCOL.md of graphql-ws), but for a result
 * with errors the package also sends `next`, followed by `complete`.
 */
class StartError extends Error {
  readonly reasons: readonly GraphQLError[];

  constructor(reasons: readonly GraphQLError[]) {
    super('The subscription cannot begin');
    this.reasons = reasons;
  }
}

/** Unwraps an error of graphql-ws, which wraps what a stream throws in one of its own. */
function reasonsOf(error: GraphQLError): readonly GraphQLError[] {
  return error.originalError instanceof StartError ? error.originalError.reasons : [error];
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
