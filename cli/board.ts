/** What is known of the jobs that are shown: snapshots, carried on by events. Pure but for its own map. */
import type { Job, JobEvent, JobStatus, WholeJob } from './operations.ts';

export class Board {
  readonly #jobs = new Map<string, Job>();
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
    return this.#itemIds.length > 0 || (this.root?.taskName.startsWith('batch_') ?? false);
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

  /** Takes in a snapshot, unless events have gone further meanwhile. */
  read({ items, ...job }: WholeJob): void {
    if (items.length > 0) this.#itemIds = items.map(({ id }) => id);
    for (const one of [job, ...items]) {
      const known = this.#jobs.get(one.id);
      if (known === undefined || isFurther(one, known)) this.#jobs.set(one.id, one);
    }
  }

  /** @returns the job after the event; null when it is not about one that is shown */
  apply(event: JobEvent): Job | null {
    const known = this.#jobs.get(event.jobId);
    if (known === undefined && this.rootId !== null) return null;
    const job = known ?? unknownJob(event);
    // Read after this event was written.
    if (event.attempt < job.attempt || (event.attempt === job.attempt && hasEnded(job.status))) return null;
    const next = afterEvent(job, event);
    this.#jobs.set(event.jobId, next);
    return next;
  }
}

export function hasEnded(status: JobStatus): boolean {
  return status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';
}

/** A number in a job's metadata. */
export function numberIn(metadata: unknown, key: string): number | null {
  if (typeof metadata !== 'object' || metadata === null) return null;
  const value = (metadata as Record<string, unknown>)[key];
  return typeof value === 'number' ? value : null;
}

function isFurther(one: Job, other: Job): boolean {
  if (one.attempt !== other.attempt) return one.attempt > other.attempt;
  if (hasEnded(one.status) || hasEnded(other.status)) return hasEnded(one.status);
  return one.progress >= other.progress;
}

function unknownJob({ jobId, taskName, attempt, timestamp }: JobEvent): Job {
  return {
    id: jobId,
    projectId: '',
    workflow: workflowOf(taskName),
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
    result: null,
    error: null,
    createdAt: timestamp,
    startedAt: null,
    finishedAt: null,
  };
}

function workflowOf(taskName: string): Job['workflow'] {
  if (taskName.endsWith('verified_audio')) return 'AUDIO';
  if (taskName === 'script_writing') return 'WRITER';
  return taskName === 'lipsync' ? 'LIPSYNC' : 'DIRECTOR';
}

function afterEvent(job: Job, event: JobEvent): Job {
  const { attempt } = event;
  switch (event.__typename) {
    case 'ProgressEvent': {
      const { progress, step, message, metadata, eta } = event;
      const status = event.status === 'queued' ? 'QUEUED' : 'RUNNING';
      const startedAt = job.startedAt ?? (status === 'RUNNING' ? event.timestamp : null);
      return { ...job, attempt, status, progress, step, message, metadata, eta, startedAt, error: null };
    }
    case 'ErrorEvent': {
      const { error: message, code, details, retryAfterSeconds, timestamp } = event;
      const error = { message, code, details, retryAfterSeconds };
      if (event.willRetry) return { ...job, attempt, status: 'RETRYING', error, message };
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
