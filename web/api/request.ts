/** Queries and mutations over HTTP. */

import type { TypedDocumentString } from '../generated/graphql.ts';
import { BASE_PATH } from './base-path.ts';
import { credential } from './credential.ts';

/** One faulty place of an input, as named by the server. */
export interface InputIssue {
  /** Path of the input field, for example `input.script`. */
  readonly field: string;
  readonly expected: string;
}

/** The server's error, or a failure to reach it (code NETWORK). */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: string;
  readonly issues: readonly InputIssue[];
  /** How long the server asks to wait before retrying; 0: it does not say. */
  readonly retryAfterSeconds: number;

  constructor(message: string, code: string, issues: readonly InputIssue[] = [], retryAfterSeconds = 0) {
    super(message);
    this.code = code;
    this.issues = issues;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Longer waits are left to the user. */
const LONGEST_WAIT_SECONDS = 15;
const LIMITED_TRIES = 4;

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: {
      readonly code?: string;
      readonly field?: string;
      readonly expected?: string;
      readonly issues?: readonly InputIssue[];
      readonly retryAfterSeconds?: number;
    };
  }[];
}

/**
 * Sends one operation with the session's credential, and resends it after RATE_LIMITED, which means that it was not carried
 * out. @throws RequestError
 */
export async function request<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  for (let tries = 1; ; tries += 1) {
    const { token } = credential;
    try {
      return await requestAs(token, document, variables, signal);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.code === 'UNAUTHENTICATED') credential.onRefused(token);
      const { code, retryAfterSeconds } = error;
      if (code !== 'RATE_LIMITED' || tries === LIMITED_TRIES || retryAfterSeconds > LONGEST_WAIT_SECONDS)
        throw error;
      // Each a little later than requested: operations refused together must not come back together.
      await new Promise((resolve) =>
        setTimeout(resolve, 1_000 * (retryAfterSeconds + Math.random() * 2 ** (tries - 2))),
      );
    }
  }
}

/** Sends one operation with a credential that is not the session's (yet). @throws RequestError */
export async function requestAs<Data, Variables>(
  token: string | null,
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(`${BASE_PATH}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query: document.toString(), variables }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    throw new RequestError(String(error), signal?.aborted ? 'ABORTED' : 'NETWORK');
  });
  const { data, errors } = await readAnswer<Data>(response);
  const [first] = errors ?? [];
  if (first !== undefined) {
    const { code = 'INTERNAL', field, expected, issues, retryAfterSeconds } = first.extensions ?? {};
    const own = field !== undefined && expected !== undefined ? [{ field, expected }] : [];
    throw new RequestError(first.message, code, issues ?? own, retryAfterSeconds);
  }
  if (data == null) throw new RequestError(`HTTP ${response.status}`, 'NETWORK');
  return data;
}

async function readAnswer<Data>(response: Response): Promise<Answer<Data>> {
  try {
    // The server answers GraphQL with JSON; a proxy in between may not.
    return (await response.json()) as Answer<Data>;
  } catch {
    throw new RequestError(`HTTP ${response.status}`, 'NETWORK');
  }
}
