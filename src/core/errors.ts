/**
 * Every error that Playhead reports, in one table: codes, whether trying again can help, and the remedy.
 * docs/errors.md is held against this table by a test, in both directions.
 */
import { shorten } from './text.ts';

interface ErrorInfo {
  /** True when the same work may succeed on another attempt; the runner retries only these. */
  readonly retryable: boolean;
  /** HTTP status where the error ends a plain HTTP request (files, health); GraphQL answers carry the code. */
  readonly status: number;
  readonly meaning: string;
  readonly remedy: string;
}

export const ERRORS = {
  BAD_USER_INPUT: {
    retryable: false,
    status: 400,
    meaning: 'A value in the request is not acceptable; nothing was enqueued.',
    remedy: 'Correct the field that extensions.field names; extensions.expected says what it takes.',
  },
  NOT_FOUND: {
    retryable: false,
    status: 404,
    meaning: 'There is no such job or file in this project.',
    remedy: 'Check the project and the id. A job is kept for PLAYHEAD_JOB_RETENTION_HOURS after its end.',
  },
  UNAUTHENTICATED: {
    retryable: false,
    status: 401,
    meaning: 'The request brings no credential, or one that is faulty, has run out or was revoked.',
    remedy: 'Send Authorization: Bearer with a valid token or API key; by WebSocket in connectionParams.',
  },
  FORBIDDEN: {
    retryable: false,
    status: 403,
    meaning: 'The credential, or the page that the request comes from, does not allow this.',
    remedy: 'Use a credential with the scope in details.scope, or list the page in PLAYHEAD_ORIGINS.',
  },
  RATE_LIMITED: {
    retryable: true,
    status: 429,
    meaning:
      'Too many operations, subscriptions or connections of this credential or address, or they keep too much.',
    remedy: 'Wait for retryAfterSeconds; the limits are settings.',
  },
  TOO_COMPLEX: {
    retryable: false,
    status: 400,
    meaning: 'The document is too long, too deep, has too many aliases or asks for too much at once.',
    remedy: 'Ask for less: smaller pages, fewer fields; details says what was counted and the limit.',
  },
  PAYLOAD_TOO_LARGE: {
    retryable: false,
    status: 413,
    meaning: 'The request’s body is over the limit.',
    remedy: 'Send less at once, for example smaller batches, or raise PLAYHEAD_MAX_BODY_KB.',
  },
  QUOTA_EXCEEDED: {
    retryable: false,
    status: 429,
    meaning: 'The project has as many unfinished jobs or bytes of files as it may, or a job made too much.',
    remedy: 'Wait for jobs to end or their files to go, or raise the setting that the message names.',
  },
  IDEMPOTENCY_CONFLICT: {
    retryable: false,
    status: 422,
    meaning: 'The idempotencyKey has made a job already, from other input; nothing was enqueued.',
    remedy:
      'Take a new key for new input; the first input, sent again with its key, gives the job in details.jobId.',
  },
  JOB_ENDED: {
    retryable: false,
    status: 409,
    meaning: 'The job has ended already, so it cannot be cancelled.',
    remedy: 'Query the job for its result or error.',
  },
  JOB_NOT_RETRYABLE: {
    retryable: false,
    status: 409,
    meaning: 'Only a FAILED or CANCELLED job, or a batch with failed or cancelled items, can be retried.',
    remedy: 'Wait for the job to end, or cancel it first.',
  },
  EVENTS_EXPIRED: {
    retryable: false,
    status: 410,
    meaning: 'The events behind this cursor are no longer known: trimmed, lost or rolled back.',
    remedy: 'Subscribe again without after (snapshot: true) and replace what is shown.',
  },
  SUBSCRIBER_TOO_SLOW: {
    retryable: true,
    status: 503,
    meaning: 'The client reads too slowly: its queue of undelivered events reached the limit.',
    remedy: 'Subscribe again with after: the last event id; nothing is lost.',
  },
  UNAVAILABLE: {
    retryable: true,
    status: 503,
    meaning: 'Redis, or the store of files, did not answer in time, or refuses to work.',
    remedy: 'Try again shortly; give mutations an idempotencyKey so that a repeat makes no second job.',
  },
  RECORD_DAMAGED: {
    retryable: false,
    status: 500,
    meaning: 'What is stored of this job can’t be read: broken, or written by another version.',
    remedy: 'The server log names the key (Redis) and what was expected. Repair it, or start a new job.',
  },
  INTERNAL: {
    retryable: true,
    status: 500,
    meaning: 'An unexpected error; the server log has it under extensions.errorId.',
    remedy: 'Report it with the errorId.',
  },
  CANCELLED: {
    retryable: false,
    status: 409,
    meaning: 'The job was cancelled by cancelJob.',
    remedy: 'retryJob goes on from the last finished step.',
  },
  TIMED_OUT: {
    retryable: true,
    status: 504,
    meaning: 'A step or tool took longer than its limit.',
    remedy: 'Try smaller input, or raise the limit.',
  },
  INVALID_INPUT: {
    retryable: false,
    status: 422,
    meaning: 'The input was accepted but a step found that it cannot be made into a result.',
    remedy: 'Correct the input and start a new job; the message names the place.',
  },
  NOT_VERIFIED: {
    retryable: false,
    status: 422,
    meaning: 'The speech was made, but no try was understood well enough (minSimilarity).',
    remedy:
      'The best try is kept: details.audio is its path. Change the text or the voice, or lower minSimilarity.',
  },
  PROVIDER_FAILED: {
    retryable: true,
    status: 502,
    meaning: 'A provider or tool (speech, drawing, ffmpeg) failed.',
    remedy: 'See details; a retry may succeed.',
  },
  PROVIDER_REJECTED: {
    retryable: false,
    status: 502,
    meaning:
      'A remote provider refused the request: wrong key, model or address, no credit, or unacceptable content.',
    remedy: 'See details.error_code (the HTTP status); correct the setting or the input, then retryJob.',
  },
  TOOL_MISSING: {
    retryable: false,
    status: 500,
    meaning: 'A program that the step needs is not installed or cannot be started.',
    remedy: 'Install it, or name it by the setting in the message.',
  },
  STORAGE_FAILED: {
    retryable: true,
    status: 507,
    meaning: 'A file could not be written or read (disk full, permissions, object storage away or refusing).',
    remedy: 'Free space under PLAYHEAD_DATA_DIR, correct permissions or PLAYHEAD_S3_…, then retry the job.',
  },
  WORKER_LOST: {
    retryable: false,
    status: 500,
    meaning: 'The workers that ran the job died or stalled too often.',
    remedy: 'Look at the workers (memory, crashes), then retryJob.',
  },
} as const satisfies Record<string, ErrorInfo>;

export type ErrorCode = keyof typeof ERRORS;

interface PlayheadErrorOptions {
  readonly cause?: unknown;
  /** Machine-readable facts for the client; JSON values only. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Seconds to wait before the next try, where the failed party named it. */
  readonly retryAfterSeconds?: number;
}

/**
 * The only error class that reaches clients. The message says what was expected and what came.
 * Anything else thrown is masked as INTERNAL and logged whole.
 */
export class PlayheadError extends Error {
  override readonly name = 'PlayheadError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: PlayheadErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/**
 * Makes the BAD_USER_INPUT error for one field.
 * @param field path in the request, for example `input.script`
 * @param expected what the field takes, in words
 * @param received what came, shortened to 80 characters
 */
export function badInput(field: string, expected: string, received?: unknown): PlayheadError {
  const shown = received === undefined ? undefined : shorten(toText(received), SHOWN_CHARS);
  const came = shown === undefined ? '' : `, received ${shown}`;
  return new PlayheadError('BAD_USER_INPUT', `${field}: expected ${expected}${came}`, {
    details: { field, expected, ...(shown === undefined ? {} : { received: shown }) },
  });
}

const SHOWN_CHARS = 80;

function toText(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
