/** What a GraphQL error or a failed request means to the outbox. Pure. */
import { TransportError } from './transport.ts';

/** An error, with the path in the answer that it is about. */
export interface HttpFailure {
  readonly error: TransportError;
  readonly path: readonly unknown[];
}

/**
 * Codes after which the same request may be accepted later. A refused credential is among them: the server's operator can fix
 * it, and until then no ending is lost.
 */
const PASSING = new Set(['UNAVAILABLE', 'INTERNAL', 'RATE_LIMITED', 'UNAUTHENTICATED', 'FORBIDDEN']);

/** @param error an entry of an answer's `errors` @param retryAfterSeconds from the Retry-After header; 0: none */
export function toFailure(error: unknown, status: number, retryAfterSeconds: number): HttpFailure {
  const {
    extensions = {},
    message = 'an error without a message',
    path = [],
  } = error as {
    readonly message?: string;
    readonly path?: readonly unknown[];
    readonly extensions?: { readonly code?: unknown; readonly retryAfterSeconds?: unknown };
  };
  const code = typeof extensions.code === 'string' ? extensions.code : `HTTP_${status}`;
  const seconds = Number(extensions.retryAfterSeconds ?? retryAfterSeconds);
  const isPassing = PASSING.has(code) || status >= 500;
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : 0;
  return { path, error: new TransportError(code, message, { isPassing, retryAfterMs }) };
}

/** Converts what fetch throws to a TransportError. */
export function networkFailure(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  if (!(error instanceof Error)) {
    return new TransportError('INTERNAL', String(error), { isPassing: true, cause: error });
  }
  if (error.name === 'AbortError') {
    return new TransportError('TIMED_OUT', 'there was no answer in time', { isPassing: true, cause: error });
  }
  // fetch only says "fetch failed"; its cause says what happened.
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'NETWORK';
  return new TransportError(code, cause.message || code, { isPassing: true, cause: error });
}
