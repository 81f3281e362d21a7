/**
 * The jobs of a project that are listed: those of the filter, newest first, as far back as has been asked for. Ids are in
 * the order of creation, so the place of a job in the list follows from its id.
 */
import type { JobsQuery } from '../generated/graphql.ts';
import type { JobCache, Moment, StatusChange } from './job-cache.ts';
import { isListed, type JobFilter, NO_FILTER } from './job-filter.ts';
import type { JobEvent, JobView } from './job-view.ts';

/** A job that the server has and can't read, so that it has no card. */
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
  /** Calls back after a moment, the later the more `tries` have failed. */
  readonly soon: (work: () => void, tries?: number) => void;
}

const PAGE_LENGTH = 40;
/** The API gives 100 at once; so many, with their items, cost less than half of what an operation may. */
export const MAX_PAGE = 80;
const MAX_FETCH = 20;
/** New jobs above those that were listed, from which on these are no longer reached for. */
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
  /** Changes with every filter: answers to an older one are dropped. */
  #generation = 0;
  /** Pages are loaded one behind the other: each begins where the one before it ended. */
  #turn: Promise<unknown> = Promise.resolve();
  /** What the server has listed under the present filter. */
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

  /** What is listed. */
  get filter(): JobFilter {
    return this.#filter;
  }

  /** Lists the jobs of a filter; those of the present one are there already, and kept up to date. */
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

  /** Loads the next page. @returns whether it came */
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

  /** Asks again for all that is listed, from the top, and tries again what failed. @returns whether the answers came */
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
      // From an empty list on, one page will do.
      const isReached = this.#oldest === '' || last <= this.#oldest || ids.length >= most;
      if (!isReached && page.pageInfo.hasNextPage) continue;
      this.#endWith(page, last);
      this.#unreadable = unreadable;
      this.#arrange(ids);
      return;
    }
  }

  /** Loads for the present filter, behind what is being loaded. @returns whether the answers came */
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

  /** The list reaches to the end of the page. */
  #endWith({ pageInfo }: JobsQuery['jobs'], oldest: string): void {
    this.#cursor = pageInfo.endCursor ?? this.#cursor;
    this.#hasMore = pageInfo.hasNextPage;
    this.#oldest = oldest;
  }

  /** Leaves out what is not known any more. */
  prune(): void {
    this.#arrange([]);
  }

  /** A job that is not known has changed: is it one for this list? */
  noteUnknown({ __typename, job }: JobEvent): void {
    // A job that can't be read changes only by its end.
    const isSaid = __typename === 'ProgressEvent' && this.#unreadable.some(({ id }) => id === job.id);
    if (this.#isInRange(job.id) && !isSaid) this.#want(job.id);
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

  /** Asks until the server has answered: a job that has ended tells nothing more of itself. */
  async #fetchWanted(tries = 0): Promise<void> {
    const ids = [...this.#wanted];
    // Many at once are a burst of new jobs (a batch): the top of the list has them all.
    const failed = ids.length > MAX_FETCH ? await this.#fetchTop(ids) : await this.#fetchEach(ids);
    for (const id of ids) if (!failed.includes(id)) this.#wanted.delete(id);
    if (this.#wanted.size === 0) return;
    // Others may have come meanwhile.
    this.#parts.soon(
      () => void this.#fetchWanted(failed.length > 0 ? tries + 1 : 0),
      failed.length > 0 ? tries + 1 : 0,
    );
  }

  async #fetchTop(ids: readonly string[]): Promise<readonly string[]> {
    return (await this.refresh()) ? [] : ids;
  }

  /** @returns those of which no answer came */
  async #fetchEach(ids: readonly string[]): Promise<readonly string[]> {
    const answers = await Promise.allSettled(ids.map((id) => this.#parts.loadJob(id)));
    const failures = answers.map((answer) => (answer.status === 'rejected' ? answer.reason : null));
    const failed = ids.filter((_, index) => failures[index] !== null);
    this.#unreadable = this.#unreadable.filter(({ id }) => !ids.includes(id) || failed.includes(id));
    this.#arrange(ids);
    // That one can't be read is an answer too; the list has it with the reason.
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
    // A batch's items stand in the batch.
    return (
      job.parent === null &&
      isListed(job, this.#filter, this.#found.has(job.id), Date.now()) &&
      this.#isInRange(job.id)
    );
  }

  /** Whether the pages loaded so far reach back to it. */
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

/** The oldest id of a page, whether it can be read or not. */
function lastOf({ edges, unreadable }: JobsQuery['jobs']): string | undefined {
  return [...edges.map(({ node }) => node.id), ...unreadable.map(({ id }) => id)].sort()[0];
}

/** What the server answers who asks for such a job alone. */
export const UNREADABLE = 'RECORD_DAMAGED';

export function isUnreadable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNREADABLE;
}
