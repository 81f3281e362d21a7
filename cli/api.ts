/** The public API as the command line uses it: GraphQL over HTTP, subscriptions over WebSocket. */
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { createResumingClient, type LiveState } from '../client/resuming-client.ts';
import { START } from './called-as.ts';
import { EXIT, Failure } from './failure.ts';
import {
  type JobEvent,
  JobEventsDocument,
  type JobEventsSubscription,
  type TypedDocumentString,
} from './operations.ts';

export interface FollowRequest {
  readonly projectId: string;
  /** Only this job; the stream then completes after its last event. */
  readonly jobId?: string;
  /** Ends following. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: JobEvent) => void;
  readonly onState: (state: LiveState) => void;
  /** Events after the last one are lost, and a stream is about to begin anew: what is known need not hold any more. */
  readonly onLost: () => void;
  /**
   * The stream has begun, or begun anew: jobs that ended in between are not in it, so query again.
   * @param isLost whether events after the last one are lost
   */
  readonly onAnew: (isLost: boolean) => void;
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphQLFailure[];
}

interface GraphQLFailure {
  readonly message: string;
  readonly extensions?: {
    readonly code?: string;
    readonly field?: string;
    readonly expected?: string;
    readonly errorId?: string;
    readonly retryAfterSeconds?: number;
    readonly issues?: readonly { readonly field: string; readonly expected: string }[];
  };
}

const REQUEST_TIMEOUT_MS = 30_000;
const WAITS_MS = [300, 1_000, 3_000];
/** Longer rate limits are left to the user. */
const LONGEST_WAIT_SECONDS = 15;
/** Errors that leave open whether the request was carried out. */
const OPEN_CODES = new Set(['UNAVAILABLE', 'BROKEN_CONNECTION']);

export class Api {
  /** Without a trailing slash. */
  readonly url: string;
  readonly #token: string | undefined;

  /**
   * @param url of the server, with or without `/graphql`
   * @param token sent as `authorization: Bearer …`
   * @throws Failure USAGE
   */
  constructor(url: string, token?: string) {
    const parsed = URL.parse(url);
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
      throw new Failure('USAGE', `--url: expected http://… or https://…, received ${JSON.stringify(url)}`, {
        exitCode: EXIT.usage,
      });
    }
    parsed.search = '';
    parsed.hash = '';
    this.url = parsed.href.replace(/\/+$/, '').replace(/\/graphql$/, '');
    this.#token = token;
  }

  /** Headers for a request to `url`: the token goes to this server only. */
  headersFor(url: string): Record<string, string> {
    const isOwn = new URL(url).origin === new URL(this.url).origin;
    return isOwn && this.#token !== undefined ? { authorization: `Bearer ${this.#token}` } : {};
  }

  /**
   * Sends one operation. It is resent when it was RATE_LIMITED and, unless `once`, when the server is UNAVAILABLE or the
   * connection breaks: give mutations that create a job an idempotencyKey.
   * @param signal aborts it
   * @throws Failure, or an AbortError
   */
  async request<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    { once = false, signal }: { readonly once?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<Data> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#send(document, variables, signal);
      } catch (error) {
        const waitMs = WAITS_MS[tries];
        if (waitMs === undefined || !(error instanceof Failure)) throw error;
        if (error.code !== 'RATE_LIMITED' && (once || !OPEN_CODES.has(error.code))) throw error;
        const { retryAfterSeconds = 0 } = error;
        if (retryAfterSeconds > LONGEST_WAIT_SECONDS) throw error;
        await pause(Math.max(retryAfterSeconds * 1_000, waitMs * (0.5 + Math.random() / 2)), undefined, {
          signal,
        });
      }
    }
  }

  /**
   * Follows events until the stream completes or the signal aborts; survives broken connections indefinitely.
   * @throws Failure when the server refuses the subscription
   */
  follow({ projectId, jobId, signal, onEvent, onState, onLost, onAnew }: FollowRequest): Promise<void> {
    let hasBegun = false;
    let isLost = false;
    return new Promise((resolve, reject) => {
      const client = createResumingClient({
        url: `${this.url.replace(/^http/, 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        onState,
        onAnew: () => {
          if (!hasBegun) return;
          isLost = true;
          onLost();
        },
        onSnapshot: () => {
          onAnew(isLost);
          isLost = false;
        },
        maxWaitMs: 3_000,
        token: this.#token,
      });
      const end = (settle: () => void): void => {
        signal.removeEventListener('abort', stop);
        leave();
        void client.dispose();
        settle();
      };
      const stop = (): void => end(resolve);
      signal.addEventListener('abort', stop);
      const leave = client.subscribe<JobEventsSubscription>(
        { query: JobEventsDocument.toString(), variables: { projectId, jobId: jobId ?? null } },
        {
          next: ({ data, errors }) => {
            if (errors !== undefined) end(() => reject(this.#orRefused(toFailure(errors))));
            else if (data != null) {
              hasBegun = true;
              onEvent(data.jobEvents);
            }
          },
          error: (error) => end(() => reject(this.#orRefused(streamFailure(error)))),
          complete: () => end(resolve),
        },
      );
      if (signal.aborted) stop();
    });
  }

  async #send<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Data> {
    const url = `${this.url}/graphql`;
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...this.headersFor(url),
        },
        body: JSON.stringify({ query: document.toString(), variables }),
        signal: AbortSignal.any([AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...(signal ? [signal] : [])]),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#unreachable(error);
    }
    if (response.status === 401) throw this.#refused();
    const { data, errors } = await this.#read<Data>(response);
    if (errors !== undefined && errors.length > 0) throw this.#orRefused(toFailure(errors));
    if (data == null) throw this.#notPlayhead(`HTTP ${response.status} without data`);
    return data;
  }

  async #read<Data>(response: Response): Promise<Answer<Data>> {
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      throw this.#unreachable(error);
    }
    try {
      // The server promises that it matches the schema; whether it is JSON at all is checked here.
      return JSON.parse(text) as Answer<Data>;
    } catch {
      throw this.#notPlayhead(`HTTP ${response.status}`);
    }
  }

  #unreachable(error: unknown): Failure {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const { code, message } = cause as { code?: string; message?: string };
    const never = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(
      code ?? '',
    );
    const isLocal = /^https?:\/\/(127\.|localhost|\[::1\])/.test(this.url);
    return new Failure(
      never ? 'NETWORK' : 'BROKEN_CONNECTION',
      `No Playhead server answers at ${this.url} (${code ?? message ?? String(error)})`,
      {
        cause: error,
        fix: isLocal
          ? `Start one with \`${START}\`, or choose another with --url or PLAYHEAD_URL.`
          : 'Check --url (or PLAYHEAD_URL) and your network.',
      },
    );
  }

  #refused(): Failure {
    return new Failure(
      'UNAUTHENTICATED',
      this.#token === undefined
        ? `The server at ${this.url} requires a token`
        : `The server at ${this.url} refuses the token`,
      { fix: 'Set PLAYHEAD_TOKEN or --token to a token that may access this project.' },
    );
  }

  #orRefused(failure: Failure): Failure {
    return failure.code === 'UNAUTHENTICATED' ? this.#refused() : failure;
  }

  #notPlayhead(what: string): Failure {
    return new Failure('NETWORK', `What answers at ${this.url} is not a Playhead server (${what})`, {
      fix: 'Check --url, or PLAYHEAD_URL.',
    });
  }
}

