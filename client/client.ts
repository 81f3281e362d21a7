/**
 * A client for browsers, Node, Deno and Bun: starts jobs, follows them through broken connections, and sends any other request.
 *
 *     const client = createClient({ url: 'http://127.0.0.1:4000', projectId: 'demo' });
 *     const run = client.follow(await client.start('TRANSCODE', { url: 'https://example.com/film.mov' }));
 *     for await (const job of run) console.log(job.progress, job.message);
 *     console.log(await run.result);
 */
import { DOCUMENTS, type Job, type JobStatus, type ToldJob } from './job.ts';
import { followJob, type JobRun } from './job-run.ts';
import { RequestError, type RequestParts, sendRequest, type TypedDocument, textOf } from './request.ts';
import {
  createResumingClient,
  type LiveState,
  type ResumingClient,
  type ResumingClientOptions,
  type ResumingSink,
  type Transport,
} from './resuming-client.ts';

export interface ClientOptions {
  /** The server, with or without `/graphql`: `http://127.0.0.1:4000`, `https://example.com/playhead`; in a browser also `/`. */
  readonly url: string;
  /** The project of every call that does not name another. */
  readonly projectId?: string;
  /**
   * A token or API key, or a function that returns one before each connection and request; `refused` is true when the server
   * rejected the last one. If a string is rejected, everything followed ends with UNAUTHENTICATED; a function may return
   * another.
   * @default none
   */
  readonly token?: string | ((refused: boolean) => string | null | Promise<string | null>);
  /** How events may be received; the first one available is used. @default ['websocket', 'event-stream', 'polling'] */
  readonly transports?: readonly Transport[];
  /** @default the global one */
  readonly fetch?: typeof fetch;
  /** For environments without a global WebSocket. */
  readonly webSocketImpl?: unknown;
  /** How long after a WebSocket could not be opened it is tried again, in ms. @default 300,000 */
  readonly retryWebSocketMs?: number;
  /**
   * Tabs with the same name share one connection if the browser has Web Locks. Use a name for whoever is signed in, such as the
   * user's id: tabs that share must have the same rights. @default each tab has a connection of its own
   */
  readonly sharedAs?: string;
}

/** The state of the connection, and its transport. `idle`: nothing is followed. */
export type ConnectionState = (LiveState | { readonly name: 'idle' }) & { readonly transport: Transport };

export interface JobFilter {
  readonly projectId?: string;
  readonly status?: readonly JobStatus[];
  readonly workflow?: readonly string[];
  /** Whether items of batches are listed, each as a job. @default false */
  readonly items?: boolean;
  /** 1..100. @default 20 */
  readonly first?: number;
  /** `endCursor` of the previous page. */
  readonly after?: string | null;
}

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly Job[];
  readonly hasMore: boolean;
  readonly endCursor: string | null;
}

type Variables = Readonly<Record<string, unknown>>;

interface InProject {
  /** @default the client's */
  readonly projectId?: string;
}

export interface StartOptions extends InProject {
  /** Makes it safe to send the same start again. @default a new one */
  readonly idempotencyKey?: string;
  /** Attempts before the job is FAILED. */
  readonly maxAttempts?: number;
}

/** Receives what happens to a subscription. */
export interface EventSink<Data> {
  readonly next: (result: {
    readonly data?: Data | null;
    readonly errors?: readonly { readonly message: string }[];
  }) => void;
  /** The server has refused it. */
  readonly error?: (error: unknown) => void;
  /** With `jobId`: called after the job's last event. */
  readonly complete?: () => void;
  /** The stream begins anew, at first and after its history was lost: what was received before may no longer hold. */
  readonly anew?: () => void;
}

