/**
 * From anything thrown to what a client sees; the only place that does this for GraphQL. It must see the errors of every
 * transport, HTTP, SSE and WebSocket alike:
 *
 *   PlayheadError, however wrapped            its own code, message and facts
 *   faulty argument or variable               BAD_USER_INPUT with extensions.field and extensions.expected
 *   other errors of the document              GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED
 *   GraphQLError that carries a code          as it is (it has been mapped already, or a plugin made it for clients)
 *   anything else                             masked as INTERNAL with an errorId; handed to `onInternal` for the log
 */
import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { PlayheadError } from '../core/errors.ts';
import { explainRequestError } from './request-error.ts';

/** Given by Yoga to every error of its kind, a faulty argument too: looked at once more. */
const REFINED_CODES: ReadonlySet<string> = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED']);

/** Told of every masked error, so that the log has it whole under the id that the client got. */
export type OnInternal = (errorId: string, error: unknown) => void;

/** What errors are mapped by. */
export interface ErrorMapping {
  /** What requests are made to. */
  readonly schema: GraphQLSchema;
  readonly onInternal: OnInternal;
}

/**
 * Makes the error that a client may see. Never changes `error`; mapping a mapped error changes nothing.
 * Message, path and locations stay where they are safe; `originalError` is dropped, so nothing leaks through it.
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

/** Maps a result's or a stream's errors, in their order. */
export function mapErrors(errors: readonly unknown[], mapping: ErrorMapping): GraphQLError[] {
  return errors.map((error) => toGraphQLError(error, mapping));
}

/** What was thrown first: graphql-js, graphql-ws and Yoga wrap it as `originalError`, sometimes twice. */
function originOf(error: unknown): unknown {
  let origin = error;
  while (origin instanceof GraphQLError && origin.originalError !== undefined) origin = origin.originalError;
  return origin;
}

/** BAD_USER_INPUT has its facts beside the code, as clients of other servers know it; the rest under `details`. */
function playheadExtensions({ code, details, retryAfterSeconds }: PlayheadError): Record<string, unknown> {
  const facts = code === 'BAD_USER_INPUT' ? details : details === undefined ? undefined : { details };
  return { ...facts, code, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

/** An error where `error` was. Yoga's `http` (status, headers) stays; Yoga takes it out before it answers. */
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
