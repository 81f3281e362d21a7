/**
 * The jobs that components show, shared by all of them: one subscription per project, however many components there are.
 * Components are notified at most once per frame, and only if their job or list has changed.
 */
import { placeJob } from '../cache/job-lists.ts';
import { JobOrder } from '../cache/job-order.ts';
import type { JobFilter, PlayheadClient } from '../client.ts';
import type { Job, ToldJob } from '../job.ts';
import { RequestError } from '../request.ts';

/** What a component sees of data read from the server. */
export interface Loaded<Value> {
  /** Null while unknown, and if there is none. */
  readonly data: Value | null;
  readonly error: RequestError | null;
  readonly isLoading: boolean;
}

export interface JobsStore {
  /** @returns a function that ends watching */
  watchJob(projectId: string | undefined, id: string, listener: () => void): () => void;
  job(projectId: string | undefined, id: string): Loaded<Job>;
  /** @returns a function that ends watching */
  watchList(filter: JobFilter, listener: () => void): () => void;
  list(filter: JobFilter): Loaded<readonly Job[]>;
  close(): void;
}

export const LOADING: Loaded<never> = { data: null, error: null, isLoading: true };
const READ_AGAIN_MS = 1_000;
const SOON_MS = 200;
const FRAME_MS = 16;

/** The part of the client that is used. */
type Source = Pick<PlayheadClient, 'job' | 'jobs' | 'onConnection' | 'watch'>;

export function createJobsStore(client: Source): JobsStore {
  return new Store(client);
}

/** A query whose answer is shown, and kept up to date by events. */
interface Entry {
  readonly key: string;
  readonly projectId: string | undefined;
  /** The job that it is about; null: a list. */
  readonly jobId: string | null;
  readonly listeners: Set<() => void>;
  shown: Loaded<unknown>;
  /** Reads the current data. */
  readonly read: () => Promise<unknown>;
  /** @returns the data after the job's change; the same object if it makes no difference */
  readonly apply: (data: unknown, job: ToldJob) => unknown;
  isReading: boolean;
  isOutdated: boolean;
  /** A read is scheduled. */
  isDue: boolean;
  stream: Stream | null;
}

/** The events of a project, or of one job if the credential may read no other. */
interface Stream {
  readonly key: string;
  readonly jobId: string | null;
  readonly order: JobOrder;
  readonly entries: Set<Entry>;
  /** Why no more events arrive. */
  refusal: RequestError | null;
  leave: () => void;
}

type Parts = Pick<Entry, 'projectId' | 'jobId' | 'read' | 'apply'>;

class Store implements JobsStore {
  readonly #client: Source;
  readonly #entries = new Map<string, Entry>();
  readonly #streams = new Map<string, Stream>();
  /** Projects of which the credential may read only certain jobs, each over its own stream. */
  readonly #narrow = new Set<string | undefined>();
  readonly #dirty = new Set<Entry>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isDue = false;

  constructor(client: Source) {
    this.#client = client;
  }