export interface PlayheadClient {
  /**
   * Starts a job.
   * @param what a workflow (`TRANSCODE`) or its mutation (`transcode`, `transcodeBatch`)
   * @param input without projectId and idempotencyKey
   * @throws RequestError
   */
  start(what: string, input: Readonly<Record<string, unknown>>, options?: StartOptions): Promise<Job>;
  /** Reads a job; null when the project has no such job. @throws RequestError */
  job(id: string, options?: InProject): Promise<Job | null>;
  /** A page of jobs, newest first. @throws RequestError */
  jobs(filter?: JobFilter): Promise<JobPage>;
  /** @throws RequestError JOB_ENDED, NOT_FOUND */
  cancel(id: string, options?: InProject): Promise<Job>;
  /** @throws RequestError JOB_NOT_RETRYABLE, NOT_FOUND */
  retry(id: string, options?: InProject): Promise<Job>;
  /** Follows a job to its end: its successive states, and the promise of its result. */
  follow(job: string | Pick<Job, 'id' | 'projectId'>, options?: InProject): JobRun;
  /**
   * Watches the jobs of a project as they change, beginning with those that have not ended. @returns a function that ends it
   */
  watch(
    sink: {
      readonly next: (job: ToldJob) => void;
      readonly anew?: () => void;
      readonly error?: (error: unknown) => void;
    },
    options?: InProject & { readonly jobId?: string },
  ): () => void;
  /**
   * Any subscription, as text or as a typed document. Whatever breaks it and whatever it selects, it resumes after its last
   * event. @returns a function that ends it
   */
  subscribe<Data>(query: string, variables: Variables, sink: EventSink<Data>): () => void;
  subscribe<Data, Typed extends object>(
    document: TypedDocument<Data, Typed>,
    variables: Typed,
    sink: EventSink<Data>,
  ): () => void;
  /** Any query or mutation, as text or as a typed document. @throws RequestError */
  request<Data>(query: string, variables?: Variables, signal?: AbortSignal): Promise<Data>;
  request<Data, Typed extends object>(
    document: TypedDocument<Data, Typed>,
    variables: Typed,
    signal?: AbortSignal,
  ): Promise<Data>;
  readonly connection: ConnectionState;
  /** @returns a function that ends listening */
  onConnection(listener: (state: ConnectionState) => void): () => void;
  /** Ends the wait before the next attempt, for example from a button. */
  retryNow(): void;
  /** Ends everything. */
  close(): void;
}

export function createClient(options: ClientOptions): PlayheadClient {
  return new Client(options);
}

interface WorkflowInfo {
  readonly workflow: string;
  readonly mutation: string;
  readonly inputType: string;
  readonly batchMutation: string | null;
  readonly batchInputType: string | null;
}

const ALL: readonly Transport[] = ['websocket', 'event-stream', 'polling'];

class Client implements PlayheadClient {
  readonly #options: ClientOptions;
  readonly #parts: RequestParts;
  /** Subscriptions that have not ended. */
  readonly #open = new Set<symbol>();
  #live: ResumingClient | null = null;
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  #workflows: Promise<readonly WorkflowInfo[]> | null = null;
  #state: ConnectionState;

