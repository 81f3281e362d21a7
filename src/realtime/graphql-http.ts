/** GraphQL over HTTP: queries, mutations, subscriptions as server-sent events, and GraphiQL. */
import type { IncomingMessage } from 'node:http';
import {
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type validate,
} from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Viewer } from '../auth/viewer.ts';
import { ERRORS, type ErrorCode } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { nothing } from '../core/nothing.ts';
import { readOut } from '../core/read-body.ts';
import { currentTracing, trace, withinTrace } from '../core/tracing.ts';
import type { SchemaContext } from '../schema/context.ts';
import { type ErrorMapping, mapErrors, toGraphQLError } from '../schema/errors.ts';
import { limitBodies } from './body-limit.ts';
import { DocumentCache } from './document-cache.ts';
import { sendEventStreams } from './event-source.ts';
import {
  asRefusal,
  DEFAULT_LIMITS,
  type Limits,
  limitDocuments,
  withExtensions,
  withoutStatus,
} from './limits.ts';
import { admitStreams, type StreamContext } from './stream-admission.ts';
import { validateSubscriptionRoots } from './subscription-root.ts';

export const GRAPHQL_PATH = '/graphql';

/** What a transport passes in with each operation. */
interface Incoming extends StreamContext, Record<string, unknown> {
  /** Over HTTP, called before anything else. @returns who asks @throws PlayheadError when refused */
  readonly enter?: () => Promise<Viewer>;
  /** Yoga's; only over HTTP. */
  readonly req?: IncomingMessage;
}

export type GraphQLEndpoint = YogaServerInstance<Incoming, SchemaContext>;

interface EndpointParts {
  readonly schema: GraphQLSchema;
  /** One for every operation, or one for each viewer. */
  readonly context: SchemaContext | ((viewer: Viewer | undefined) => SchemaContext);
  readonly logger: Logger;
  readonly limits?: Limits;
  /** Whether introspection is allowed; default: yes. */
  readonly introspection?: boolean;
  /** An event stream whose client reads nothing for this long is cut off; default 15 s. */
  readonly stallLimitMs?: number | undefined;
  /** Whether the server cannot reach its Redis; clients that wait for events are told. */
  readonly isUnavailable?: () => boolean;
}

/** Makes the endpoint; its `getEnveloped` also serves the WebSocket, so that both apply the same plugins. */
export function createGraphQLEndpoint(parts: EndpointParts): GraphQLEndpoint {
  const { schema, context, logger, limits = DEFAULT_LIMITS, introspection = true } = parts;
  const mapping = createErrorMapping(schema, logger);
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
    maskedErrors: { maskError: (error) => toGraphQLError(error, mapping) },
    logging: false,
    plugins: [
      readUnread,
      enterRequests,
      refuseSimpleRequests,
      limitBodies(limits.maxBodyBytes),
      refuseWrongAddresses,
      refusePersistedQueries,
      admitStreams,
      sendEventStreams(parts),
      refuseInJson,
      traceMutations,
      validateSubscriptionRoots,
      limitDocuments(schema, limits),
      ...(introspection ? [] : [refuseIntrospection]),
      mapResultErrors(mapping),
    ],
  });
}

/**
 * A mutation begins a trace or continues its caller's; whatever it starts continues that trace, on any machine. Over WebSocket
 * it always begins one: the headers of a connection say nothing about a single operation.
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
        const error: unknown = Reflect.get(Object(result), 'errors')?.[0];
        // Of the errors that the client gets, which are made and logged later.
        const mapping = { schema: more.schema, onInternal: nothing };
        if (error !== undefined) span.fail(String(toGraphQLError(error, mapping).extensions['code']));
        return result;
      });
    // Yoga's; only over HTTP.
    const { request } = args.contextValue as { readonly request?: Request };
    const place = request?.headers.get('traceparent') ?? null;
    setExecuteFn((more: ExecutionArgs) =>
      withinTrace(place, () => run(more), request?.headers.get('tracestate')),
    );
  },
};

/** Also hides the schema's names, which graphql-js would otherwise suggest for misspelt ones. */
const refuseIntrospection: Plugin = {
  onValidate({ addValidationRule, validateFn, setValidationFn }) {
    addValidationRule(NoSchemaIntrospectionCustomRule);
    setValidationFn((...[schema, document, rules]: Parameters<typeof validate>) =>
      validateFn(schema, document, rules, { hideSuggestions: true }),
    );
  },
};

/** Logs errors that a client only sees as INTERNAL, with the id that it received. */
export function createErrorMapping(schema: GraphQLSchema, logger: Logger): ErrorMapping {
  const onInternal: ErrorMapping['onInternal'] = (errorId, error) =>
    logger.error({ err: error, errorId }, 'unexpected error');
  return { schema, onInternal };
}