const FIXES: Readonly<Record<string, string>> = {
  FORBIDDEN: 'Use a token that permits this in this project.',
  NOT_FOUND: 'Check the id and --project; `jobs` lists the existing jobs.',
  UNAVAILABLE: 'The server cannot reach its Redis; try again shortly.',
  IDEMPOTENCY_CONFLICT: 'Use a different --idempotency-key for different input.',
  RECORD_DAMAGED: 'Start a new job. The log of the server says what was expected.',
  JOB_ENDED: 'See its result with `watch`.',
};

function toFailure(errors: readonly GraphQLFailure[]): Failure {
  const [first] = errors;
  const { code = 'INTERNAL', issues, errorId, retryAfterSeconds } = first?.extensions ?? {};
  const others = (issues ?? []).slice(1).map(({ field, expected }) => `\n  ${field}: expected ${expected}`);
  const id = errorId === undefined ? '' : ` (errorId ${errorId})`;
  if (code === 'GRAPHQL_VALIDATION_FAILED') {
    return new Failure(code, first?.message ?? code, {
      fix: 'This server has a different version of the interface; use the command line that comes with it.',
    });
  }
  return new Failure(code, `${first?.message ?? code}${others.join('')}${id}`, {
    fix: FIXES[code],
    retryAfterSeconds,
    exitCode: code === 'BAD_USER_INPUT' ? EXIT.usage : EXIT.failed,
  });
}

/** graphql-ws passes GraphQL errors as a list, and a fatal close as an event. */
function streamFailure(error: unknown): Failure {
  if (Array.isArray(error)) return toFailure(error as GraphQLFailure[]);
  const { code, reason, message } = error as { code?: number; reason?: string; message?: string };
  return new Failure(
    'NETWORK',
    `The subscription ended: ${reason ?? message ?? 'no reason'} (${code ?? '-'})`,
    {
      cause: error,
    },
  );
}
