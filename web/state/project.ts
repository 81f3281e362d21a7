/**
 * Everything known of one project, or of only one of its jobs: its jobs, its list, its stream and the state of the connection.
 */

import { createResumingClient, type LiveState, type ResumingClient } from '../../client/resuming-client.ts';
import { BASE_PATH } from '../api/base-path.ts';
import { RequestError, request } from '../api/request.ts';
import {
  CancelJobDocument,
  DeleteJobDocument,
  JobDocument,
  JobEventsDocument,
  type JobEventsSubscription,
  JobsDocument,
  RetryJobDocument,
  ShareJobDocument,
  type ShareJobMutation,
  StoryDocument,
  WaitDocument,
  WaitsDocument,
} from '../generated/graphql.ts';
import { createFrames } from './frames.ts';
import { JobCache, type StatusChange } from './job-cache.ts';
import { boundsOf } from './job-filter.ts';
import { JobList } from './job-list.ts';
import { JobStory, type Story } from './job-story.ts';
import { hasEnded, type JobView, type Wait } from './job-view.ts';
import { LinkRenewal } from './links.ts';
import { listPath } from './route.ts';
import { endSession, presentToken } from './session.ts';
import { createValue, type Value } from './value.ts';
import { followWaits } from './waits.ts';

const SOON_MS = 150;
const LATEST_MS = 10_000;
/** Concurrent queries: a long list must not exhaust its credential's operations per second. */
const ASKED_AT_ONCE = 5;
/**
 * The least time between two renderings. 200 cards at 10 events a second each would render 2,000 times a second; the eye does
 * not notice the difference from 1,000, the main thread does.
 */
const SHOW_MS = 200;

export class Project {
  readonly id: string;
  readonly store: JobCache;
  readonly list: JobList;
  readonly links: LinkRenewal;
  readonly connection: Value<LiveState> = createValue<LiveState>({ name: 'connecting' });
  /** The last change worth announcing, for people who cannot see it. */
  readonly lastChange: Value<StatusChange | null> = createValue<StatusChange | null>(null);
  /** The event id of the latest completion in the stream, even if the job is not known here. */
  readonly lastCompletion: Value<string | null> = createValue<string | null>(null);
  /** Incremented whenever a job is added or removed, or its status changes. */
  readonly changes: Value<number> = createValue(0);
  /** The address of the list as last shown. */
  listAddress: string;
  /** The only job that the credential may read; null: all of them, and their list. */
  readonly #only: string | null;
  readonly #client: ResumingClient;
  readonly #open = new Set<string>();
  #unsubscribe: () => void;
  /** The stream of the only job has ended along with its run. */
  #isComplete = false;
  readonly #unfollow: () => void;
  #closed = false;
  /** The token with which the current connection was opened. */
  #token: string | null = null;

