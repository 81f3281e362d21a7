/**
 * What object storage answers, in words. The SDK's own errors hold requests, key ids and signatures; none of that gets into
 * what is thrown, logged or shown.
 */
import { PlayheadError } from '../core/errors.ts';
import type { StoreFault } from './store.ts';

/** What is read from an error of the SDK, or of Node below it. */
interface Answer {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly cause?: unknown;
}

export interface StorePlace {
  readonly bucket: string;
  /** `https://host`, or the region's name. */
  readonly where: string;
}

/** S3 error codes that waiting does not mend, with the remedy. */
const REMEDIES: Readonly<Record<string, string>> = {
  NoSuchBucket: 'There is no such bucket: create it, or correct PLAYHEAD_STORE or PLAYHEAD_S3_ENDPOINT.',
  InvalidBucketName: 'Correct the bucket’s name in PLAYHEAD_STORE.',
  InvalidAccessKeyId: 'The access key is unknown there: correct PLAYHEAD_S3_ACCESS_KEY.',
  SignatureDoesNotMatch: 'The secret does not belong to the access key: correct PLAYHEAD_S3_SECRET_KEY.',
  AccessDenied: 'The access key lacks permission: allow it to list, read, write and delete in that bucket.',
  AllAccessDisabled: 'Access to the bucket is disabled: ask its owner.',
  AuthorizationHeaderMalformed: 'The region is wrong: set PLAYHEAD_S3_REGION.',
  PermanentRedirect: 'The bucket is in another region: set PLAYHEAD_S3_REGION.',
  RequestTimeTooSkewed: 'The clocks differ by more than 15 minutes: correct this machine’s.',
  ExpiredToken: 'The credentials have expired: renew them.',
  InvalidToken: 'The credentials are not valid there: correct or renew them.',
  CredentialsProviderError: 'No credentials: set PLAYHEAD_S3_ACCESS_KEY and PLAYHEAD_S3_SECRET_KEY.',
};
/** For servers that answer without an error code, as they do to HEAD. */
const BY_STATUS: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  401: 'AccessDenied',
  403: 'AccessDenied',
};

export function isMissing(error: unknown): boolean {
  const { name, $metadata } = asAnswer(error);
  if (name === 'NoSuchBucket') return false;
  return name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404;
}

/** Whether the file is a different one from the one that was asked for. */
export function isReplaced(error: unknown): boolean {
  return asAnswer(error).$metadata?.httpStatusCode === 412;
}

/** What an error says about the store. */
export function describeFault(error: unknown, { bucket, where }: StorePlace): StoreFault {
  const answer = asAnswer(error);
  const code = codeOf(answer);
  const remedy = REMEDIES[code];
  const place = `The object storage (bucket ${bucket}, ${where})`;
  if (remedy !== undefined) return { kind: 'settings', message: `${place} answers ${code}. ${remedy}` };
  const status = answer.$metadata?.httpStatusCode;
  const said = status === undefined ? `does not answer (${code})` : `answers ${status} ${code}`;
  return { kind: 'away', message: `${place} ${said}.` };
}

/** The error that callers see. The cause keeps the code, and nothing else of the answer. */
export function toStorageError(error: unknown, place: StorePlace): PlayheadError {
  if (error instanceof PlayheadError) return error;
  const { message } = describeFault(error, place);
  return new PlayheadError('STORAGE_FAILED', message, { cause: new Error(codeOf(asAnswer(error))) });
}

function codeOf({ name, code, $metadata, cause }: Answer): string {
  const byStatus = BY_STATUS[$metadata?.httpStatusCode ?? 0];
  const named = name !== undefined && name in REMEDIES ? name : undefined;
  // If a connection failed in several ways, Node gives the first as the cause.
  const below = cause === undefined ? undefined : asAnswer(cause).code;
  const found = named ?? byStatus ?? code ?? below ?? name ?? 'unknown';
  // Names of errors, not sentences.
  return /^[\w.-]{1,60}$/.test(found) ? found : 'unknown';
}

function asAnswer(error: unknown): Answer {
  return typeof error === 'object' && error !== null ? error : {};
}
