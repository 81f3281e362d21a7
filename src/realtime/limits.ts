/** How much one operation may ask for, and one connection may hold. document-measure.ts measures documents. */
import { type DocumentNode, GraphQLError, type GraphQLSchema, type ParseOptions } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ERRORS, type ErrorCode, PlayheadError } from '../core/errors.ts';
import { measureDocument } from './document-measure.ts';
import { findInexactNumber } from './exact-numbers.ts';
import { checkSubscriptionRoot } from './subscription-root.ts';

export interface Limits {
  /** Bytes of an HTTP body. */
  readonly maxBodyBytes: number;
  /** Bytes of one WebSocket message from a client. */
  readonly maxMessageBytes: number;
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxCost: number;
  /** Concurrent operations on one WebSocket; Infinity: no limit. */
  readonly maxSubscriptions: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxBodyBytes: 1_024 * 1_024,
  maxMessageBytes: 64 * 1_024,
  maxDepth: 12,
  maxAliases: 30,
  maxCost: 100_000,
  maxSubscriptions: Number.POSITIVE_INFINITY,
};

/**
 * The dashboard's longest document has about 500. Validation time grows with their square, up to 0.1 s at this limit, and a
 * subscription keeps up to 1 MB for a parsed document.
 */
const MAX_TOKENS = 2_000;

/**
 * Makes the error for a limit or a missing right, found before anything runs, with its HTTP status. Yoga removes `http` from
 * the extensions; for a WebSocket, remove it with `withoutStatus`.
 */
export function refusal(
  code: ErrorCode,
  message: string,
  more: {
    readonly details?: Readonly<Record<string, unknown>> | undefined;
    readonly retryAfterSeconds?: number | undefined;
  } = {},
): GraphQLError {
  const { details, retryAfterSeconds } = more;
  const extensions = { code, ...(details && { details }), ...(retryAfterSeconds && { retryAfterSeconds }) };
  const http = { status: ERRORS[code].status, headers: refusalHeaders(code, retryAfterSeconds) };
  return new GraphQLError(message, { extensions: { ...extensions, http } });
}

/** Converts an error to a refusal with its status; anything but a PlayheadError is masked later. */
export function asRefusal(error: unknown): GraphQLError {
  if (error instanceof PlayheadError) return refusal(error.code, error.message, error);
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError, extensions: { http: { status: 500 } } });
}

/** The headers of a refusal. */
export function refusalHeaders(code: ErrorCode, retryAfterSeconds?: number): Record<string, string> {
  return {
    ...(code === 'UNAUTHENTICATED' && { 'www-authenticate': 'Bearer' }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
  };
}

/** The same error for a transport that has no status. */
export function withoutStatus(error: GraphQLError): GraphQLError {
  if (!('http' in error.extensions)) return error;
  const { http: _http, ...extensions } = error.extensions;
  return withExtensions(error, extensions);
}

/** The same error with other extensions. */
export function withExtensions(error: GraphQLError, extensions: Record<string, unknown>): GraphQLError {
  const { message, nodes, source, positions, path } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions,
  });
}

/** Checks a valid document and its variables before anything runs. @returns null when within all limits */
export function checkDocument(
  schema: GraphQLSchema,
  limits: Limits,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): GraphQLError | null {
  const measured = measureDocument(document, operationName, variables ?? {});
  const found = [
    { name: 'depth', limit: limits.maxDepth, counted: measured.depth },
    { name: 'aliases', limit: limits.maxAliases, counted: measured.aliases },
    { name: 'cost', limit: limits.maxCost, counted: measured.cost },
  ].find(({ limit, counted }) => counted > limit);
  if (found === undefined) {
    const given = variables ?? {};
    return (
      findInexactNumber(schema, document, operationName, given) ??
      checkSubscriptionRoot(schema, document, operationName, given)
    );
  }
  const { name, limit, counted } = found;
  return refusal('TOO_COMPLEX', `${name}: expected at most ${limit}, received ${counted}`, {
    details: found,
  });
}

/** Applies the limits to documents over any transport; shared subscriptions over WebSocket are checked separately. */
export function limitDocuments(schema: GraphQLSchema, limits: Limits): Plugin {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source: string, options?: ParseOptions) => {
        try {
          return parseFn(source, { ...options, maxTokens: MAX_TOKENS });
        } catch (error) {
          if (!(error instanceof GraphQLError) || !error.message.includes(`${MAX_TOKENS} tokens`))
            throw error;
          throw refusal('TOO_COMPLEX', `document: expected at most ${MAX_TOKENS} tokens, received more`);
        }
      });
    },
    onExecute({ args, setResultAndStopExecution }) {
      const error = checkDocument(schema, limits, args.document, args.operationName, args.variableValues);
      if (error !== null) setResultAndStopExecution({ errors: [error] });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const error = checkDocument(schema, limits, args.document, args.operationName, args.variableValues);
      if (error !== null) setResultAndStopExecution({ errors: [error] });
    },
  };
}
