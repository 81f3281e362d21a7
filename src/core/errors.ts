/**
 * Every error that Playhead reports, in one table: codes, whether trying again can help, and the remedy. A test checks
 * docs/errors.md against this table, in both directions.
 */
import { isJsonObject } from './json.ts';
import { shorten } from './text.ts';

interface ErrorInfo {
  /** True when the same work may succeed on another attempt; the runner retries only these. */
  readonly retryable: boolean;
  /** HTTP status when the error ends a plain HTTP request (files, health); GraphQL answers carry the code. */
  readonly status: number;
  readonly meaning: string;
  readonly remedy: string;
}

export const ERRORS = {
  BAD_USER_INPUT: {
    retryable: false,
    status: 400,
    meaning: 'A value in the request is not valid; nothing was enqueued.',
    remedy: 'Correct the field named by extensions.field; extensions.expected says what it accepts.',
  },
  NOT_FOUND: {
    retryable: false,
    status: 404,
    meaning: 'There is no such job, file, webhook or delivery in this project.',
    remedy:
      'Check the project and the id. A job is kept for PLAYHEAD_JOB_RETENTION_HOURS after it has ended.',
  },
  UNAUTHENTICATED: {
    retryable: false,
    status: 401,
    meaning: 'The request has no credential, or one that is malformed, expired or revoked.',
    remedy:
      'Send Authorization: Bearer with a valid token or API key; over WebSocket, send it in connectionParams.',
  },
  FORBIDDEN: {
    retryable: false,
    status: 403,
    meaning: 'The credential, or the origin of the page that sent the request, does not permit this.',
    remedy: 'Use a credential with the scope in details.scope, or add the page’s origin to PLAYHEAD_ORIGINS.',
  },
  RATE_LIMITED: {
    retryable: true,
    status: 429,
    meaning:
      'This credential or address has too many operations, subscriptions or connections, or they use too much memory.',
    remedy: 'Wait for retryAfterSeconds, then try again. The limits are settings of the server.',
  },
  TOO_COMPLEX: {
    retryable: false,
    status: 400,
    meaning:
      'The document is too long, is nested too deeply, has too many aliases or requests too much at once.',
    remedy: 'Request less, with smaller pages or fewer fields; details has the count and the limit.',
  },
  PAYLOAD_TOO_LARGE: {
    retryable: false,
    status: 413,
    meaning: 'The body of the request exceeds the limit.',
    remedy: 'Send less at once, for example in smaller batches, or raise PLAYHEAD_MAX_BODY_KB.',
  },
  QUOTA_EXCEEDED: {
    retryable: false,
    status: 429,
    meaning:
      'The project has reached its limit of unfinished jobs, stored files or webhooks, or a job has produced too much.',
    remedy:
      'Wait until jobs have ended or their files are removed, or raise the setting named in the message.',
  },
  IDEMPOTENCY_CONFLICT: {
    retryable: false,
    status: 422,
    meaning: 'The idempotencyKey has already been used with different input; nothing was enqueued.',
    remedy: 'Use a new key for new input. The original input with this key returns the job in details.jobId.',
  },
  JOB_ENDED: {
    retryable: false,
    status: 409,
    meaning: 'The job has already ended, so it cannot be cancelled.',
    remedy: 'Query the job for its result or error.',
  },
  JOB_NOT_RETRYABLE: {
    retryable: false,
    status: 409,
    meaning: 'Only a FAILED or CANCELLED job, or a batch with failed or cancelled items, can be retried.',
    remedy:
      'Wait for the job to end, or cancel it first. A tracked job is run by its own system: retry it there.',
  },
  JOB_NOT_ENDED: {
    retryable: false,
    status: 409,
    meaning: 'The job has not ended, so it cannot be deleted.',
    remedy: 'Wait for its end, or cancel it first.',
  },
  WEBHOOK_DISABLED: {
    retryable: false,
    status: 409,
    meaning: 'Nothing is sent to this webhook any more; disabledReason says why.',
    remedy: 'Put its receiver in order, then use enableWebhook: what waits is sent by itself.',
  },
  EVENTS_EXPIRED: {
    retryable: false,
    status: 410,
    meaning: 'The events after this cursor are no longer available: they were trimmed, lost or rolled back.',
    remedy: 'Subscribe again without after (snapshot: true), and replace the state that you show.',
  },
  SUBSCRIBER_TOO_SLOW: {
    retryable: true,
    status: 503,
    meaning: 'The client reads too slowly: its queue of undelivered events has reached the limit.',
    remedy: 'Subscribe again with after set to the id of the last event; nothing is lost.',
  },
  UNAVAILABLE: {
    retryable: true,
    status: 503,
    meaning: 'Redis or the file store did not answer in time, or refuses requests.',
    remedy:
      'Try again shortly. Give mutations an idempotencyKey, so that repeating one does not create a second job.',
  },
  RECORD_DAMAGED: {
    retryable: false,
    status: 500,
    meaning: 'The stored record of this job cannot be read: it is corrupt or was written by another version.',
    remedy:
      'The server log names the Redis key and what was expected. Repair the record, or start a new job.',
  },
  INTERNAL: {
    retryable: true,
    status: 500,
    meaning: 'An unexpected error. The server log has the details under extensions.errorId.',
    remedy: 'Report it with the errorId.',
  },
  CANCELLED: {
    retryable: false,
    status: 409,
    meaning: 'The job was cancelled by cancelJob.',
    remedy: 'Use retryJob to continue after the last finished step.',
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
    meaning: 'The input was accepted, but a step found that no result can be made from it.',
    remedy: 'Correct the input at the place named in the message, and start a new job.',
  },
  NOT_VERIFIED: {
    retryable: false,
    status: 422,
    meaning: 'Speech was generated, but no attempt at it was understood well enough (minSimilarity).',
    remedy:
      'Its takes can be heard: they are the artifacts of the error. Change the text or the voice, or lower minSimilarity.',
  },
  TASK_FAILED: {
    retryable: true,
    status: 500,
    meaning:
      'A task that runs elsewhere (a tracked job) reported that it failed, and gave no code of its own.',
    remedy:
      'See the message and details, which are the task’s own. The system that runs the task may retry it.',
  },
  PROVIDER_FAILED: {
    retryable: true,
    status: 502,
    meaning: 'A provider or tool (speech, drawing, ffmpeg) failed.',
    remedy: 'See details. Trying again may succeed.',
  },
  PROVIDER_REJECTED: {
    retryable: false,
    status: 502,
    meaning:
      'A remote provider refused the request: wrong key, model or address, no credit, or content that it does not allow.',
    remedy: 'See details.error_code (the HTTP status). Correct the setting or the input, then use retryJob.',
  },
  TOOL_MISSING: {
    retryable: false,
    status: 500,
    meaning: 'A program that the step needs is not installed or cannot be started.',
    remedy: 'Install the program, or give its path in the setting named in the message.',
  },
  WORKFLOW_CHANGED: {
    retryable: false,
    status: 409,
    meaning:
      'The steps of the workflow were changed while the job was under way: those that it has finished are not the first of the new ones.',
    remedy:
      'Start a new job. Or run a worker of the version that details.finished belong to, then use retryJob.',
  },
  STORAGE_FAILED: {
    retryable: true,
    status: 507,
    meaning:
      'A file could not be read or written: the disk is full, permissions are missing, or object storage is down or refuses.',
    remedy:
      'Free space under PLAYHEAD_DATA_DIR, or correct the permissions or the PLAYHEAD_S3_… settings, then use retryJob.',
  },
  WORKER_LOST: {
    retryable: false,
    status: 500,
    meaning:
      'Workers died or stalled too often while running the job; or the task of a tracked job was silent for longer than its lease.',
    remedy:
      'Check the workers for crashes and lack of memory, then use retryJob; a tracked job is retried where it runs.',
  },
} as const satisfies Record<string, ErrorInfo>;

export type ErrorCode = keyof typeof ERRORS;

interface PlayheadErrorOptions {
  readonly cause?: unknown;
  /** Machine-readable facts for the client; JSON values only. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Seconds to wait before the next try, if the failed party named it. */
  readonly retryAfterSeconds?: number;
}

/**
 * The only error class that reaches clients. The message says what was expected and what was received. Anything else that is
 * thrown is masked as INTERNAL and logged in full.
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
 * @param received what was received, shortened to 80 characters
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
  return typeof value === 'string' || isJsonObject(value) ? JSON.stringify(value) : String(value);
}
