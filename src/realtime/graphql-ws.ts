/** GraphQL over WebSocket: the graphql-transport-ws protocol, kept by graphql-ws. */
import type { Server } from 'node:http';
import { type ExecutionArgs, type execute, GraphQLError, type subscribe } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Logger } from '../core/logger.ts';
import { mapErrors } from '../schema/errors.ts';
import {
  GRAPHQL_PATH,
  type GraphQLEndpoint,
  internalErrorLogger,
  MAX_REQUEST_BYTES,
} from './graphql-http.ts';

/** A client that answers no ping for this long is cut: noticed after 12 to 24 s. */
const KEEP_ALIVE_MS = 12_000;
/** How long clients have to answer the close frame when the server ends. */
const CLOSE_LIMIT_MS = 2_000;

interface WebSocketParts {
  readonly server: Server;
  readonly endpoint: GraphQLEndpoint;
  readonly logger: Logger;
}

/** What the hooks hand from onSubscribe to execute and subscribe. */
interface Enveloped {
  readonly execute: typeof execute;
  readonly subscribe: typeof subscribe;
}

export interface WebSocketEndpoint {
  readonly connections: number;
  /** Closes every connection with 1001 (going away), which clients take as a reason to reconnect. */
  close(): Promise<void>;
}

/** Serves the protocol at /graphql of an HTTP server. */
export function serveWebSocket({ server, endpoint, logger }: WebSocketParts): WebSocketEndpoint {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_REQUEST_BYTES });
  const onInternal = internalErrorLogger(logger);
  const protocol = useServer(
    {
      // Unmasked messages would leave with the close reason otherwise.
      isProd: true,
      execute: (args) => (args.rootValue as Enveloped).execute(args),
      subscribe: (args) => (args.rootValue as Enveloped).subscribe(args),
      onSubscribe: async (context, _id, params) => {
        const { request, socket } = context.extra;
        const enveloped = endpoint.getEnveloped({ req: request, socket, params } as never);
        try {
          const { query, operationName, variables } = params;
          const args: ExecutionArgs = {
            schema: enveloped.schema,
            document: enveloped.parse(query),
            operationName: operationName ?? null,
            variableValues: variables ?? {},
            contextValue: await enveloped.contextFactory(),
            rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe } satisfies Enveloped,
          };
          const errors = enveloped.validate(args.schema, args.document);
          return errors.length > 0 ? errors : args;
        } catch (error) {
          // Thrown by parse; thrown on, it would close the whole connection.
          if (error instanceof GraphQLError) return [error];
          throw error;
        }
      },
      onNext: (_context, _id, _payload, _args, result) => {
        if (result.errors === undefined) return undefined;
        const errors = mapErrors(result.errors, onInternal).map((error) => error.toJSON());
        return { data: result.data ?? null, errors };
      },
      onError: (_context, _id, _payload, errors) =>
        mapErrors(errors, onInternal).map((error) => error.toJSON()),
    },
    sockets,
    KEEP_ALIVE_MS,
  );
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?')[0] !== GRAPHQL_PATH) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });
  return {
    get connections() {
      return sockets.clients.size;
    },
    close: async () => {
      const cut = setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
      }, CLOSE_LIMIT_MS);
      await protocol.dispose();
      clearTimeout(cut);
    },
  };
}
