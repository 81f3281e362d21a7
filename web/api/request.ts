/** Queries and mutations over HTTP. */
import type { TypedDocumentString } from '../generated/graphql.ts';
import { credential } from './credential.ts';

/** One faulty place of an input, as the server names it. */
export interface InputIssue {
  /** Path of the input field, for example `input.script`. */
  readonly field: string;
  readonly expected: string;
}

/** What the server answered instead of data, or that it could not be reached (code NETWORK). */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: string;
  readonly issues: readonly InputIssue[];

  constructor(message: string, code: string, issues: readonly InputIssue[] = []) {
    super(message);
    this.code = code;
    this.issues = issues;
  }
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: {
      readonly code?: string;
      readonly field?: string;
      readonly expected?: string;
      readonly issues?: readonly InputIssue[];
    };
  }[];
}

/** Sends one operation with the credential of the session. @throws RequestError */
export async function request<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const { token } = credential;
  try {
    return await requestAs(token, document, variables, signal);
  } catch (error) {
    if (error instanceof RequestError && error.code === 'UNAUTHENTICATED') credential.onRefused(token);
    throw error;
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
  const response = await fetch('/graphql', {
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
    const { code = 'INTERNAL', field, expected, issues } = first.extensions ?? {};
    const own = field !== undefined && expected !== undefined ? [{ field, expected }] : [];
    throw new RequestError(first.message, code, issues ?? own);
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
