/**
 * The jobs of a project as they are known here. Events change them at once; what shows a job is told before a
 * paint, once for all changes since the last one, and only when that job has changed.
 */
import type { JobFieldsFragment, JobStatus } from '../generated/graphql.ts';
import {
  applyEvent,
  isEarlier,
  isWaiting,
  type JobEvent,
  type JobView,
  rankOfEvent,
  rankOfJob,
  statusAfter,
  steadyEta,
  type Wait,
} from './job-view.ts';

/** An answer's job: whole, or an item of a batch in a list, of which only its state is known. */
type LoadedJob = JobFieldsFragment & { readonly items?: readonly LoadedItem[] };
type LoadedItem = JobFieldsFragment | ItemState;
/** What a list says of a batch's item. */
export interface ItemState {
  readonly id: string;
  readonly status: JobStatus;
  readonly progress: number;
  readonly attempt: number;
}

/** What became of a job: for announcements, lists and filters. */
export interface StatusChange {
  readonly job: JobView;
  readonly before: JobStatus;
}

/** When something was asked: an answer may be older than what events have told since. */
export interface Moment {
  readonly epoch: number;
  /** Events that had come by then. */
  readonly events: number;
}

const LOG_LENGTH = 400;
const MAX_LOGS = 400;
const MAX_EARLY = 20_000;
const EMPTY: readonly JobEvent[] = [];

type Listener = () => void;

export class JobCache {
  readonly #jobs = new Map<string, JobView>();
  readonly #items = new Map<string, ItemState>();
  readonly #logs = new Map<string, readonly JobEvent[]>();
  /** The newest event of jobs that are not known (yet): the answer under way may be older. */
  readonly #early = new Map<string, JobEvent>();
  /** How often a stream has begun anew, without a cursor. */
  #epoch = 0;
  /** Jobs and items of which the server has said something in this epoch; what is known of others may not hold any more. */
  readonly #confirmed = new Set<string>();
  #events = 0;
  /** By job: the number of its latest event. */
  readonly #eventOf = new Map<string, number>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #dirty = new Set<string>();
  readonly #schedule: (flush: () => void) => void;
  #scheduled = false;
  onStatus: (change: StatusChange) => void = () => {};
  /** An event of a job that is not known. */
  onUnknown: (event: JobEvent) => void = () => {};
  /** Server time minus local time, in ms, as far as live events tell. */
  clockOffset = 0;

  /** @param schedule calls back once before the next paint */
  constructor(schedule: (flush: () => void) => void) {
    this.#schedule = schedule;
  }

  /** To be read before a question is sent, and given with its answer. */
  get moment(): Moment {
    return { epoch: this.#epoch, events: this.#events };
  }

  get(id: string): JobView | undefined {
    return this.#jobs.get(id);
  }

  /** A batch's item: whole when it is known, otherwise its state alone. */
  item(id: string): ItemState | undefined {
    return this.#jobs.get(id) ?? this.#items.get(id);
  }

  log(id: string): readonly JobEvent[] {
    return this.#logs.get(id) ?? EMPTY;
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
    const isLate = known !== undefined && this.#isOutdated(job, known, asked);
    const view: JobView = isLate ? { ...known, itemIds } : { ...job, itemIds, etaAt: now, ...queue };
    this.#confirm(job.id, asked);
    const early = this.#takeEarly(job.id);
    this.#put(early === undefined ? view : applyEvent(view, early, now), known);
  }

  apply(event: JobEvent, now: number): void {
    const { jobId } = event;
    this.#events += 1;
    this.#eventOf.set(jobId, this.#events);
    if (this.#eventOf.size > MAX_EARLY) dropFirst(this.#eventOf);
    this.clockOffset = Math.max(this.clockOffset, Date.parse(event.timestamp) - now);
    this.#addToLog(event);
    const known = this.item(jobId);
    if (known === undefined) {
      this.#keepEarly(event);
      this.onUnknown(event);
      return;
    }
    // The server was set back to a state before the one that is known, which is about to be asked for again.
    if (!this.#confirmed.has(jobId) && isEarlier(rankOfEvent(event), rankOfJob(known))) {
      this.#keepEarly(event);
      return;
    }
    this.#confirmed.add(jobId);
    const job = this.#jobs.get(jobId);
    if (job === undefined) this.#applyToItem(known, event);
    else this.#put(applyEvent(job, event, now), job);
  }

  /** A stream begins anew: what is known may be over, or was never so after Redis was set back, and the logs would have a gap. */
  beginAnew(): void {
    this.#epoch += 1;
    this.#confirmed.clear();
    this.#early.clear();
    for (const id of this.#logs.keys()) this.#touch(id);
    this.#logs.clear();
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
    const known = this.item(item.id);
    if (known !== undefined && this.#isOutdated(item, known, asked)) return;
    // What else is known of it is as old.
    if (!this.#confirmed.has(item.id)) this.#jobs.delete(item.id);
    this.#confirm(item.id, asked);
    this.#items.set(item.id, item);
    this.#touch(item.id);
    const early = this.#takeEarly(item.id);
    if (early !== undefined) this.#applyToItem(item, early);
  }

  #applyToItem(item: ItemState, event: JobEvent): void {
    if (isEarlier(rankOfEvent(event), rankOfJob(item))) return;
    const progress =
      event.__typename === 'ProgressEvent'
        ? event.progress
        : event.__typename === 'CompletionEvent'
          ? 1
          : item.progress;
    this.#items.set(item.id, { id: item.id, attempt: event.attempt, status: statusAfter(event), progress });
    this.#touch(item.id);
  }

  /** Whether what is known is to be kept: nothing of an earlier epoch is, once the server has said something in this one. */
  #isOutdated(loaded: ItemState, known: ItemState, asked: Moment): boolean {
    const isConfirmed = this.#confirmed.has(known.id);
    const [one, other] = [rankOfJob(loaded), rankOfJob(known)];
    if (asked.epoch !== this.#epoch) return isConfirmed || isEarlier(one, other);
    if (!isConfirmed) return false;
    if (isEarlier(one, other)) return true;
    // With the same rank, an event says more than an answer whose question was sent before it.
    return !isEarlier(other, one) && (this.#eventOf.get(known.id) ?? 0) > asked.events;
  }

  #confirm(id: string, asked: Moment): void {
    if (asked.epoch === this.#epoch) this.#confirmed.add(id);
  }

  #keepEarly(event: JobEvent): void {
    this.#early.set(event.jobId, event);
    if (this.#early.size > MAX_EARLY) dropFirst(this.#early);
  }

  /** The event that an answer of this epoch may be older than. */
  #takeEarly(id: string): JobEvent | undefined {
    if (!this.#confirmed.has(id)) return undefined;
    const event = this.#early.get(id);
    this.#early.delete(id);
    return event;
  }

  #addToLog(event: JobEvent): void {
    const log = this.log(event.jobId);
    // A cursor behind it was never handed on twice, but a new stream begins with the latest event again.
    if (log.at(-1)?.id === event.id) return;
    const kept = log.length >= LOG_LENGTH ? log.slice(log.length - LOG_LENGTH + 1) : log;
    this.#logs.delete(event.jobId);
    this.#logs.set(event.jobId, [...kept, event]);
    if (this.#logs.size > MAX_LOGS) dropFirst(this.#logs);
    this.#touch(event.jobId);
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

function dropFirst(map: Map<string, unknown>): void {
  const [first] = map.keys();
  if (first !== undefined) map.delete(first);
}
