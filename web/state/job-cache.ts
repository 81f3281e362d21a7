/**
 * The jobs of a project as known here. Events change them at once; the components that show a job are notified before a paint,
 * once for all changes since the last one, and only if that job has changed.
 */
import { JobOrder, type Moment } from '../../client/cache/job-order.ts';
import type { JobFieldsFragment, JobStatus } from '../generated/graphql.ts';
import {
  afterEvent,
  isWaiting,
  type JobEvent,
  type JobView,
  steadyEta,
  type ToldJob,
  type Wait,
} from './job-view.ts';

export type { Moment };

/** A job in an answer: whole, or an item of a batch in a list, of which only the state is known. */
type LoadedJob = JobFieldsFragment & Asked & { readonly items?: readonly LoadedItem[] };
/** The job's input, which never changes, and is not in every answer. */
type Asked = Pick<JobView, 'input' | 'inputExcerpt'>;
type LoadedItem = JobFieldsFragment | ItemState;
/** What a list contains of a batch's item. */
export interface ItemState {
  readonly id: string;
  readonly version: number;
  readonly status: JobStatus;
  readonly progress: number;
  readonly attempt: number;
}

/** A change of a job's status: for announcements, lists and filters. */
export interface StatusChange {
  readonly job: JobView;
  readonly before: JobStatus;
}

type Listener = () => void;

export class JobCache {
  readonly #jobs = new Map<string, JobView>();
  readonly #items = new Map<string, ItemState>();
  readonly #order = new JobOrder();
  /** Jobs and items confirmed for the current stream's history; what is known of others may no longer hold. */
  readonly #confirmed = new Set<string>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #dirty = new Set<string>();
  readonly #schedule: (flush: () => void) => void;
  #scheduled = false;
  onStatus: (change: StatusChange) => void = () => {};
  /** Called for an event of an unknown job. */
  onUnknown: (event: JobEvent) => void = () => {};
  /** Called when the latest that is known about a job is incomplete: the job must be queried again. */
  onOutdated: (id: string) => void = () => {};
  /** Server time minus local time, in ms, as far as live events show. */
  clockOffset = 0;

  /** @param schedule calls `flush` once before the next paint */
  constructor(schedule: (flush: () => void) => void) {
    this.#schedule = schedule;
  }

  /** Read this before sending a query, and pass it along with the answer, which may be older than events received since. */
  get moment(): Moment {
    return this.#order.moment;
  }

  get(id: string): JobView | undefined {
    return this.#jobs.get(id);
  }

  /** A batch's item: the whole job if it is known, otherwise only its state. */
  item(id: string): ItemState | undefined {
    return this.#jobs.get(id) ?? this.#items.get(id);
  }

  subscribe(id: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }

  /** Takes a job from an answer, unless a later state is known already. @param asked when the query was sent */
  load(loaded: LoadedJob, now: number, asked: Moment = this.moment): void {
    const { items, ...job } = loaded;
    for (const item of items ?? []) {
      if ('steps' in item) this.load(item, now, asked);
      else this.#loadItem(item, asked);
    }
    const known = this.#jobs.get(job.id);
    const itemIds = items?.map(({ id }) => id) ?? known?.itemIds ?? [];
    const queue = known?.queue === undefined ? {} : { queue: known.queue };
    const input: Asked = { ...askedOf(known), ...askedOf(job) };
    const answer = { ...job, toldAt: null };
    const latest = this.#order.take<typeof answer | ToldJob>(answer, asked);
    const isLate = latest !== answer;
    if (known !== undefined && this.#isKept(job.id, isLate, asked)) {
      this.#put({ ...known, itemIds, ...input }, known);
      return;
    }
    const view: JobView = { ...job, itemIds, etaAt: now, ...queue, ...input };
    const { toldAt, ...state } = latest;
    this.#put(toldAt === null ? { ...view, ...state } : afterEvent(view, { ...state, toldAt }, now), known);
    const isWhole = !isLate || (toldAt !== null && latest.attempt === job.attempt);
    if (asked === this.moment && isWhole) this.#confirmed.add(job.id);
    else this.onOutdated(job.id);
  }

