/** All that is known of one project: its jobs, its list, its stream and the state of the connection. */

import { createResumingClient, type LiveState, type ResumingClient } from '../../client/resuming-client.ts';
import { BASE_PATH } from '../api/base-path.ts';
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
import { JobCache, type StatusChange } from './job-cache.ts';
import { JobList } from './job-list.ts';
import type { JobView } from './job-view.ts';
import { LinkRenewal } from './links.ts';
import { endSession, presentToken } from './session.ts';
import { createValue, type Value } from './value.ts';
import { followWaits } from './waits.ts';

const SOON_MS = 150;
const LATEST_MS = 10_000;
/** Questions under way at once: a long list must not use up the operations that its credential has per second. */
const ASKED_AT_ONCE = 5;
/**
 * Least time between two showings. 200 cards at 10 events a second each would render 2,000 times a second; an eye does not
 * see the difference to 1,000, the main thread does.
 */
const SHOW_MS = 200;

export class Project {
  readonly id: string;
  readonly store: JobCache;
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
  #closed = false;
  /** What the present connection was opened with. */
  #token: string | null = null;

  constructor(id: string) {
    this.id = id;
    this.store = new JobCache(createFrames(SHOW_MS));
    this.list = new JobList({
      store: this.store,
      loadPage: async ({ status, workflow }, after, first) => {
        const filter = { status: [...status], workflow: [...workflow] };
        return (await request(JobsDocument, { projectId: id, ...filter, after, first })).jobs;
      },
      loadJob: (jobId) => this.loadJob(jobId),
      soon: (work, tries) => this.#soon(work, tries),
    });
    this.links = new LinkRenewal({
      loadJob: (jobId) => this.loadJob(jobId),
      now: () => Date.now() + this.store.clockOffset,
      soon: (work) => this.#soon(work),
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
      onAnew: () => this.store.beginAnew(),
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
    const asked = this.store.moment;
    const { job } = await request(JobDocument, { projectId: this.id, id });
    if (job === null) {
      this.store.remove(id);
      this.list.prune();
      return null;
    }
    this.store.load(job, Date.now(), asked);
    return this.store.get(id) ?? null;
  }

  /** Keeps a job whole while it is shown by itself. @returns the end of that */
  watchJob(id: string): () => void {
    this.#open.add(id);
    return () => this.#open.delete(id);
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

  retryConnection(): void {
    this.#client.retryNow();
  }

  close(): void {
    this.#closed = true;
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

  /** A stream began anew: what ended before it is not in it, so what is shown is asked for again until the server has answered. */
  async #verify(): Promise<void> {
    const { epoch } = this.store.moment;
    const isOver = (): boolean => this.#closed || this.store.moment.epoch !== epoch;
    for (let tries = 1; !isOver(); tries += 1) {
      if ((await this.list.refresh()) && (await this.#confirm(isOver))) break;
      await new Promise<void>((resolve) => this.#soon(resolve, tries));
    }
    // No event tells of runs that ended meanwhile.
    if (!isOver() && epoch > 1) this.lastCompletion.set(`epoch ${epoch}`);
  }

  /** Asks for each job that is shown and of which nothing was heard; forgets the others. @returns whether all answers came */
  async #confirm(isOver: () => boolean): Promise<boolean> {
    const listed = new Set(this.list.view.ids);
    const unconfirmed = this.store.unconfirmed();
    const isShown = (id: string): boolean => listed.has(id) || this.store.isShown(id);
    for (const id of unconfirmed) if (!isShown(id)) this.store.remove(id);
    const ids = [...new Set([...this.#open, ...unconfirmed.filter(isShown)])];
    let failed = 0;
    while (ids.length > 0 && !isOver()) {
      const asked = ids.splice(0, ASKED_AT_ONCE).map((id) => this.loadJob(id));
      failed += (await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected').length;
    }
    return failed === 0;
  }

  /** Calls back after a moment, the later the more `tries` have failed, and then only while the server is there. */
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
