/** All that is known of one project: its jobs, its list, its stream and the state of the connection. */
import {
  createResumingClient,
  type LiveState,
  type ResumingClient,
} from '../../examples/client/resuming-client.ts';
import { request } from '../api/request.ts';
import {
  CancelJobDocument,
  JobDocument,
  JobEventsDocument,
  type JobEventsSubscription,
  JobsDocument,
  RetryJobDocument,
  WaitsDocument,
} from '../generated/graphql.ts';
import { createFrames } from './frames.ts';
import { JobList } from './job-list.ts';
import { JobStore, type StatusChange } from './job-store.ts';
import type { JobView } from './job-view.ts';
import { LinkRenewal } from './links.ts';
import { endSession, presentToken } from './session.ts';
import { createValue, type Value } from './value.ts';
import { followWaits } from './waits.ts';

const SOON_MS = 150;
/**
 * Least time between two showings. 200 cards at 10 events a second each would render 2,000 times a second; an eye does not
 * see the difference to 1,000, the main thread does.
 */
const SHOW_MS = 200;

export class Project {
  readonly id: string;
  readonly store: JobStore;
  readonly list: JobList;
  readonly links: LinkRenewal;
  readonly connection: Value<LiveState> = createValue<LiveState>({ name: 'connecting' });
  /** The last change worth telling, for people who do not see it. */
  readonly lastChange: Value<StatusChange | null> = createValue<StatusChange | null>(null);
  /** The latest completion that the stream told of, also of a job that is not known here: its event's id. */
  readonly lastCompletion: Value<string | null> = createValue<string | null>(null);
  readonly #client: ResumingClient;
  readonly #open = new Set<string>();
  readonly #unsubscribe: () => void;
  readonly #unfollow: () => void;
  #streams = 0;
  /** What the present connection was opened with. */
  #token: string | null = null;

  constructor(id: string) {
    this.id = id;
    this.store = new JobStore(createFrames(SHOW_MS));
    this.list = new JobList({
      store: this.store,
      loadPage: async ({ status, workflow }, after, first) => {
        const filter = { status: [...status], workflow: [...workflow] };
        return (await request(JobsDocument, { projectId: id, ...filter, after, first })).jobs;
      },
      loadJob: (jobId) => this.loadJob(jobId),
      soon: (work) => void setTimeout(work, SOON_MS),
    });
    this.links = new LinkRenewal({
      loadJob: (jobId) => this.loadJob(jobId),
      now: () => Date.now() + this.store.clockOffset,
      soon: (work) => void setTimeout(work, SOON_MS),
    });
    this.store.onUnknown = (event) => this.list.noteUnknown(event);
    this.store.onStatus = (change) => {
      this.list.noteStatus(change);
      this.lastChange.set(change);
    };
    this.#client = createResumingClient({
      url: webSocketUrl(),
      token: (refused) => this.#giveToken(refused),
      onState: (state) => this.connection.set(state),
      onSnapshot: () => void this.#verify(),
    });
    this.#unsubscribe = this.#subscribe();
    this.#unfollow = followWaits({
      store: this.store,
      ask: async () => (await request(WaitsDocument, { projectId: id })).jobs.edges.map(({ node }) => node),
      isSeen: () => document.visibilityState === 'visible' && this.connection.get().name === 'live',
    });
  }

  /** Loads a job into the store. @returns null when the project has no such job */
  async loadJob(id: string): Promise<JobView | null> {
    const { job } = await request(JobDocument, { projectId: this.id, id });
    if (job === null) return null;
    this.store.load(job, Date.now());
    return this.store.get(id) ?? null;
  }

  /** Keeps a job whole while it is shown by itself. @returns the end of that */
  watchJob(id: string): () => void {
    this.#open.add(id);
    return () => this.#open.delete(id);
  }

  async cancel(id: string): Promise<void> {
    const { cancelJob } = await request(CancelJobDocument, { projectId: this.id, id });
    this.store.load(cancelJob, Date.now());
  }

  async retry(id: string): Promise<void> {
    const { retryJob } = await request(RetryJobDocument, { projectId: this.id, id });
    this.store.load(retryJob, Date.now());
  }

  retryConnection(): void {
    this.#client.retryNow();
  }

  close(): void {
    this.#unsubscribe();
    this.#unfollow();
    void this.#client.dispose();
  }

  /** Waits for the sign-in where the last token does not count any more. */
  async #giveToken(refused: boolean): Promise<string | null> {
    if (refused) endSession(this.#token);
    this.#token = await presentToken();
    return this.#token;
  }

  #subscribe(): () => void {
    return this.#client.subscribe<JobEventsSubscription>(
      { query: JobEventsDocument.toString(), variables: { projectId: this.id } },
      {
        next: ({ data }) => {
          if (data == null) return;
          this.store.apply(data.jobEvents, Date.now());
          if (data.jobEvents.__typename === 'CompletionEvent') this.lastCompletion.set(data.jobEvents.id);
        },
        // The project's name is checked before; what is left is a server that speaks another schema.
        error: (error) => console.error('The event stream ended', error),
        complete: () => {},
      },
    );
  }

  /** A stream began anew: what ended before it is not in it, so what is shown is asked for again. */
  async #verify(): Promise<void> {
    this.#streams += 1;
    const unheard = this.store.unheard();
    if (this.#streams > 1) this.store.forgetLogs();
    await this.list.refresh();
    const again = new Set([...this.#open, ...unheard.slice(0, 100)]);
    await Promise.all([...again].map((id) => this.loadJob(id).catch(() => null)));
  }
}

function webSocketUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`;
}
