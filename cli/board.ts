/** What is known of the jobs that are shown: snapshots, carried on by events. Pure but for its own map. */
import type { Job, JobEvent, JobStatus, Wait, WholeJob } from './operations.ts';

export class Board {
  readonly #jobs = new Map<string, Job>();
  /** By job: when its prediction was told, by performance.now(). */
  readonly #toldAt = new Map<string, number>();
  /** The batch or job that is watched; null for a whole project. */
  readonly rootId: string | null;
  #itemIds: readonly string[] = [];

  constructor(root: WholeJob | null) {
    this.rootId = root?.id ?? null;
    if (root !== null) this.read(root);
  }

  get root(): Job | null {
    return this.rootId === null ? null : (this.#jobs.get(this.rootId) ?? null);
  }

  get isBatch(): boolean {
    return this.#itemIds.length > 0 || (this.root !== null && isBatchJob(this.root));
  }

  /** A batch's items in order. */
  get items(): readonly Job[] {
    return this.#itemIds.flatMap((id) => this.#jobs.get(id) ?? []);
  }

  /** Every job in the order in which it was met. */
  get jobs(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** Place of an item in its batch, from 1; 0 for any other job. */
  numberOf(id: string): number {
    return this.#itemIds.indexOf(id) + 1;
  }

  /** Whether the batch has items that no snapshot has shown yet. */
  get lacksItems(): boolean {
    return this.isBatch && this.#itemIds.length < (numberIn(this.root?.metadata, 'total') ?? 1);
  }

  /** What is known now. */
  get known(): ReadonlyMap<string, Job> {
    return new Map(this.#jobs);
  }

  /**
   * Takes in a snapshot, unless events have gone further meanwhile.
   * @param lost what was known when it was asked for behind a lost history: what has not changed since is replaced in any case
   */
  read({ items, ...job }: WholeJob, lost?: ReadonlyMap<string, Job>): void {
    if (items.length > 0) this.#itemIds = items.map(({ id }) => id);
    for (const one of [job, ...items]) {
      const known = this.#jobs.get(one.id);
      if (known === undefined || lost?.get(one.id) === known || isFurther(one, known)) this.#put(one);
    }
  }

  remove(id: string): void {
    this.#jobs.delete(id);
  }

  /** Takes in what was asked of a job that waits, unless it has gone on meanwhile. */
  note({ id, attempt, status, queuePosition, eta }: Wait): void {
    const known = this.#jobs.get(id);
    if (known === undefined || known.attempt !== attempt || known.status !== status) return;
    if (isWaiting(known)) this.#put({ ...known, queuePosition, eta });
  }

  /** The job with what is left of it at a time of performance.now(). */
  agedAt(job: Job, now: number): Job {
    if (job.eta === null) return job;
    const passed = Math.max(0, now - (this.#toldAt.get(job.id) ?? now)) / 1_000;
    const left = (seconds: number): number => Math.max(0, seconds - passed);
    const { remainingSeconds, lowSeconds, highSeconds, waitSeconds } = job.eta;
    const eta = {
      remainingSeconds: left(remainingSeconds),
      lowSeconds: left(lowSeconds),
      highSeconds: left(highSeconds),
      waitSeconds: left(waitSeconds),
    };
    return { ...job, eta };
  }

  /** @returns the job after the event; null when it is not about one that is shown */
  apply(event: JobEvent): Job | null {
    const known = this.#jobs.get(event.jobId);
    if (known === undefined && this.rootId !== null) return null;
    const job = known ?? unknownJob(event);
    // Read after this event was written.
    if (event.attempt < job.attempt || (event.attempt === job.attempt && hasEnded(job.status))) return null;
    const next = afterEvent(job, event);
    this.#put(next);
    return next;
  }

  #put(job: Job): void {
    if (job.eta !== this.#jobs.get(job.id)?.eta) this.#toldAt.set(job.id, performance.now());
    this.#jobs.set(job.id, job);
  }
}

export function hasEnded(status: JobStatus): boolean {
  return status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';
}

/** Whether no event tells its prediction: it waits, or is a batch. */
export function isWaiting({ status, taskName }: Job): boolean {
  return status === 'QUEUED' || status === 'RETRYING' || (status === 'RUNNING' && isBatchJob({ taskName }));
}

function isBatchJob({ taskName }: Pick<Job, 'taskName'>): boolean {
  return taskName.startsWith('batch_');
}

/** A number in a job's metadata. */
export function numberIn(metadata: unknown, key: string): number | null {
  if (typeof metadata !== 'object' || metadata === null) return null;
  const value = (metadata as Record<string, unknown>)[key];
  return typeof value === 'number' ? value : null;
}

const PHASES: Readonly<Record<JobStatus, number>> = {
  QUEUED: 0,
  RUNNING: 1,
  RETRYING: 2,
  COMPLETED: 3,
  FAILED: 3,
  CANCELLED: 3,
};

/** With the same progress, an event says more than a snapshot that was asked for before it. */
function isFurther(one: Job, other: Job): boolean {
  if (one.attempt !== other.attempt) return one.attempt > other.attempt;
  const phases = PHASES[one.status] - PHASES[other.status];
  return phases === 0 ? one.progress > other.progress : phases > 0;
}

function unknownJob({ jobId, taskName, attempt, timestamp }: JobEvent): Job {
  return {
    id: jobId,
    // No event tells these.
    projectId: '',
    workflow: '',
    taskName,
    status: 'QUEUED',
    progress: 0,
    step: null,
    steps: [],
    message: null,
    metadata: null,
    attempt,
    maxAttempts: attempt,
    eta: null,
    queuePosition: null,
    result: null,
    error: null,
    createdAt: timestamp,
    startedAt: null,
    finishedAt: null,
  };
}

function afterEvent(job: Job, event: JobEvent): Job {
  const { attempt } = event;
  switch (event.__typename) {
    case 'ProgressEvent':
      return afterProgress(job, event);
    case 'ErrorEvent': {
      const { error: message, code, details, retryAfterSeconds, timestamp } = event;
      const error = { message, code, details, retryAfterSeconds };
      if (event.willRetry) return { ...job, attempt, status: 'RETRYING', error, message, eta: null };
      const status = code === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
      return { ...job, attempt, status, error, message, eta: null, finishedAt: timestamp };
    }
    case 'CompletionEvent':
      return {
        ...{ ...job, attempt, status: 'COMPLETED', progress: 1, error: null, eta: null },
        ...{ result: event.result, finishedAt: event.timestamp },
      };
  }
}

function afterProgress(job: Job, event: JobEvent & { readonly __typename: 'ProgressEvent' }): Job {
  const { attempt, progress, step, message, metadata, timestamp } = event;
  const status = event.status === 'queued' ? 'QUEUED' : 'RUNNING';
  // Events of a batch, and the one of a job that enters the queue, tell no prediction: what was asked for stays.
  const isSilent = status === 'QUEUED' || isBatchJob(job);
  return {
    ...{ ...job, attempt, status, progress, step, message, metadata, error: null },
    eta: event.eta ?? (isSilent && attempt === job.attempt ? job.eta : null),
    queuePosition: status === 'QUEUED' ? job.queuePosition : null,
    startedAt: job.startedAt ?? (status === 'RUNNING' ? timestamp : null),
  };
}
