/**
 * Serves stored files over HTTP from either store: ranges (RFC 9110), validators, types from a list. Files in a bucket are
 * proxied by this process instead of linked: the bucket may then be private, links are checked and expire here, and we control
 * the headers that keep a browser from executing what it receives.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fresh from 'fresh';
import parseRange from 'range-parser';
import { PlayheadError } from '../core/errors.ts';
import type { ByteRange, FileFacts, FileStore } from '../store/store.ts';

export type FileAnswer = 'sent' | 'missing' | 'unsatisfiable' | 'changed';

/**
 * Answers GET and HEAD with a file.
 * @param file its key has been checked by the caller
 * @returns `sent` when the response has been handled; otherwise nothing has been written yet
 * @throws PlayheadError UNAVAILABLE when the store does not answer, before anything is written
 */
export async function sendFile(
  store: FileStore,
  file: { readonly key: string; readonly contentType: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<FileAnswer> {
  const gone = new AbortController();
  // The client has left or has everything: stop reading for it.
  response.once('close', () => gone.abort());
  if (response.closed) gone.abort();
  const facts = await whileClient(gone.signal, () => store.facts(file.key, gone.signal));
  if (facts === 'left') return 'sent';
  if (facts === null) return 'missing';
  const headers = headersOf(facts, file.contentType);
  if (isRefused(request, facts)) return 'changed';
  if (fresh(request.headers, headers)) {
    response.writeHead(304, headers).end();
    return 'sent';
  }
  const range = rangeOf(request, facts);
  if (range === 'unsatisfiable') {
    response.setHeader('content-range', `bytes */${facts.sizeBytes}`);
    return 'unsatisfiable';
  }
  const length = range === null ? facts.sizeBytes : range.end - range.start + 1;
  const isEmpty = request.method === 'HEAD' || length === 0;
  const body = isEmpty
    ? null
    : await whileClient(gone.signal, () =>
        store.read(file.key, { ...(range && { range }), signal: gone.signal, etag: facts.etag }),
      );
  if (body === 'left') return 'sent';
  if (!isEmpty && body === null) return 'missing';
  response.writeHead(range === null ? 200 : 206, {
    ...headers,
    'content-length': length,
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${facts.sizeBytes}` }),
  });
  await deliver(body, response);
  return 'sent';
}

/** If the body breaks off, the connection is cut, so that the client knows that the file is incomplete. */
async function deliver(body: Readable | null, response: ServerResponse): Promise<void> {
  if (body === null) return void response.end();
  // pipeline() misses a body that broke off before it began, and an unhandled error would end the process.
  body.on('error', () => response.destroy());
  await pipeline(body, response).catch(() => response.destroy());
}

/** @returns `left` when the client has gone meanwhile @throws PlayheadError UNAVAILABLE */
async function whileClient<T>(gone: AbortSignal, work: () => Promise<T>): Promise<T | 'left'> {
  try {
    return await work();
  } catch (error) {
    if (gone.aborted) return 'left';
    if (!(error instanceof PlayheadError) || error.code !== 'STORAGE_FAILED') throw error;
    throw new PlayheadError('UNAVAILABLE', 'The file store does not answer; try again shortly', {
      cause: error,
      retryAfterSeconds: 5,
    });
  }
}

function headersOf({ etag, modifiedAt }: FileFacts, contentType: string) {
  return {
    'accept-ranges': 'bytes',
    'content-type': contentType,
    'content-security-policy': "default-src 'none'; sandbox",
    // For the viewer's own browser, not for shared caches.
    'cache-control': 'private, max-age=3600',
    etag,
    'last-modified': modifiedAt.toUTCString(),
  };
}

/** If-Match and If-Unmodified-Since: whether the client is resuming a file that has changed since. */
function isRefused({ headers }: IncomingMessage, { etag, modifiedAt }: FileFacts): boolean {
  const match = headers['if-match'];
  if (match !== undefined) return match !== '*' && !match.split(',').some((tag) => tag.trim() === etag);
  const since = Date.parse(headers['if-unmodified-since'] ?? '');
  return !Number.isNaN(since) && wholeSeconds(modifiedAt) > since;
}

/** Null: the whole file, as also for several ranges at once and for a range of an earlier version. */
function rangeOf({ headers }: IncomingMessage, facts: FileFacts): ByteRange | 'unsatisfiable' | null {
  const { range } = headers;
  if (range === undefined || !isSameVersion(headers['if-range'], facts)) return null;
  const ranges = parseRange(facts.sizeBytes, range, { combine: true });
  if (ranges === -1) return 'unsatisfiable';
  if (ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return null;
  return ranges[0] ?? null;
}

function isSameVersion(ifRange: string | string[] | undefined, { etag, modifiedAt }: FileFacts): boolean {
  if (ifRange === undefined) return true;
  const wanted = String(ifRange);
  return wanted.includes('"') ? wanted === etag : Date.parse(wanted) >= wholeSeconds(modifiedAt);
}

/** HTTP dates have no finer resolution. */
function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000) * 1_000;
}
