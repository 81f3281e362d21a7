/**
 * The listed jobs of a project: those that match the filter, newest first, as far back as has been requested. Ids sort by
 * creation, so a job's place in the list follows from its id.
 */
import type { JobsQuery } from '../generated/graphql.ts';
import type { JobCache, Moment, StatusChange } from './job-cache.ts';
import { isListed, type JobFilter, NO_FILTER } from './job-filter.ts';
import type { JobEvent, JobView } from './job-view.ts';

/** A job that the server cannot read, so it has no card. */
export type UnreadableJob = JobsQuery['jobs']['unreadable'][number];

export interface ListView {
  readonly ids: readonly string[];
  /** The jobs of the pages loaded so far, newest first. */
  readonly unreadable: readonly UnreadableJob[];
  readonly hasMore: boolean;
  readonly loading: boolean;
  /** Why the last page could not be loaded. */
  readonly error: string | null;
}

interface ListParts {
  readonly store: JobCache;
  readonly loadPage: (filter: JobFilter, after: string | null, first: number) => Promise<JobsQuery['jobs']>;
  readonly loadJob: (id: string) => Promise<JobView | null>;
  /** Calls back after a moment, later the more `tries` have failed. */
  readonly soon: (work: () => void, tries?: number) => void;
}

const PAGE_LENGTH = 40;
/** The API returns 100 at once; this many, with their items, cost less than half of what an operation may. */
export const MAX_PAGE = 80;
const MAX_FETCH = 20;
/** With more new jobs than this above the listed ones, the list is no longer read down to those. */
const MAX_NEW = 400;

export class JobList {
  readonly #parts: ListParts;
  #filter: JobFilter = NO_FILTER;
  #ids: readonly string[] = [];
  #unreadable: readonly UnreadableJob[] = [];
  #cursor: string | null = null;
  #hasMore = true;
  /** The last id of the pages loaded so far; empty before the first. */
  #oldest = '';
  #loading = false;
  #error: string | null = null;
  /** Incremented with every filter: answers for an older one are dropped. */
  #generation = 0;
  /** Pages are loaded one after another: each begins where the previous one ended. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The jobs that the server has listed under the current filter. */
  readonly #found = new Set<string>();
  readonly #wanted = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #view: ListView = { ids: [], unreadable: [], hasMore: true, loading: true, error: null };

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

  /** The current filter. */
  get filter(): JobFilter {
    return this.#filter;
  }

