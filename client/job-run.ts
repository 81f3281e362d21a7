/** One job, followed to its end. */
import { deferred } from './deferred.ts';
import { hasEnded, type Job, type JobResult, type ToldJob } from './job.ts';
import { RequestError } from './request.ts';

/**
 * The states of a job, as an async iterable that ends with the job, and the promise of its result. Following begins on
 * construction. A reader slower than the job gets its newest state, and every reader gets the last one.
 */
export interface JobRun extends AsyncIterable<Job> {
  /** The newest state; null before the first. */
  readonly job: Job | null;
  /**
   * The job's result.
   * @throws RequestError with the job's own code if it failed; CANCELLED; ABORTED after `stop`
   */
  readonly result: Promise<JobResult | null>;
  /** Calls the listener with each state. @returns a function that ends listening */
  onChange(listener: (job: Job) => void): () => void;
  /** Stops following; the job itself continues. */
  stop(): void;
}

interface RunParts {
  readonly load: () => Promise<Job | null>;
  readonly watch: (sink: {
    readonly next: (result: {
      readonly data?: { readonly jobEvents: { readonly job: ToldJob } } | null;
    }) => void;
    readonly error: (error: unknown) => void;
    readonly anew: () => void;
  }) => () => void;
}

const READ_AGAIN_MS = 1_000;

export function followJob(parts: RunParts): JobRun {
  return new Run(parts);
}

class Run implements JobRun {
  readonly result: Promise<JobResult | null>;
  job: Job | null = null;
  /** The newest state from events, also before the rest of the job has been read. */
  #told: ToldJob | null = null;
  #isOver = false;
  #isReading = false;
  /** The job has to be read, or read again. */
  #isOutdated = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #parts: RunParts;
  readonly #settled = deferred<JobResult | null>();
  readonly #listeners = new Set<(job: Job) => void>();
  #changed = deferred();
  readonly #leave: () => void;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.result = this.#settled.promise;
    // Callers that only read the states need not catch it as well.
    this.result.catch(() => {});
    this.#leave = parts.watch({
      next: ({ data }) => {
        if (data != null) this.#take(data.jobEvents.job);
      },
      error: (error) => this.#end(error),
      // Versions are comparable within one history only.
      anew: () => {
        this.#told = null;
        void this.#read();
      },
    });
  }

  onChange(listener: (job: Job) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#end(new RequestError('no longer followed', 'ABORTED'));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Job, void, void> {
    let given: Job | null = null;
    for (;;) {
      const changed = this.#changed.promise;
      if (this.job !== null && this.job !== given) {
        given = this.job;
        yield given;
      } else if (this.#isOver) {
        return;
      } else await changed;
    }
  }

  /** Reads what events do not contain: title, limits and times. */
  async #read(): Promise<void> {
    if (this.#isReading) {
      this.#isOutdated = true;
      return;
    }
    this.#isReading = true;
    this.#isOutdated = false;
    clearTimeout(this.#timer);
    try {
      const job = await this.#parts.load();
      if (job === null) throw new RequestError('There is no such job in the project', 'NOT_FOUND');
      const told = this.#told;
      this.#show(told === null || told.version < job.version ? job : { ...job, ...told });
    } catch (error) {
      const code = error instanceof RequestError ? error.code : 'NETWORK';
      if (code !== 'NETWORK' && code !== 'UNAVAILABLE') this.#end(error);
      this.#isOutdated = true;
    } finally {
      this.#isReading = false;
    }
    if (this.#isOutdated && !this.#isOver) this.#timer = setTimeout(() => void this.#read(), READ_AGAIN_MS);
  }

  #take(told: ToldJob): void {
    if (this.#told !== null && told.version < this.#told.version) return;
    this.#told = told;
    if (this.job === null) return;
    if (told.version >= this.job.version) this.#show({ ...this.job, ...told });
  }

  #show(job: Job): void {
    if (this.#isOver || isSameState(job, this.job)) return;
    this.job = job;
    for (const listener of this.#listeners) listener(job);
    if (hasEnded(job)) this.#end(null, job);
    else this.#wake();
  }

  /** @param error null: the job has ended */
  #end(error: unknown, job: Job | null = null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    // This may happen before `#leave` has been assigned.
    queueMicrotask(() => this.#leave());
    if (job?.status === 'COMPLETED') this.#settled.resolve(job.result);
    else this.#settled.reject(error ?? failureOf(job));
    this.#wake();
  }

  #wake(): void {
    const changed = this.#changed;
    this.#changed = deferred();
    changed.resolve();
  }
}

/**
 * The same state may come from an event and from a read, or be read twice. The last event's id identifies the history, within
 * which versions are comparable.
 */
function isSameState(job: Job, shown: Job | null): boolean {
  return job.version === shown?.version && job.lastEventId === shown.lastEventId;
}

function failureOf(job: Job | null): RequestError {
  const { code = 'INTERNAL', details, message = 'The job failed' } = job?.error ?? {};
  return new RequestError(message, code, details ?? {});
}
