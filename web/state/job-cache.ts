/**
 * The jobs of a project as they are known here. Events change them at once; what shows a job is told before a
 * paint, once for all changes since the last one, and only when that job has changed.
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

/** An answer's job: whole, or an item of a batch in a list, of which only its state is known. */
type LoadedJob = JobFieldsFragment & Asked & { readonly items?: readonly LoadedItem[] };
/** What was asked for; it never changes, and not every answer has it. */
type Asked = Pick<JobView, 'input' | 'inputExcerpt'>;
type LoadedItem = JobFieldsFragment | ItemState;
/** What a list says of a batch's item. */
export interface ItemState {
  readonly id: string;
  readonly version: number;
  readonly status: JobStatus;
  readonly progress: number;
  readonly attempt: number;
}

/** What became of a job: for announcements, lists and filters. */
export interface StatusChange {
  readonly job: JobView;
  readonly before: JobStatus;
}

type Listener = () => void;

export class JobCache {
  readonly #jobs = new Map<string, JobView>();
  readonly #items = new Map<string, ItemState>();
  readonly #order = new JobOrder();
  /** Jobs and items that are known as the present stream's history has them; what is known of others may not hold any more. */
  readonly #confirmed = new Set<string>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #dirty = new Set<string>();
  readonly #schedule: (flush: () => void) => void;
  #scheduled = false;
  onStatus: (change: StatusChange) => void = () => {};
  /** An event of a job that is not known. */
  onUnknown: (event: JobEvent) => void = () => {};
  /** What was answered of a job is older than what is known, and that does not tell all of it: ask for it again. */
  onOutdated: (id: string) => void = () => {};
  /** Server time minus local time, in ms, as far as live events tell. */
  clockOffset = 0;

  /** @param schedule calls back once before the next paint */
  constructor(schedule: (flush: () => void) => void) {
    this.#schedule = schedule;
  }

  /** To be read before a question is sent, and given with its answer: it may be older than what events have told since. */
  get moment(): Moment {
    return this.#order.moment;
  }

  get(id: string): JobView | undefined {
    return this.#jobs.get(id);
  }

  /** A batch's item: whole when it is known, otherwise its state alone. */
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

  /** Takes a job from an answer, unless a later state is known already. @param asked when the question was sent */
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

  /** A stream begins anew: what is known may be over, or was never so after Redis was set back. */
  beginAnew(): void {
    this.#order.beginAnew();
    this.#confirmed.clear();
  }

  /** Jobs of which the server has said nothing since the stream began anew. */
  unconfirmed(): readonly string[] {
    return [...this.#jobs.keys()].filter((id) => !this.#confirmed.has(id));
  }

  /** Whether something on the page shows the job. */
  isShown(id: string): boolean {
    return this.#listeners.has(id);
  }

  /** Forgets a job: the server has it no more, or nobody looks at it. */
  remove(id: string): void {
    this.#jobs.delete(id);
    this.#items.delete(id);
    this.#touch(id);
  }

  /** The jobs whose predictions no event tells. */
  waiting(): readonly string[] {
    return [...this.#jobs.values()].filter(isWaiting).map(({ id }) => id);
  }

  /** What was asked of a waiting job; dropped when it has gone on meanwhile. */
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

  /** What a list says of a batch's item. */
  #loadItem(item: ItemState, asked: Moment): void {
    const latest = this.#order.take(item, asked);
    const known = this.item(item.id);
    if (known !== undefined && this.#isKept(item.id, latest !== item, asked)) return;
    const job = this.#confirmed.has(item.id) ? this.#jobs.get(item.id) : undefined;
    if (asked === this.moment) this.#confirmed.add(item.id);
    if (job !== undefined) return this.#put({ ...job, ...latest }, job);
    // What else is known of it is of an earlier history.
    this.#jobs.delete(item.id);
    this.#putItem(latest);
  }

  #putItem({ attempt, id, progress, status, version }: ItemState): void {
    this.#items.set(id, { attempt, id, progress, status, version });
    this.#touch(id);
  }

  /** Whether what is known stays: it is later than the answer, or the answer is of an earlier history. */
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