  /** Lists the jobs of a filter; those of the current one are already there, and kept up to date. */
  setFilter(filter: JobFilter): void {
    if (this.#generation > 0 && JSON.stringify(filter) === JSON.stringify(this.#filter)) return;
    this.#filter = filter;
    this.#generation += 1;
    this.#ids = [];
    this.#found.clear();
    this.#unreadable = [];
    this.#cursor = null;
    this.#hasMore = true;
    this.#oldest = '';
    this.#loading = false;
    this.#turn = Promise.resolve();
    void this.loadMore();
  }

  /** Loads the next page. @returns whether that succeeded */
  async loadMore(): Promise<boolean> {
    if (this.#loading || !this.#hasMore) return true;
    const present = this.#generation;
    this.#loading = true;
    this.#publish();
    const came = await this.#inTurn(async (generation) => {
      const asked = this.#parts.store.moment;
      const page = await this.#parts.loadPage(this.#filter, this.#cursor, PAGE_LENGTH);
      if (generation !== this.#generation) return;
      const ids = this.#take(page, asked);
      this.#endWith(page, lastOf(page) ?? this.#oldest);
      this.#unreadable = [...this.#unreadable, ...page.unreadable];
      this.#arrange(ids);
    });
    if (present === this.#generation) {
      this.#loading = false;
      this.#publish();
    }
    return came;
  }

  /** Reloads everything listed, from the top, and retries what failed. @returns whether that succeeded */
  refresh(): Promise<boolean> {
    const nothingCame = this.#hasMore && this.#oldest === '';
    return nothingCame ? this.loadMore() : this.#inTurn((generation) => this.#reload(generation));
  }

  async #reload(generation: number): Promise<void> {
    const most = this.#ids.length + MAX_NEW;
    const ids: string[] = [];
    const unreadable: UnreadableJob[] = [];
    let last = '';
    let after: string | null = null;
    for (;;) {
      const first = Math.min(MAX_PAGE, Math.max(PAGE_LENGTH, this.#ids.length - ids.length));
      const asked = this.#parts.store.moment;
      const page: JobsQuery['jobs'] = await this.#parts.loadPage(this.#filter, after, first);
      if (generation !== this.#generation) return;
      ids.push(...this.#take(page, asked));
      unreadable.push(...page.unreadable);
      after = page.pageInfo.endCursor;
      last = lastOf(page) ?? last;
      // For an empty list, one page is enough.
      const isReached = this.#oldest === '' || last <= this.#oldest || ids.length >= most;
      if (!isReached && page.pageInfo.hasNextPage) continue;
      this.#endWith(page, last);
      this.#unreadable = unreadable;
      this.#arrange(ids);
      return;
    }
  }

  /** Loads for the current filter, after what is being loaded. @returns whether that succeeded */
  #inTurn(load: (generation: number) => Promise<void>): Promise<boolean> {
    const generation = this.#generation;
    const turn = this.#turn.then(async () => {
      try {
        await load(generation);
        if (generation === this.#generation) this.#error = null;
        return true;
      } catch (error) {
        if (generation === this.#generation)
          this.#error = error instanceof Error ? error.message : String(error);
        return false;
      } finally {
        this.#publish();
      }
    });
    this.#turn = turn;
    return turn;
  }

  /** Records that the list reaches to the end of this page. */
  #endWith({ pageInfo }: JobsQuery['jobs'], oldest: string): void {
    this.#cursor = pageInfo.endCursor ?? this.#cursor;
    this.#hasMore = pageInfo.hasNextPage;
    this.#oldest = oldest;
  }

  /** Removes jobs that are no longer known. */
  prune(): void {
    this.#arrange([]);
  }

  /** An unknown job has changed: it may belong to this list. */
  noteUnknown({ __typename, job }: JobEvent): void {
    // An unreadable job only changes by ending.
    const isSaid = __typename === 'ProgressEvent' && this.#unreadable.some(({ id }) => id === job.id);
    if (this.#isInRange(job.id) && !isSaid) this.#want(job.id);
  }

  /** A known job's status has changed: with a filter, it may enter or leave the list. */
  noteStatus({ job }: StatusChange): void {
    const listed = this.#ids.includes(job.id);
    if (listed !== this.#isListed(job)) this.#parts.soon(() => this.#arrange([job.id]));
  }

  #want(id: string): void {
    this.#wanted.add(id);
    if (this.#wanted.size === 1) this.#parts.soon(() => void this.#fetchWanted());
  }

  /** Queries until the server has answered: a job that has ended sends no more events. */
  async #fetchWanted(tries = 0): Promise<void> {
    const ids = [...this.#wanted];
    // Many at once mean a burst of new jobs (a batch), which are all at the top of the list.
    const failed = ids.length > MAX_FETCH ? await this.#fetchTop(ids) : await this.#fetchEach(ids);
    for (const id of ids) if (!failed.includes(id)) this.#wanted.delete(id);
    if (this.#wanted.size === 0) return;
    // Others may have been added meanwhile.
    this.#parts.soon(
      () => void this.#fetchWanted(failed.length > 0 ? tries + 1 : 0),
      failed.length > 0 ? tries + 1 : 0,
    );
  }

  async #fetchTop(ids: readonly string[]): Promise<readonly string[]> {
    return (await this.refresh()) ? [] : ids;
  }

  /** @returns those without an answer */
  async #fetchEach(ids: readonly string[]): Promise<readonly string[]> {
    const answers = await Promise.allSettled(ids.map((id) => this.#parts.loadJob(id)));
    const failures = answers.map((answer) => (answer.status === 'rejected' ? answer.reason : null));
    const failed = ids.filter((_, index) => failures[index] !== null);
    this.#unreadable = this.#unreadable.filter(({ id }) => !ids.includes(id) || failed.includes(id));
    this.#arrange(ids);
    // Being unreadable is an answer, too; the list includes such a job with the reason.
    return failures.some(isUnreadable) ? this.#fetchTop(failed) : failed;
  }

  /** @returns the page's ids */
  #take(page: JobsQuery['jobs'], asked: Moment): readonly string[] {
    const now = Date.now();
    for (const { node } of page.edges) {
      this.#parts.store.load(node, now, asked);
      this.#found.add(node.id);
    }
    return page.edges.map(({ node }) => node.id);
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
    // A batch's items are shown in the batch.
    return (
      job.parent === null &&
      isListed(job, this.#filter, this.#found.has(job.id), Date.now()) &&
      this.#isInRange(job.id)
    );
  }

  /** Whether the pages loaded so far reach back to the job. */
  #isInRange(id: string): boolean {
    return !this.#hasMore || id >= this.#oldest;
  }

  #publish(): void {
    this.#view = {
      ...{ ids: this.#ids, unreadable: this.#unreadable },
      ...{ hasMore: this.#hasMore, loading: this.#loading, error: this.#error },
    };
    for (const listener of this.#listeners) listener();
  }
}

/** The oldest id of a page, whether or not the job can be read. */
function lastOf({ edges, unreadable }: JobsQuery['jobs']): string | undefined {
  return [...edges.map(({ node }) => node.id), ...unreadable.map(({ id }) => id)].sort()[0];
}

/** The server's error code when such a job is requested individually. */
export const UNREADABLE = 'RECORD_DAMAGED';

export function isUnreadable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNREADABLE;
}