  watchJob(projectId: string | undefined, id: string, listener: () => void): () => void {
    const project = projectId === undefined ? {} : { projectId };
    return this.#watch(jobKey(projectId, id), listener, {
      projectId,
      jobId: id,
      read: () => this.#client.job(id, project),
      apply: (data, told) => (told.id === id && data !== null ? merge(data as Job, told) : data),
    });
  }

  job(projectId: string | undefined, id: string): Loaded<Job> {
    return (this.#entries.get(jobKey(projectId, id))?.shown ?? LOADING) as Loaded<Job>;
  }

  watchList(filter: JobFilter, listener: () => void): () => void {
    const { projectId } = filter;
    return this.#watch(listKey(filter), listener, {
      projectId,
      jobId: null,
      read: async () => (await this.#client.jobs(filter)).jobs,
      apply: (data, told) => (data === null ? data : place(data as readonly Job[], told, filter)),
    });
  }

  list(filter: JobFilter): Loaded<readonly Job[]> {
    return (this.#entries.get(listKey(filter))?.shown ?? LOADING) as Loaded<readonly Job[]>;
  }

  close(): void {
    for (const { leave } of this.#streams.values()) leave();
    this.#streams.clear();
    // StrictMode closes a store that it then continues to use.
    this.#entries.clear();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #watch(key: string, listener: () => void, parts: Parts): () => void {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const state = { shown: LOADING, isReading: false, isOutdated: false, isDue: false, stream: null };
      entry = { key, listeners: new Set(), ...state, ...parts };
      this.#entries.set(key, entry);
      this.#follow(entry);
      // A stream that has just begun has already requested it.
      if (!entry.isReading) void this.#read(entry);
    }
    const own = entry;
    own.listeners.add(listener);
    return () => {
      own.listeners.delete(listener);
      // StrictMode, and navigating to another page, resubscribe at once.
      this.#after(0, () => {
        if (own.listeners.size === 0 && this.#entries.get(key) === own) this.#forget(own);
      });
    };
  }

  #follow(entry: Entry): void {
    const { projectId } = entry;
    const jobId = this.#narrow.has(projectId) ? entry.jobId : null;
    const key = JSON.stringify([projectId, jobId]);
    const known = this.#streams.get(key);
    const made = {
      key,
      jobId,
      order: new JobOrder(),
      entries: new Set<Entry>(),
      refusal: null,
      leave: () => {},
    };
    const stream: Stream = known ?? made;
    entry.stream = stream;
    stream.entries.add(entry);
    if (known !== undefined) return;
    this.#streams.set(key, stream);
    const options = { ...(projectId !== undefined && { projectId }), ...(jobId !== null && { jobId }) };
    let isAnew = false;
    // Jobs that ended while the stream was connecting are not in it, and may have been read before that.
    const unlisten = this.#client.onConnection(({ name }) => {
      if (name !== 'live' || !isAnew) return;
      isAnew = false;
      for (const one of stream.entries) void this.#read(one);
    });
    const leave = this.#client.watch(
      {
        next: (told) => {
          const { job } = stream.order.take({ job: told });
          for (const one of stream.entries) this.#tellOf(one, job);
        },
        // What is shown may belong to another history.
        anew: () => {
          isAnew = true;
          stream.order.beginAnew();
          for (const one of stream.entries) void this.#read(one);
        },
        error: (error) => this.#refused(stream, error as RequestError),
      },
      options,
    );
    stream.leave = () => {
      unlisten();
      leave();
    };
  }

  #tellOf(entry: Entry, told: ToldJob): void {
    const { data } = entry.shown;
    const next = entry.apply(data, told);
    this.#show(entry, { data: next });
    // An event does not contain everything about a job that is new to the list, such as its title.
    if (Array.isArray(next) && Array.isArray(data) && next.length > data.length) this.#readSoon(entry);
  }

  /** Reads the entry once for all changes within the next moment. */
  #readSoon(entry: Entry): void {
    if (entry.isDue) return;
    entry.isDue = true;
    this.#after(SOON_MS, () => {
      entry.isDue = false;
      if (this.#entries.get(entry.key) === entry) void this.#read(entry);
    });
  }

  /** A token for one job is refused the project's stream, but may use that of the job. */
  #refused(stream: Stream, error: RequestError): void {
    stream.refusal = error;
    for (const entry of [...stream.entries]) {
      if (error.code === 'FORBIDDEN' && entry.jobId !== null && stream.jobId === null) {
        this.#narrow.add(entry.projectId);
        this.#leave(entry);
        this.#follow(entry);
      } else {
        // The error of the read says more. What is shown must not depend on which of the two comes last.
        this.#show(entry, { error: entry.shown.error ?? error, isLoading: false });
      }
    }
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#leave(entry);
  }

  #leave(entry: Entry): void {
    const { stream } = entry;
    entry.stream = null;
    stream?.entries.delete(entry);
    if (stream === null || stream.entries.size > 0) return;
    this.#streams.delete(stream.key);
    stream.leave();
  }

  async #read(entry: Entry): Promise<void> {
    if (entry.isReading) {
      entry.isOutdated = true;
      return;
    }
    entry.isReading = true;
    entry.isOutdated = false;
    const order = entry.stream?.order;
    const asked = order?.moment ?? 0;
    let hasFailed = false;
    try {
      const answer = order?.take(await entry.read(), asked) ?? null;
      // Adds the jobs that were created while the answer was on its way.
      const data = (order?.newJobs ?? []).reduce<unknown>(
        (shown, job) => entry.apply(shown, job as never),
        answer,
      );
      this.#show(entry, { data, error: entry.stream?.refusal ?? null, isLoading: false });
    } catch (error) {
      const failure = error instanceof RequestError ? error : new RequestError(String(error), 'INTERNAL');
      this.#show(entry, { error: failure, isLoading: false });
      hasFailed = failure.code === 'NETWORK' || failure.code === 'UNAVAILABLE';
    } finally {
      entry.isReading = false;
    }
    if (this.#entries.get(entry.key) !== entry) return;
    if (hasFailed) this.#after(READ_AGAIN_MS, () => void this.#read(entry));
    else if (entry.isOutdated) void this.#read(entry);
  }

  #show(entry: Entry, change: Partial<Loaded<unknown>>): void {
    const shown = { ...entry.shown, ...change };
    const isSame = shown.data === entry.shown.data && shown.error === entry.shown.error;
    if (isSame && shown.isLoading === entry.shown.isLoading) return;
    entry.shown = shown;
    this.#dirty.add(entry);
    if (this.#isDue) return;
    this.#isDue = true;
    beforeNextPaint(() => this.#tell());
  }

  #tell(): void {
    this.#isDue = false;
    const entries = [...this.#dirty];
    this.#dirty.clear();
    for (const { listeners } of entries) for (const listener of listeners) listener();
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }
}

