/**
 * Maps anything thrown to what a client sees; the only place that does this for GraphQL. The errors of every transport, HTTP,
 * SSE and WebSocket alike, must pass through it:
 *
 *   PlayheadError, however wrapped            its own code, message and facts
 *   faulty argument or variable               BAD_USER_INPUT with extensions.field and extensions.expected
 *   other errors of the document              GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED
 *   GraphQLError that carries a code          unchanged (it has been mapped already, or a plugin made it for clients)
 *   anything else                             masked as INTERNAL with an errorId; handed to `onInternal` for the log
 */
import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { PlayheadError } from '../core/errors.ts';
import { explainRequestError } from './request-error.ts';

/** Yoga gives these to every error of their kind, even for a faulty argument, so such errors are examined again. */
const REFINED_CODES: ReadonlySet<string> = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED']);

/** Called for every masked error, so that the log has all of it under the id that the client received. */
export type OnInternal = (errorId: string, error: unknown) => void;

/** What mapping errors requires. */
export interface ErrorMapping {
  /** The schema that requests are made to. */
  readonly schema: GraphQLSchema;
  readonly onInternal: OnInternal;
}

/**
 * Makes the error that a client may see. Never changes `error`; mapping a mapped error changes nothing. Message, path and
 * locations are kept where they are safe; `originalError` is dropped, so nothing leaks through it.
 */
export function toGraphQLError(error: unknown, mapping: ErrorMapping): GraphQLError {
  const cause = originOf(error);
  if (cause instanceof PlayheadError && cause.code !== 'INTERNAL') {
    return placed(error, cause.message, playheadExtensions(cause));
  }
  if (cause instanceof GraphQLError && error instanceof GraphQLError) {
    const { code } = error.extensions;
    if (typeof code === 'string' && !REFINED_CODES.has(code)) return error;
    const explained = explainRequestError(mapping.schema, error, error.path !== undefined);
    if (explained !== null) return placed(error, explained.message, explained.extensions);
  }
  const errorId = randomUUID();
  mapping.onInternal(errorId, cause);
  return placed(error, 'Unexpected error', { code: 'INTERNAL', errorId });
}

/** Maps the errors of a result or a stream, in order. */
export function mapErrors(errors: readonly unknown[], mapping: ErrorMapping): GraphQLError[] {
  return errors.map((error) => toGraphQLError(error, mapping));
}

/** The error originally thrown: graphql-js, graphql-ws and Yoga wrap it as `originalError`, sometimes twice. */
function originOf(error: unknown): unknown {
  let origin = error;
  while (origin instanceof GraphQLError && origin.originalError !== undefined) origin = origin.originalError;
  return origin;
}

/**
 * BAD_USER_INPUT has its facts beside the code, as clients know it from other servers; other codes have them under `details`.
 */
function playheadExtensions({ code, details, retryAfterSeconds }: PlayheadError): Record<string, unknown> {
  const facts = code === 'BAD_USER_INPUT' ? details : details === undefined ? undefined : { details };
  return { ...facts, code, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

/** An error in the same place as `error`. Yoga's `http` (status, headers) is kept; Yoga removes it before it answers. */
function placed(error: unknown, message: string, extensions: Record<string, unknown>): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes, source, positions, path } = error;
  const http = error.extensions['http'];
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: http === undefined ? extensions : { ...extensions, http },
  });
}
