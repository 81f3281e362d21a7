/** GraphQL over HTTP: queries, mutations, subscriptions as server-sent events, and GraphiQL. */
import {
  type ExecutionArgs,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  NoSchemaIntrospectionCustomRule,
  validate,
} from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Viewer } from '../auth/viewer.ts';
import { ERRORS, type ErrorCode } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { currentTracing, trace, withinTrace } from '../core/tracing.ts';
import type { SchemaContext } from '../schema/context.ts';
import { mapErrors, type OnInternal, toGraphQLError } from '../schema/errors.ts';
import { limitBodies } from './body-limit.ts';
import { DocumentCache } from './document-cache.ts';
import type { Held } from './held-operations.ts';
import { DEFAULT_LIMITS, type Limits, limitDocuments, withExtensions } from './limits.ts';

export const GRAPHQL_PATH = '/graphql';

/** What a transport hands in with each operation. */
interface Incoming extends Record<string, unknown> {
  /** Undefined: nobody has asked who it is. */
  readonly viewer?: Viewer | undefined;
  /** Called before an answer that goes on, of HTTP. @throws PlayheadError when it may not */
  readonly enterStream?: (held: Held) => void;
}

export type GraphQLEndpoint = YogaServerInstance<Incoming, SchemaContext>;

interface EndpointParts {
  readonly schema: GraphQLSchema;
  /** One for every operation, or one for each viewer. */
  readonly context: SchemaContext | ((viewer: Viewer | undefined) => SchemaContext);
  readonly logger: Logger;
  readonly limits?: Limits;
  /** Whether the schema can be queried; default: it can. */
  readonly introspection?: boolean;
}

/** Makes the endpoint; its `getEnveloped` also serves the WebSocket, so that both apply the same plugins. */
export function createGraphQLEndpoint(parts: EndpointParts): GraphQLEndpoint {
  const { schema, context, logger, limits = DEFAULT_LIMITS, introspection = true } = parts;
  const onInternal = internalErrorLogger(logger);
  return createYoga<Incoming, SchemaContext>({
    schema,
    context: ({ viewer }) => (typeof context === 'function' ? context(viewer) : context),
    graphqlEndpoint: GRAPHQL_PATH,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    parserAndValidationCache: { documentCache: new DocumentCache(), errorCache: new DocumentCache() },
    maxRequestBodySize: false,
    graphiql: false,
    maskedErrors: { maskError: (error) => toGraphQLError(error, onInternal) },
    logging: false,
    plugins: [
      refuseSimpleRequests,
      limitBodies(limits.maxBodyBytes),
      enterStreams(onInternal),
      traceMutations,
      limitDocuments(limits),
      ...(introspection ? [] : [refuseIntrospection]),
      mapResultErrors(onInternal),
    ],
  });
}

/**
 * A mutation begins a trace, or goes on in its caller's; what it starts goes on in it, on whatever machine. Over WebSocket
 * too, where it always begins one: the headers of a connection say nothing about a single operation.
 */
const traceMutations: Plugin = {
  onExecute({ args, executeFn, setExecuteFn }) {
    if (currentTracing() === undefined) return;
    const operation = getOperationAST(args.document, args.operationName);
    if (operation?.operation !== 'mutation') return;
    const [first] = operation.selectionSet.selections;
    const field = first?.kind === Kind.FIELD ? first.name.value : 'fragment';
    const attributes = {
      'graphql.operation.type': 'mutation',
      'graphql.operation.name': operation.name?.value,
    };
    const run = (more: ExecutionArgs) =>
      trace(`mutation ${field}`, 'server', attributes, async (span) => {
        const result: unknown = await executeFn(more);
        const error = Reflect.get(Object(result), 'errors')?.[0];
        if (error !== undefined)
          span.fail(String(error.originalError?.code ?? error.extensions?.code ?? 'INTERNAL'));
        return result;
      });
    // Yoga's, of HTTP alone.
    const { request } = args.contextValue as { readonly request?: Request };
    const place = request?.headers.get('traceparent') ?? null;
    setExecuteFn((more: ExecutionArgs) =>
      withinTrace(place, () => run(more), request?.headers.get('tracestate')),
    );
  },
};

/** No names of the schema either, which graphql-js otherwise suggests for wrong ones. */
const refuseIntrospection: Plugin = {
  onValidate({ addValidationRule, setValidationFn }) {
    addValidationRule(NoSchemaIntrospectionCustomRule);
    setValidationFn((...[schema, document, rules]: Parameters<typeof validate>) =>
      validate(schema, document, rules, { hideSuggestions: true }),
    );
  },
};

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

/** Whatever a request accepts, any type or none at all: a subscription is entered as one, and otherwise not begun. */
function enterStreams(onInternal: OnInternal): Plugin<object, Incoming> {
  const refusals = new WeakMap<Request, GraphQLError>();
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      // Over WebSocket there is no enterStream: its connection was entered.
      const { enterStream, request, params } = args.contextValue as Incoming & {
        readonly request: Request;
        readonly params: unknown;
      };
      try {
        enterStream?.({ document: args.document, params });
      } catch (error) {
        const refused = toGraphQLError(error, onInternal);
        refusals.set(request, refused);
        setResultAndStopExecution({ errors: [refused] });
      }
    },
    onResponse({ request, setResponse, fetchAPI }) {
      const refused = refusals.get(request);
      if (refused === undefined) return;
      const { status } = ERRORS[refused.extensions['code'] as ErrorCode];
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      // In place of an event stream with this one error.
      setResponse(new fetchAPI.Response(JSON.stringify({ errors: [refused] }), { status, headers }));
    },
  };
}

/** Errors that are about the whole request although a resolver found them; the rest answer 200, as GraphQL has it. */
const WITH_STATUS: ReadonlySet<unknown> = new Set(['RATE_LIMITED', 'QUOTA_EXCEEDED', 'TOO_COMPLEX']);

/** Gives every error its code, also those of parsing and validation. */
function mapResultErrors(onInternal: OnInternal): Plugin {
  return {
    onExecutionResult({ result, setResult }) {
      if (result === undefined || Array.isArray(result) || !('errors' in result) || !result.errors) return;
      const errors = mapErrors(result.errors as readonly GraphQLError[], onInternal);
      setResult({ ...result, errors: errors.map(withStatus) });
    },
  };
}

function withStatus(error: GraphQLError): GraphQLError {
  const { code } = error.extensions;
  if (!WITH_STATUS.has(code)) return error;
  const { status } = ERRORS[code as keyof typeof ERRORS];
  return withExtensions(error, { ...error.extensions, http: { status } });
}