/** A hidden page paints nothing, but should be up to date when it is shown again. */
function beforeNextPaint(work: () => void): void {
  const page = globalThis as {
    readonly document?: { readonly hidden: boolean };
    requestAnimationFrame?(work: () => void): unknown;
  };
  if (page.requestAnimationFrame === undefined || page.document?.hidden !== false) setTimeout(work, FRAME_MS);
  else page.requestAnimationFrame(work);
}

function jobKey(projectId: string | undefined, id: string): string {
  return JSON.stringify(['job', projectId ?? null, id]);
}

function listKey(filter: JobFilter): string {
  const { after, first, items, projectId, status, workflow } = filter;
  return JSON.stringify(['jobs', projectId, status, workflow, items, first, after]);
}

function merge(job: Job, told: ToldJob): Job {
  return told.version < job.version ? job : { ...job, ...told };
}

function place(jobs: readonly Job[], told: ToldJob, filter: JobFilter): readonly Job[] {
  const at = jobs.findIndex(({ id }) => id === told.id);
  const asked = { ...filter, projectId: told.projectId };
  const ids = jobs.map(({ id }) => id);
  const placing = placeJob(ids, told, asked, jobs.length >= (filter.first ?? 20));
  if (placing === null) {
    const job = jobs[at];
    const changed = job === undefined ? undefined : merge(job, told);
    return changed === undefined || changed === job ? jobs : jobs.with(at, changed);
  }
  if ('removeAt' in placing) return jobs.toSpliced(placing.removeAt, 1);
  // Fields missing from the event get the values of a job that has just begun.
  const added: Job = { title: null, maxAttempts: told.attempt, createdAt: '', startedAt: null, ...told };
  return jobs.toSpliced(placing.insertAt, 0, added);
}
