/** One job, followed to its end. */
import { deferred } from './deferred.ts';
import { hasEnded, type Job, type JobResult, type ToldJob } from './job.ts';
import { RequestError } from './request.ts';

/**
 * The states of a job: an async iterable that ends with the ending, and the promise of the result. It begins to follow when it
 * is made. A reader that is slower than the job gets its newest state, and every reader the last.
 */
export interface JobRun extends AsyncIterable<Job> {
  /** The newest state; null before the first. */
  readonly job: Job | null;
  /**
   * What the job made.
   * @throws RequestError with the job's own code where it failed, CANCELLED, ABORTED after `stop`
   */
  readonly result: Promise<JobResult | null>;
  /** Called with each state. @returns ends it */
  onChange(listener: (job: Job) => void): () => void;
  /** Follows no longer; the job itself goes on. */
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
  /** The newest that events told, while the rest of the job is not read yet. */
  #told: ToldJob | null = null;
  #isOver = false;
  #isReading = false;
  /** It has to be read, or read again. */
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
    // Who reads the states alone need not catch it as well.
    this.result.catch(() => {});
    this.#leave = parts.watch({
      next: ({ data }) => {
        if (data != null) this.#take(data.jobEvents.job);
      },
      error: (error) => this.#end(error),
      // Versions count within one history.
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

  /** What no event tells: title, limits and times. */
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
    // It may be over before there is anything to leave.
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

/** Told and read, or read again: the last event's id is of one history, within which versions count. */
function isSameState(job: Job, shown: Job | null): boolean {
  return job.version === shown?.version && job.lastEventId === shown.lastEventId;
}

function failureOf(job: Job | null): RequestError {
  const { code = 'INTERNAL', details, message = 'The job failed' } = job?.error ?? {};
  return new RequestError(message, code, details ?? {});
}
