/** One HTTP request of a webhook: to a checked address and nowhere else, once, within a time limit. */
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { startOf } from '../core/text.ts';
import { type AddressPolicy, addressesOf, hostOf, type Resolve } from './address.ts';
import { readRetryAfter } from './retry.ts';

/** From resolving the name to the last header of the answer. */
const LIMIT_MS = 10_000;

export interface PostParts {
  readonly policy: AddressPolicy;
  /** Default: DNS and the system. */
  readonly resolve?: Resolve;
  /** Default 10 s. */
  readonly limitMs?: number;
}

/** What a receiver answered, or why there was no answer. */
export type PostOutcome =
  | { readonly statusCode: number; readonly retryAfterMs: number | undefined }
  | { readonly error: string };

/**
 * Posts a JSON body. Redirects are answers like any other, and the body of an answer is not read. Never rejects.
 * @param ending aborts the request
 */
export async function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  { policy, resolve, limitMs = LIMIT_MS }: PostParts,
  ending?: AbortSignal,
): Promise<PostOutcome> {
  const limit = AbortSignal.timeout(limitMs);
  const signal = ending === undefined ? limit : AbortSignal.any([limit, ending]);
  try {
    const addresses = await unlessAborted(addressesOf(hostOf(url), policy, resolve), signal);
    return await request(url, headers, body, { addresses, signal });
  } catch (error) {
    return { error: limit.aborted ? `no answer within ${limitMs / 1_000} s` : describe(error) };
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', stop));
}

function request(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  { addresses, signal }: { readonly addresses: readonly string[]; readonly signal: AbortSignal },
): Promise<PostOutcome> {
  return new Promise((resolve, reject) => {
    const { request: send } = url.protocol === 'https:' ? https : http;
    const outgoing = send(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Playhead-Webhooks',
        ...headers,
      },
      // A new connection each time: one kept alive would belong to whatever the name resolved to before.
      agent: false,
      lookup: lookupOf(addresses),
      signal,
    });
    outgoing.on('error', reject);
    // Also after events that Node does not consider errors, such as a protocol upgrade.
    outgoing.on('close', () => reject(new Error('the connection was closed without an answer')));
    outgoing.on('response', (incoming) => {
      const { headers: answered, statusCode = 0 } = incoming;
      resolve({ statusCode, retryAfterMs: readRetryAfter(answered['retry-after'], Date.now()) });
      // The rest of the answer may be endless.
      outgoing.destroy();
    });
    outgoing.end(body);
  });
}

/** Returns the addresses that were checked, so the name is not resolved again. */
function lookupOf(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, { all }, done) => {
    const [first] = entries;
    if (all) done(null, entries);
    else done(null, first?.address ?? '', first?.family);
  };
}

const MAX_ERROR_CHARS = 200;

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message || String(Reflect.get(error, 'code')) : String(error);
  return startOf(text, MAX_ERROR_CHARS);
}