  constructor(options: ClientOptions) {
    this.#options = options;
    const { fetch: send = globalThis.fetch, token = null } = options;
    this.#state = { name: 'idle', transport: options.transports?.[0] ?? 'websocket' };
    this.#parts = {
      url: endpointOf(options.url),
      token: typeof token === 'function' ? token : (refused) => (refused ? null : token),
      // Browsers' fetch rejects any other `this`.
      fetch: (...args) => send(...args),
    };
  }

  async start(
    what: string,
    input: Readonly<Record<string, unknown>>,
    { idempotencyKey = newKey(), maxAttempts, projectId }: StartOptions = {},
  ): Promise<Job> {
    this.#workflows ??= this.#loadWorkflows();
    const found = (await this.#workflows).flatMap((info): readonly [string, string][] => {
      const { batchInputType, batchMutation, inputType, mutation, workflow } = info;
      if (what === workflow || what === mutation) return [[mutation, inputType]];
      return what === batchMutation && batchInputType !== null ? [[batchMutation, batchInputType]] : [];
    });
    const [[mutation, inputType] = [null, null]] = found;
    if (mutation === null || inputType === null) {
      throw new RequestError(
        `start: expected a workflow or mutation of the server, received ${what}`,
        'BAD_USER_INPUT',
      );
    }
    const order = {
      projectId: this.#project(projectId),
      idempotencyKey,
      ...(maxAttempts !== undefined && { maxAttempts }),
    };
    const query = DOCUMENTS.start(mutation, inputType);
    return (await this.request<{ readonly job: Job }>(query, { input: { ...input, ...order } })).job;
  }

  async job(id: string, { projectId }: InProject = {}): Promise<Job | null> {
    const variables = { projectId: this.#project(projectId), id };
    return (await this.request<{ readonly job: Job | null }>(DOCUMENTS.job, variables)).job;
  }

  async jobs({ projectId, ...filter }: JobFilter = {}): Promise<JobPage> {
    const { jobs } = await this.request<JobsAnswer>(DOCUMENTS.jobs, {
      projectId: this.#project(projectId),
      ...filter,
    });
    const { endCursor, hasNextPage } = jobs.pageInfo;
    return { jobs: jobs.edges.map(({ node }) => node), hasMore: hasNextPage, endCursor };
  }

  async cancel(id: string, { projectId }: InProject = {}): Promise<Job> {
    const variables = { projectId: this.#project(projectId), id };
    return (await this.request<{ readonly job: Job }>(DOCUMENTS.cancel, variables)).job;
  }

  async retry(id: string, { projectId }: InProject = {}): Promise<Job> {
    const variables = { projectId: this.#project(projectId), id };
    return (await this.request<{ readonly job: Job }>(DOCUMENTS.retry, variables)).job;
  }

  follow(job: string | Pick<Job, 'id' | 'projectId'>, options: InProject = {}): JobRun {
    const id = typeof job === 'string' ? job : job.id;
    const own = typeof job === 'string' ? options.projectId : job.projectId;
    const projectId = this.#project(own);
    return followJob({
      load: () => this.job(id, { projectId }),
      watch: (sink) => this.subscribe<EventsAnswer>(DOCUMENTS.events, { projectId, jobId: id }, sink),
    });
  }

  watch(
    { anew, error, next }: Parameters<PlayheadClient['watch']>[0],
    { jobId, projectId }: InProject & { readonly jobId?: string } = {},
  ): () => void {
    const variables = { projectId: this.#project(projectId), jobId: jobId ?? null };
    return this.subscribe<EventsAnswer>(DOCUMENTS.events, variables, {
      next: ({ data }) => {
        if (data != null) next(data.jobEvents.job);
      },
      ...(anew !== undefined && { anew }),
      ...(error !== undefined && { error }),
    });
  }

  subscribe<Data>(
    query: { toString(): string },
    variables: object,
    { anew, complete, error, next }: EventSink<Data>,
  ): () => void {
    this.#live ??= this.#connect();
    const id = Symbol('subscription');
    this.#open.add(id);
    const end = (): void => {
      leave();
      this.#open.delete(id);
      if (this.#open.size === 0) this.#show({ name: 'idle' });
    };
    const sink: ResumingSink = {
      next: (result) => next(result as Parameters<typeof next>[0]),
      error: (failure) => {
        end();
        error?.(toRequestError(failure));
      },
      complete: () => {
        end();
        complete?.();
      },
      ...(anew !== undefined && { anew }),
    };
    const payload = { query: textOf(query), variables: { ...variables } };
    const leave = this.#live.subscribe(payload, sink as never);
    return end;
  }

  request<Data>(query: { toString(): string }, variables: object = {}, signal?: AbortSignal): Promise<Data> {
    return sendRequest<Data>(this.#parts, textOf(query), { ...variables }, signal);
  }

  get connection(): ConnectionState {
    return this.#state;
  }

  onConnection(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  retryNow(): void {
    this.#live?.retryNow();
  }

  close(): void {
    this.#open.clear();
    this.#show({ name: 'idle' });
    void this.#live?.dispose();
    this.#live = null;
  }

  #connect(): ResumingClient {
    const { retryWebSocketMs, sharedAs, transports = ALL, webSocketImpl } = this.#options;
    const settings: ResumingClientOptions = {
      url: this.#parts.url.replace(/^http/, 'ws'),
      token: this.#options.token,
      fetch: this.#parts.fetch,
      transports,
      onState: (state) => this.#show(state),
      onTransport: (transport) => {
        this.#state = { ...this.#state, transport };
        this.#show(this.#state);
      },
      ...(sharedAs !== undefined && { sharedAs }),
      ...(webSocketImpl !== undefined && { webSocketImpl }),
      ...(retryWebSocketMs !== undefined && { retryWebSocketMs }),
    };
    return createResumingClient(settings);
  }

  #show(state: LiveState | { readonly name: 'idle' }): void {
    const { transport } = this.#state;
    this.#state = this.#open.size === 0 ? { name: 'idle', transport } : { ...state, transport };
    for (const listener of this.#listeners) listener(this.#state);
  }

  async #loadWorkflows(): Promise<readonly WorkflowInfo[]> {
    try {
      const { workflows } = await this.request<{ readonly workflows: readonly WorkflowInfo[] }>(
        DOCUMENTS.workflows,
      );
      return workflows;
    } catch (error) {
      this.#workflows = null;
      throw error;
    }
  }

  /** @throws RequestError */
  #project(own: string | undefined): string {
    const projectId = own ?? this.#options.projectId;
    if (projectId === undefined) {
      throw new RequestError(
        'projectId: expected one, here or in createClient, received none',
        'BAD_USER_INPUT',
      );
    }
    return projectId;
  }
}

interface JobsAnswer {
  readonly jobs: {
    readonly edges: readonly { readonly node: Job }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

export interface EventsAnswer {
  readonly jobEvents: { readonly id: string; readonly timestamp: string; readonly job: ToldJob };
}

/** The GraphQL endpoint of a server. React Native cannot read the parts of a URL. @throws RequestError */
function endpointOf(url: string): string {
  const page = (globalThis as { readonly location?: { readonly href?: string } }).location?.href;
  const isWhole = /^[a-z]+:/i.test(url);
  const whole = isWhole || page === undefined ? url : new URL(url, page).href;
  const [, origin, path = ''] = /^(https?:\/\/[^/?#\s]+)([^?#]*)/i.exec(whole) ?? [];
  if (origin === undefined) {
    throw new RequestError(
      `url: expected http://… or https://…, received ${JSON.stringify(url)}`,
      'BAD_USER_INPUT',
    );
  }
  return `${origin}${path.replace(/\/+$/, '').replace(/\/graphql$/, '')}/graphql`;
}

/** An idempotency key. Pages without TLS and React Native have no `randomUUID`. */
function newKey(): string {
  const { crypto } = globalThis as { readonly crypto?: { randomUUID?(): string } };
  const [one, other] = [Math.random(), Math.random()].map((number) => number.toString(36).slice(2));
  return crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${one}${other}`;
}

/** graphql-ws passes GraphQL errors as a list, and a fatal close as an event. */
function toRequestError(failure: unknown): RequestError {
  if (failure instanceof RequestError) return failure;
  if (!Array.isArray(failure)) {
    const { message, reason } = failure as { readonly message?: string; readonly reason?: string };
    return new RequestError(
      `The subscription ended: ${reason ?? message ?? 'no reason'}`,
      'NETWORK',
      {},
      { cause: failure },
    );
  }
  const [first] = failure as readonly {
    readonly message: string;
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
  const { code, ...details } = first?.extensions ?? {};
  return new RequestError(first?.message ?? 'refused', typeof code === 'string' ? code : 'INTERNAL', details);
}
