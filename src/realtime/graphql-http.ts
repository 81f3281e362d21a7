/** GraphQL over HTTP: queries, mutations, subscriptions as server-sent events, and GraphiQL. */
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Logger } from '../core/logger.ts';
import type { SchemaContext } from '../schema/context.ts';
import { mapErrors, type OnInternal, toGraphQLError } from '../schema/errors.ts';
import { GRAPHIQL_TABS } from './graphiql-tabs.ts';

export const GRAPHQL_PATH = '/graphql';
/** A script of 100,000 characters, each escaped as \uXXXX pairs, with room for the query. */
export const MAX_REQUEST_BYTES = 2 * 1024 * 1024;

export type GraphQLEndpoint = YogaServerInstance<Record<string, unknown>, SchemaContext>;

interface EndpointParts {
  readonly schema: GraphQLSchema;
  readonly context: SchemaContext;
  readonly logger: Logger;
}

/** Makes the endpoint; its `getEnveloped` also serves the WebSocket, so that both apply the same plugins. */
export function createGraphQLEndpoint({ schema, context, logger }: EndpointParts): GraphQLEndpoint {
  const onInternal = internalErrorLogger(logger);
  return createYoga<Record<string, unknown>, SchemaContext>({
    schema,
    context: () => context,
    graphqlEndpoint: GRAPHQL_PATH,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: MAX_REQUEST_BYTES,
    graphiql: { title: 'Playhead', subscriptionsProtocol: 'WS', defaultTabs: GRAPHIQL_TABS },
    renderGraphiQL,
    maskedErrors: { maskError: (error) => toGraphQLError(error, onInternal) },
    logging: false,
    plugins: [refuseSimpleRequests, mapResultErrors(onInternal)],
  });
}

/** Logs an error that the client only sees as INTERNAL with this id. */
export function internalErrorLogger(logger: Logger): OnInternal {
  return (errorId, error) => logger.error({ err: error, errorId }, 'unexpected error');
}

/**
 * A page of another origin can send forms and plain text without asking first (CSRF); JSON it can't. So a body must be
 * JSON, and GET must not be a mutation, which Yoga sees to.
 */
const refuseSimpleRequests: Plugin = {
  onRequest({ request, endResponse, fetchAPI }) {
    const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (request.method !== 'POST' || type === 'application/json' || type === 'application/graphql+json')
      return;
    const message = `content-type: expected application/json, received ${JSON.stringify(type)}`;
    const body = JSON.stringify({
      errors: [{ message, extensions: { code: 'BAD_USER_INPUT', field: 'content-type' } }],
    });
    endResponse(
      new fetchAPI.Response(body, { status: 415, headers: { 'content-type': 'application/json' } }),
    );
  },
};

/** Gives every error its code, also those of parsing and validation. */
function mapResultErrors(onInternal: OnInternal): Plugin {
  return {
    onExecutionResult({ result, setResult }) {
      if (result === undefined || Array.isArray(result) || !('errors' in result) || !result.errors) return;
      setResult({ ...result, errors: mapErrors(result.errors as readonly GraphQLError[], onInternal) });
    },
  };
}