  /** @param only the only job that the credential may read */
  constructor(id: string, only: string | null = null) {
    this.id = id;
    this.#only = only;
    this.listAddress = listPath(id);
    this.store = new JobCache(createFrames(SHOW_MS));
    this.list = new JobList({
      store: this.store,
      loadPage: async (filter, after, first) => {
        const { status, workflow, search } = filter;
        const lists = { status: [...status], workflow: [...workflow] };
        const bounds = boundsOf(filter, Date.now());
        return (await request(JobsDocument, { projectId: id, ...lists, search, ...bounds, after, first }))
          .jobs;
      },
      loadJob: (jobId) => this.loadJob(jobId),
      soon: (work, tries) => this.#soon(work, tries),
    });
    this.links = new LinkRenewal({
      loadJob: (jobId) => this.loadJob(jobId),
      now: () => Date.now() + this.store.clockOffset,
      soon: (work) => this.#soon(work),
    });
    this.store.onUnknown = (event) => {
      if (only === null) this.list.noteUnknown(event);
      this.#noteChange();
    };
    this.store.onOutdated = (jobId) => this.#soon(() => void this.loadJob(jobId).catch(() => {}));
    this.store.onStatus = (change) => {
      if (only === null) this.list.noteStatus(change);
      this.#noteChange();
      this.lastChange.set(change);
    };
    this.#client = createResumingClient({
      url: webSocketUrl(),
      token: (refused) => this.#giveToken(refused),
      onState: (state) => this.connection.set(state),
      onAnew: () => this.store.beginAnew(),
      onSnapshot: () => void this.#verify(),
    });
    this.#unsubscribe = this.#subscribe();
    this.#unfollow = followWaits({
      store: this.store,
      ask: () => this.#askWaits(),
      isSeen: () => document.visibilityState === 'visible' && this.connection.get().name === 'live',
    });
  }

  /** Loads a job into the store. @returns null when the project has no such job */
  async loadJob(id: string): Promise<JobView | null> {
    const asked = this.store.moment;
    const { job } = await request(JobDocument, { projectId: this.id, id });
    if (job === null) {
      this.store.remove(id);
      this.list.prune();
      return null;
    }
    this.store.load(job, Date.now(), asked);
    this.#followAgain();
    return this.store.get(id) ?? null;
  }

  /** Keeps a job complete while it is shown on its own. @returns a function that ends it */
  watchJob(id: string): () => void {
    this.#open.add(id);
    return () => this.#open.delete(id);
  }

  /** Passes on what has happened to a job, now and after every change. @returns a function that ends it */
  followStory(id: string, tell: (story: Story) => void): () => void {
    const story = new JobStory(
      async (after, afterLine) =>
        (await request(StoryDocument, { projectId: this.id, id, after, afterLine })).job,
      (error) => error instanceof RequestError && error.code === 'EVENTS_EXPIRED',
    );
    const wake = (): void => story.wake();
    const ends = [
      story.value.subscribe(() => tell(story.value.get())),
      this.store.subscribe(id, wake),
      this.connection.subscribe(wake),
    ];
    wake();
    return () => {
      for (const end of ends) end();
      story.close();
    };
  }

  async cancel(id: string): Promise<void> {
    const asked = this.store.moment;
    const { cancelJob } = await request(CancelJobDocument, { projectId: this.id, id });
    this.store.load(cancelJob, Date.now(), asked);
  }

  async retry(id: string): Promise<void> {
    const asked = this.store.moment;
    const { retryJob } = await request(RetryJobDocument, { projectId: this.id, id });
    this.store.load(retryJob, Date.now(), asked);
  }

  /** Makes a token for a single job. */
  async share(id: string, lifetimeSeconds: number): Promise<ShareJobMutation['createViewerToken']> {
    const asked = { projectId: this.id, jobId: id, lifetimeSeconds };
    return (await request(ShareJobDocument, asked)).createViewerToken;
  }

  async delete(id: string): Promise<void> {
    await request(DeleteJobDocument, { projectId: this.id, id });
    this.store.remove(id);
    this.list.prune();
    this.#noteChange();
  }

  #noteChange(): void {
    this.changes.set(this.changes.get() + 1);
  }

  retryConnection(): void {
    this.#client.retryNow();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    this.#unfollow();
    void this.#client.dispose();
  }

  /** Waits until somebody has signed in if the last token is no longer accepted. */
  async #giveToken(refused: boolean): Promise<string | null> {
    if (refused) endSession(this.#token);
    this.#token = await presentToken();
    return this.#token;
  }

  #subscribe(): () => void {
    return this.#client.subscribe<JobEventsSubscription>(
      { query: JobEventsDocument.toString(), variables: { projectId: this.id, jobId: this.#only } },
      {
        next: ({ data }) => {
          if (data == null) return;
          this.store.apply(data.jobEvents, Date.now());
          if (data.jobEvents.__typename === 'CompletionEvent') this.lastCompletion.set(data.jobEvents.id);
        },
        // The project's name has been checked, so this is a server with another schema. If a single job does not exist, its
        // page reports that.
        error: (error) => {
          if (this.#only === null) console.error('The event stream ended', error);
        },
        complete: () => {
          this.#isComplete = true;
        },
      },
    );
  }

  /** The stream of one job ends with its run; a retry begins another run, so follow that. */
  #followAgain(): void {
    const job = this.#only === null ? undefined : this.store.get(this.#only);
    if (this.#closed || !this.#isComplete || job === undefined || hasEnded(job)) return;
    this.#isComplete = false;
    this.#unsubscribe = this.#subscribe();
  }

  async #askWaits(): Promise<readonly Wait[]> {
    if (this.#only === null) {
      return (await request(WaitsDocument, { projectId: this.id })).jobs.edges.map(({ node }) => node);
    }
    const { job } = await request(WaitDocument, { projectId: this.id, id: this.#only });
    return job === null ? [] : [job];
  }

  /** A stream began anew: jobs that ended before are not in it, so what is shown is queried until the server has answered. */
  async #verify(): Promise<void> {
    const { moment } = this.store;
    const isOver = (): boolean => this.#closed || this.store.moment !== moment;
    for (let tries = 1; !isOver(); tries += 1) {
      const isFresh = this.#only !== null || (await this.list.refresh());
      if (isFresh && (await this.#confirm(isOver))) break;
      await new Promise<void>((resolve) => this.#soon(resolve, tries));
    }
    // There is no event for runs that ended meanwhile.
    if (!isOver() && moment > 1) this.lastCompletion.set(`epoch ${moment}`);
  }

  /** Queries each shown job of which nothing was received; forgets the others. @returns whether all answers came */
  async #confirm(isOver: () => boolean): Promise<boolean> {
    // Opened jobs first: a batch's answer includes all its items.
    if (!(await this.#loadAll([...this.#open], isOver)) || isOver()) return false;
    const listed = new Set(this.list.view.ids);
    const unconfirmed = this.store.unconfirmed();
    const isShown = (id: string): boolean => listed.has(id) || this.store.isShown(id);
    for (const id of unconfirmed) if (!isShown(id)) this.store.remove(id);
    return this.#loadAll(unconfirmed.filter(isShown), isOver);
  }

  /** @returns whether all answers came */
  async #loadAll(ids: readonly string[], isOver: () => boolean): Promise<boolean> {
    let failed = 0;
    for (let at = 0; at < ids.length && !isOver(); at += ASKED_AT_ONCE) {
      const asked = ids.slice(at, at + ASKED_AT_ONCE).map((id) => this.loadJob(id));
      failed += (await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected').length;
    }
    return failed === 0;
  }

  /** Calls back after a moment, later the more `tries` have failed, and after failures only while the connection is live. */
  #soon(work: () => void, tries = 0): void {
    const look = (): void => {
      if (this.#closed) return;
      if (tries > 0 && this.connection.get().name !== 'live') this.#soon(work, tries);
      else work();
    };
    setTimeout(look, Math.min(LATEST_MS, SOON_MS * 2 ** tries));
  }
}

function webSocketUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${BASE_PATH}/graphql`;
}
