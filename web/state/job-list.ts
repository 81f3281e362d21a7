/**
 * The jobs of a project that are listed: those of the filter, newest first, as far back as has been asked for. Ids are in
 * the order of creation, so the place of a job in the list follows from its id.
 */
import type { JobStatus, JobsQuery, Workflow } from '../generated/graphql.ts';
import type { JobStore, StatusChange } from './job-store.ts';
import type { JobEvent, JobView } from './job-view.ts';

export interface JobFilter {
  /** Empty: any. */
  readonly status: readonly JobStatus[];
  readonly workflow: readonly Workflow[];
}

export interface ListView {
  readonly ids: readonly string[];
  readonly hasMore: boolean;
  readonly loading: boolean;
  /** Why the last page could not be loaded. */
  readonly error: string | null;
}

interface ListParts {
  readonly store: JobStore;
  readonly loadPage: (filter: JobFilter, after: string | null, first: number) => Promise<JobsQuery['jobs']>;
  readonly loadJob: (id: string) => Promise<JobView | null>;
  /** Calls back after a moment, once for any number of calls in between. */
  readonly soon: (work: () => void) => void;
}

const PAGE_LENGTH = 40;
const FETCH_MOST = 20;

export class JobList {
  readonly #parts: ListParts;
  #filter: JobFilter = { status: [], workflow: [] };
  #ids: readonly string[] = [];
  #cursor: string | null = null;
  #hasMore = true;
  /** The last id of the pages loaded so far; empty before the first. */
  #oldest = '';
  #loading = false;
  #error: string | null = null;
  /** Changes with every filter: answers to an older one are dropped. */
  #generation = 0;
  readonly #wanted = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #view: ListView = { ids: [], hasMore: true, loading: true, error: null };

  constructor(parts: ListParts) {
    this.#parts = parts;
  }

  get view(): ListView {
    return this.#view;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setFilter(filter: JobFilter): void {
    this.#filter = filter;
    this.#generation += 1;
    this.#ids = [];
    this.#cursor = null;
    this.#hasMore = true;
    this.#oldest = '';
    this.#loading = false;
    void this.loadMore();
  }

  async loadMore(): Promise<void> {
    if (this.#loading || !this.#hasMore) return;
    const generation = this.#generation;
    this.#loading = true;
    this.#publish();
    try {
      const page = await this.#parts.loadPage(this.#filter, this.#cursor, PAGE_LENGTH);
      if (generation !== this.#generation) return;
      this.#cursor = page.pageInfo.endCursor ?? this.#cursor;
      this.#hasMore = page.pageInfo.hasNextPage;
      this.#oldest = page.edges.at(-1)?.node.id ?? this.#oldest;
      this.#take(page);
      this.#error = null;
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#error = error instanceof Error ? error.message : String(error);
    }
    this.#loading = false;
    this.#publish();
  }

  /** Asks again for what is at the top, and tries again what failed. */
  async refresh(): Promise<void> {
    if (this.#cursor === null) return this.loadMore();
    const generation = this.#generation;
    const first = Math.min(100, Math.max(PAGE_LENGTH, this.#ids.length));
    const page = await this.#parts.loadPage(this.#filter, null, first).catch(() => null);
    if (page === null || generation !== this.#generation) return;
    this.#take(page);
    this.#error = null;
    this.#publish();
  }

  /** A job that is not known has changed: is it one for this list? */
  noteUnknown({ jobId }: JobEvent): void {
    if (this.#isInRange(jobId)) this.#want(jobId);
  }

  /** A known job has another status: with a filter, it may come or go. */
  noteStatus({ job }: StatusChange): void {
    const listed = this.#ids.includes(job.id);
    if (listed !== this.#isListed(job)) this.#parts.soon(() => this.#arrange([job.id]));
  }

  #want(id: string): void {
    this.#wanted.add(id);
    if (this.#wanted.size === 1) this.#parts.soon(() => void this.#fetchWanted());
  }

  async #fetchWanted(): Promise<void> {
    const ids = [...this.#wanted];
    this.#wanted.clear();
    // Many at once are a burst of new jobs (a batch): the top of the list has them all.
    if (ids.length > FETCH_MOST) return this.refresh();
    await Promise.all(ids.map((id) => this.#parts.loadJob(id).catch(() => null)));
    this.#arrange(ids);
  }

  #take(page: JobsQuery['jobs']): void {
    const now = Date.now();
    for (const { node } of page.edges) this.#parts.store.load(node, now);
    this.#arrange(page.edges.map(({ node }) => node.id));
  }

  #arrange(added: readonly string[]): void {
    const all = [...new Set([...this.#ids, ...added])].filter((id) => {
      const job = this.#parts.store.get(id);
      return job !== undefined && this.#isListed(job);
    });
    this.#ids = all.sort().reverse();
    this.#publish();
  }

  #isListed(job: JobView): boolean {
    const { status, workflow } = this.#filter;
    return (
      // A batch's items stand in the batch.
      job.parent === null &&
      (status.length === 0 || status.includes(job.status)) &&
      (workflow.length === 0 || workflow.includes(job.workflow)) &&
      this.#isInRange(job.id)
    );
  }

  /** Whether the pages loaded so far reach back to it. */
  #isInRange(id: string): boolean {
    return !this.#hasMore || id >= this.#oldest;
  }

  #publish(): void {
    this.#view = { ids: this.#ids, hasMore: this.#hasMore, loading: this.#loading, error: this.#error };
    for (const listener of this.#listeners) listener();
  }
}
