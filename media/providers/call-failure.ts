/** How one HTTP call to a provider failed: one of our errors, and whether the call may be repeated immediately. */
import { type ErrorCode, PlayheadError, type Secret, shorten } from 'playhead';

interface FailureKind {
  /** Whether the same call may succeed now. */
  readonly again: boolean;
  /** Whether the provider may have begun the requested work. */
  readonly begun: boolean;
  /** Set if the provider specified the wait itself. */
  readonly retryAfterSeconds?: number | undefined;
}

/** Thrown within a call; the caller gets its `error` when no tries are left. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly error: PlayheadError;
  /** For metrics and traces, which cover each try. */
  readonly code: ErrorCode;
  readonly again: boolean;
  readonly begun: boolean;
  readonly retryAfterSeconds: number | undefined;

  constructor(error: PlayheadError, { again, begun, retryAfterSeconds }: FailureKind) {
    super(error.message, { cause: error });
    this.error = error;
    this.code = error.code;
    this.again = again;
    this.begun = begun;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const TEXT_LIMIT_CHARS = 200;
/** Keys as providers print them in their errors, including shortened ones (`sk-ab***yz`). */
const KEY_LIKE = /\b(?:sk|pk|rk|key|api|Bearer)[-_ ][\w*.-]{6,}/gi;

/** The provider's own words, shortened, without anything that looks like a key. */
export function quoteProvider(text: string, key: Secret | undefined): string {
  const known = key === undefined ? text : key.redact(text);
  const clean = known.replaceAll(KEY_LIKE, '[secret]').replaceAll(/\s+/g, ' ').trim();
  return shorten(clean, TEXT_LIMIT_CHARS);
}

/** The outcome of a call that was not answered with 200. */
export interface ErrorAnswer {
  readonly status: number;
  /** The body's `error.message`, or its start; already quoted. */
  readonly text: string;
  /** The body's `error.code` or `error.type`. */
  readonly providerCode: string | undefined;
  readonly retryAfterSeconds: number | undefined;
}

/** Statuses with which a server indicates that the same request may succeed later (RFC 9110; 409: OpenAI's lock timeout). */
const PASSING_STATUSES = new Set([408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529]);
/** Sent with 429 when the account has no credit: waiting does not help. */
const LASTING_CODES = new Set(['insufficient_quota', 'billing_hard_limit_reached']);

/** Maps a status other than 200 to PROVIDER_FAILED (may pass) or PROVIDER_REJECTED (will not). */
export function statusFailure(provider: string, answer: ErrorAnswer): CallFailure {
  const { status, providerCode, retryAfterSeconds } = answer;
  const passing = PASSING_STATUSES.has(status) && !LASTING_CODES.has(providerCode ?? '');
  const what = describeStatus(provider, status);
  const hidden = status === 401 || status === 403;
  const said = answer.text === '' || hidden ? '' : `: ${answer.text}`;
  const error = new PlayheadError(passing ? 'PROVIDER_FAILED' : 'PROVIDER_REJECTED', `${what}${said}`, {
    details: {
      provider,
      error_code: String(status),
      ...(providerCode === undefined ? {} : { provider_code: providerCode }),
      ...(retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }),
    },
    ...(passing && retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
  return new CallFailure(error, {
    again: passing,
    begun: status !== 429 && status !== 503,
    retryAfterSeconds,
  });
}

function describeStatus(provider: string, status: number): string {
  if (status === 429) return `${provider} API rate limit exceeded (status 429)`;
  if (status === 401 || status === 403) return `${provider} API refused the key (status ${status})`;
  return `${provider} API: expected status 200, received ${status}`;
}

/** Makes the failure for an answer that arrived but is not what the interface promises. */
export function badAnswer(
  provider: string,
  expected: string,
  options: { again?: boolean; cause?: unknown } = {},
): CallFailure {
  const error = new PlayheadError('PROVIDER_FAILED', `${provider} API: expected ${expected}`, {
    cause: options.cause,
    details: { provider, error_code: 'bad_answer' },
  });
  return new CallFailure(error, { again: options.again ?? true, begun: true });
}

/** Codes of Node's network layer for failures before the request was sent. */
const UNSENT_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Maps what fetch and body readers throw: refused, reset, cut off. */
export function networkFailure(provider: string, thrown: unknown): CallFailure {
  const code = networkCode(thrown);
  const error = new PlayheadError(
    'PROVIDER_FAILED',
    `${provider} API: expected an answer, received a broken connection (${code})`,
    { cause: thrown, details: { provider, error_code: code } },
  );
  return new CallFailure(error, { again: true, begun: !UNSENT_CODES.has(code) });
}

function networkCode(thrown: unknown): string {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string') return error.code;
  }
  return 'network';
}

/** Makes the failure for a provider that was silent for too long. */
export function silenceFailure(provider: string, timeoutMs: number): CallFailure {
  const error = new PlayheadError(
    'TIMED_OUT',
    `${provider} API: expected an answer within ${timeoutMs / 1_000} s (PLAYHEAD_PROVIDER_TIMEOUT_SECONDS), received none`,
    { details: { provider, error_code: 'timeout' } },
  );
  return new CallFailure(error, { again: true, begun: true });
}
