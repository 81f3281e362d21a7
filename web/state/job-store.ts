/**
 * The jobs of a project as they are known here. Events change them at once; what shows a job is told before a
 * paint, once for all changes since the last one, and only when that job has changed.
 */
import type { JobFieldsFragment, JobStatus } from '../generated/graphql.ts';
import {
  applyEvent,
  hasEnded,
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

const LOG_LENGTH = 400;
const LOGS_MOST = 400;
const EARLY_MOST = 20_000;
const EMPTY: readonly JobEvent[] = [];

type Listener = () => void;

export class JobStore {
  readonly #jobs = new Map<string, JobView>();
  readonly #items = new Map<string, ItemState>();
  readonly #logs = new Map<string, readonly JobEvent[]>();
  /** The newest event of jobs that are not known (yet): the answer under way may be older. */
  readonly #early = new Map<string, JobEvent>();
  /** Jobs about which the present stream has said something. */
  #heard = new Set<string>();
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

  /** Takes a job from an answer, unless a later state is known already. */
  load(loaded: LoadedJob, now: number): void {
    const { items, ...job } = loaded;
    const known = this.#jobs.get(job.id);
    const itemIds = items?.map(({ id }) => id) ?? known?.itemIds ?? [];
    for (const item of items ?? []) {
      if ('steps' in item) this.load(item, now);
      else this.#items.set(item.id, item);
    }
    const later = known !== undefined && isEarlier(rankOfJob(job), rankOfJob(known));
    const queue = known?.queue === undefined ? {} : { queue: known.queue };
    let view: JobView = later ? { ...known, itemIds } : { ...job, itemIds, etaAt: now, ...queue };
    const early = this.#early.get(job.id);
    if (early !== undefined) {
      this.#early.delete(job.id);
      view = applyEvent(view, early, now);
    }
    this.#put(view, known);
  }

  apply(event: JobEvent, now: number): void {
    const { jobId } = event;
    this.#heard.add(jobId);
    this.clockOffset = Math.max(this.clockOffset, Date.parse(event.timestamp) - now);
    this.#addToLog(event);
    const job = this.#jobs.get(jobId);
    if (job !== undefined) {
      this.#put(applyEvent(job, event, now), job);
      return;
    }
    const item = this.#items.get(jobId);
    if (item !== undefined) {
      this.#applyToItem(item, event);
      return;
    }
    this.#early.set(jobId, event);
    if (this.#early.size > EARLY_MOST) dropFirst(this.#early);
    this.onUnknown(event);
  }

  /** The history is lost: the logs would have a gap. */
  forgetLogs(): void {
    for (const id of this.#logs.keys()) this.#touch(id);
    this.#logs.clear();
  }

  /** Jobs that are shown as not ended, of which no stream has said anything; a stream begins with all that have not ended. */
  unheard(): readonly string[] {
    return [...this.#jobs.values()]
      .filter((job) => !hasEnded(job) && !this.#heard.has(job.id))
      .map(({ id }) => id);
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

  #addToLog(event: JobEvent): void {
    const log = this.log(event.jobId);
    // A cursor behind it was never handed on twice, but a new stream begins with the latest event again.
    if (log.at(-1)?.id === event.id) return;
    const kept = log.length >= LOG_LENGTH ? log.slice(log.length - LOG_LENGTH + 1) : log;
    this.#logs.delete(event.jobId);
    this.#logs.set(event.jobId, [...kept, event]);
    if (this.#logs.size > LOGS_MOST) dropFirst(this.#logs);
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
