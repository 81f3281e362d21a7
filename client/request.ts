/** Queries and mutations over HTTP, for browsers and any runtime with fetch. */

import { print } from 'graphql';

/** The server's error, or a failure to reach it (code NETWORK). */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** A code of docs/errors.md; NETWORK if no Playhead server answered. */
  readonly code: string;
  /** How long the server asks to wait before retrying; 0: it does not say. */
  readonly retryAfterSeconds: number;
  /** Further facts about the error, such as `field` and `expected` for an invalid input. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    message: string,
    code: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
    this.retryAfterSeconds = Math.max(0, Number(details['retryAfterSeconds'] ?? 0) || 0);
  }
}

/** A document with its types, as text or parsed, as made by GraphQL Code Generator (client preset). */
export interface TypedDocument<Data, Variables> {
  readonly __apiType?: (variables: Variables) => Data;
  toString(): string;
}

export function textOf(document: { toString(): string }): string {
  return 'kind' in Object(document) ? print(document as never) : String(document);
}

export interface RequestParts {
  /** `http://host/graphql` or `https://…`. */
  readonly url: string;
  readonly token: (refused: boolean) => string | null | Promise<string | null>;
  readonly fetch: typeof fetch;
}

/** Longer waits are left to the caller. */
const LONGEST_WAIT_SECONDS = 15;
const LIMITED_TRIES = 4;

/**
 * Sends one operation, and repeats it with another token if the server rejects the first, and after RATE_LIMITED, which means
 * that it was not carried out. Nothing else is repeated, since it may have been carried out.
 * @throws RequestError
 */
export async function sendRequest<Data>(
  parts: RequestParts,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Data> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await sendRenewing<Data>(parts, query, variables, signal);
    } catch (error) {
      if (!(error instanceof RequestError) || !isWaitedOut(error, tries)) throw error;
      // Each a little later than requested: operations refused together must not come back together.
      await pause(1_000 * (error.retryAfterSeconds + Math.random() * 2 ** (tries - 2)), signal);
    }
  }
}

async function sendRenewing<Data>(
  parts: RequestParts,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Data> {
  const token = await parts.token(false);
  try {
    return await sendOnce<Data>(parts, token, query, variables, signal);
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'UNAUTHENTICATED') throw error;
    const renewed = await parts.token(true);
    // There is no other token, so the server's answer stands.
    if (renewed === null || renewed === token) throw error;
    return sendOnce<Data>(parts, renewed, query, variables, signal);
  }
}

function isWaitedOut({ code, retryAfterSeconds }: RequestError, tries: number): boolean {
  return code === 'RATE_LIMITED' && tries < LIMITED_TRIES && retryAfterSeconds <= LONGEST_WAIT_SECONDS;
}

async function sendOnce<Data>(
  { fetch: send, url }: RequestParts,
  token: string | null,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Data> {
  const response = await send(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
    ...(signal && { signal }),
  }).catch((cause: unknown) => {
    throw new RequestError(String(cause), signal?.aborted ? 'ABORTED' : 'NETWORK', {}, { cause });
  });
  const { data, errors } = await readAnswer<Data>(response);
  const [first] = errors ?? [];
  if (first !== undefined) {
    const { code, ...details } = first.extensions ?? {};
    throw new RequestError(first.message, typeof code === 'string' ? code : 'INTERNAL', details);
  }
  if (response.status === 401) throw new RequestError('The credential was refused', 'UNAUTHENTICATED');
  if (data == null) throw new RequestError(`HTTP ${response.status}`, 'NETWORK');
  return data;
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

async function readAnswer<Data>(response: Response): Promise<Answer<Data>> {
  try {
    return (await response.json()) as Answer<Data>;
  } catch (cause) {
    if (response.status === 401) return {};
    throw new RequestError(`HTTP ${response.status}`, 'NETWORK', {}, { cause });
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(new RequestError('aborted', 'ABORTED'));
      else resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