/** Reads the rest of the body, which a refusal may have left unread. */
const readUnread: Plugin<object, Incoming> = {
  onResponse: ({ serverContext }) =>
    serverContext?.req && serverContext.res && readOut(serverContext.req, serverContext.res),
};

/** Authenticates within Yoga, which answers a refusal in the type that the request accepts. */
const enterRequests: Plugin<object, Incoming> = {
  async onRequestParse({ serverContext }) {
    if (serverContext.enter === undefined) return;
    try {
      serverContext.viewer = await serverContext.enter();
    } catch (error) {
      throw asRefusal(error);
    }
  },
};

/**
 * A page of another origin can send forms and plain text without a preflight (CSRF), but not JSON. So a body must be JSON, and
 * GET must not be a mutation, which Yoga enforces.
 */
const refuseSimpleRequests: Plugin = {
  onRequestParse({ request }) {
    const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (request.method !== 'POST' || type === 'application/json' || type === 'application/graphql+json')
      return;
    throw new GraphQLError(`content-type: expected application/json, received ${JSON.stringify(type)}`, {
      extensions: { code: 'BAD_USER_INPUT', field: 'content-type', http: { status: 415 } },
    });
  },
};

/**
 * Checks a GET, whose variables and extensions are JSON in the address: what Yoga's parser throws would count as an internal
 * error.
 */
const refuseWrongAddresses: Plugin = {
  onRequestParse({ request, requestParser, setRequestParser }) {
    if (request.method !== 'GET' || requestParser === undefined) return;
    setRequestParser(async (asked) => {
      try {
        return await requestParser(asked);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw new GraphQLError('variables, extensions: expected JSON', {
          extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
        });
      }
    });
  },
};

/** Tells a client that sends only a query's hash to send the query, which it does from then on. */
const refusePersistedQueries: Plugin = {
  onParams({ params }) {
    if (params.query != null || params.extensions?.['persistedQuery'] == null) return;
    // Apollo's and urql's clients recognise Apollo Server's message, code and status.
    throw new GraphQLError('PersistedQueryNotSupported', {
      extensions: {
        code: 'PERSISTED_QUERY_NOT_SUPPORTED',
        http: { status: 200, headers: { 'cache-control': 'private, no-cache, must-revalidate' } },
      },
    });
  },
};

/**
 * A client that does not accept JSON relies on the status of a refusal; no other type has room for the message. A browser's
 * EventSource, which would repeat a faulty request forever, takes any status but 200 as the end.
 */
const refuseInJson: Plugin = {
  onResultProcess({ request, result, setResultProcessor }) {
    const accept = request.headers.get('accept') || '*/*';
    if (/json|\*\/\*/.test(accept) || !('errors' in result)) return;
    const isSource = request.method === 'GET' && (!('data' in result) || result.data == null);
    for (const error of result.errors ?? []) {
      const refused = refusedResponse(error) ?? (isSource ? endOfSource(error) : null);
      if (refused === null) continue;
      const body = JSON.stringify({ errors: [withoutStatus(error)] });
      const headers = { ...refused.headers, 'content-type': 'application/json; charset=utf-8' };
      const { status } = refused;
      setResultProcessor((_, { Response }) => new Response(body, { status, headers }), 'application/json');
      return;
    }
  },
};

interface RefusedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What Yoga reads from an error's extensions. `spec`: 200 where the answer is application/json. */
type YogaResponse = Partial<RefusedResponse> & { readonly spec?: boolean };

function refusedResponse({ extensions }: GraphQLError): RefusedResponse | null {
  const { status = 200, headers = {}, spec = false } = (extensions['http'] ?? {}) as YogaResponse;
  return status < 400 || spec ? null : { status, headers };
}

/** The answer to a request that would meet this error again; null when retrying may help. */
function endOfSource({ extensions }: GraphQLError): RefusedResponse | null {
  const { code } = extensions;
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) return { status: 400 };
  const { retryable, status } = ERRORS[code as ErrorCode];
  return retryable ? null : { status };
}

/** Errors that concern the whole request although a resolver found them; the rest answer 200, as GraphQL requires. */
const WITH_STATUS: ReadonlySet<unknown> = new Set(['RATE_LIMITED', 'QUOTA_EXCEEDED', 'TOO_COMPLEX']);

/** Gives every error its code, including those of parsing and validation. */
function mapResultErrors(mapping: ErrorMapping): Plugin {
  return {
    onExecutionResult({ result, setResult }) {
      if (result === undefined || Array.isArray(result) || !('errors' in result) || !result.errors) return;
      const errors = mapErrors(result.errors as readonly GraphQLError[], mapping);
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