  apply(event: JobEvent, now: number): void {
    this.clockOffset = Math.max(this.clockOffset, Date.parse(event.timestamp) - now);
    const told: ToldJob = { ...event.job, toldAt: event.timestamp };
    if (this.#order.take(told) !== told) return;
    const job = this.#jobs.get(told.id);
    if (job !== undefined) this.#put(afterEvent(job, told, now), job);
    else if (this.#items.has(told.id)) this.#putItem(told);
    else this.onUnknown(event);
  }

  /** Call when a stream begins anew: what is known may be outdated, or may never have happened if Redis was rolled back. */
  beginAnew(): void {
    this.#order.beginAnew();
    this.#confirmed.clear();
  }

  /** Jobs of which nothing has been received since the stream began anew. */
  unconfirmed(): readonly string[] {
    return [...this.#jobs.keys()].filter((id) => !this.#confirmed.has(id));
  }

  /** Whether something on the page shows the job. */
  isShown(id: string): boolean {
    return this.#listeners.has(id);
  }

  /** Forgets a job that the server no longer has, or that nobody looks at. */
  remove(id: string): void {
    this.#jobs.delete(id);
    this.#items.delete(id);
    this.#touch(id);
  }

  /** The jobs whose predictions are not in events. */
  waiting(): readonly string[] {
    return [...this.#jobs.values()].filter(isWaiting).map(({ id }) => id);
  }

  /** Takes the queried prediction of a waiting job; it is dropped if the job has moved on meanwhile. */
  noteWait({ id, attempt, status, eta, queuePosition }: Wait, now: number): void {
    const job = this.#jobs.get(id);
    if (job === undefined || !isWaiting(job) || job.attempt !== attempt || job.status !== status) return;
    const queue = { position: queuePosition, waitSeconds: eta?.waitSeconds ?? null, at: now };
    this.#put({ ...job, ...steadyEta(job, eta, now), queue }, job);
  }

  #put(job: JobView, before: JobView | undefined): void {
    if (job === before) return;
    this.#jobs.set(job.id, job);
    this.#touch(job.id);
    if (job.parent !== null) this.#touch(job.parent.id);
    if (before !== undefined && before.status !== job.status) {
      this.onStatus({ job, before: before.status });
    }
  }

  /** Takes what a list contains of a batch's item. */
  #loadItem(item: ItemState, asked: Moment): void {
    const latest = this.#order.take(item, asked);
    const known = this.item(item.id);
    if (known !== undefined && this.#isKept(item.id, latest !== item, asked)) return;
    const job = this.#confirmed.has(item.id) ? this.#jobs.get(item.id) : undefined;
    if (asked === this.moment) this.#confirmed.add(item.id);
    if (job !== undefined) {
      this.#put({ ...job, ...latest }, job);
      // The event of this version, if one comes, brings nothing new: what a list does not contain has to be asked for.
      if (latest.version !== job.version) this.onOutdated(job.id);
      return;
    }
    // Anything else known of it belongs to an earlier history.
    this.#jobs.delete(item.id);
    this.#putItem(latest);
  }

  #putItem({ attempt, id, progress, status, version }: ItemState): void {
    this.#items.set(id, { attempt, id, progress, status, version });
    this.#touch(id);
  }

  /** Whether the known state is kept: it is later than the answer, or the answer belongs to an earlier history. */
  #isKept(id: string, isLate: boolean, asked: Moment): boolean {
    return asked !== this.moment || (isLate && this.#confirmed.has(id));
  }

  #touch(id: string): void {
    if (!this.#listeners.has(id)) return;
    this.#dirty.add(id);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const ids = [...this.#dirty];
    this.#dirty.clear();
    for (const id of ids) {
      for (const listener of this.#listeners.get(id) ?? []) listener();
    }
  }
}

function askedOf(job: Asked = {}): Asked {
  return {
    ...('input' in job && { input: job.input }),
    ...('inputExcerpt' in job && { inputExcerpt: job.inputExcerpt }),
  };
}
