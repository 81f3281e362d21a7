/** The latest known state of each job that is shown, whether it came from an answer or an event. */
import { agedRange } from '../client/aged-eta.ts';
import { JobOrder, type Moment } from '../client/cache/job-order.ts';
import type { Job, JobEvent, ToldJob, Wait, WholeJob } from './operations.ts';

export class Board {
  readonly #order = new JobOrder();
  readonly #jobs = new Map<string, Job>();
  /** By job: when its prediction was received, from performance.now(). */
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

  /** Every job, in the order in which they were first seen. */
  get jobs(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** The number of an item in its batch, from 1; 0 for any other job. */
  numberOf(id: string): number {
    return this.#itemIds.indexOf(id) + 1;
  }

  /** Whether the batch has items that no snapshot has shown yet. */
  get lacksItems(): boolean {
    return this.isBatch && this.#itemIds.length < (numberIn(this.root?.metadata, 'total') ?? 1);
  }

  /** Read this before requesting a job, and pass it along with the answer. */
  get moment(): Moment {
    return this.#order.moment;
  }

  /** Call when the history was lost: from now on, answers to new requests count, whatever they say. */
  beginAnew(): void {
    this.#order.beginAnew();
  }

  /**
   * Takes in a snapshot, unless events have overtaken it.
   * @param asked the moment before it was requested
   */
  read(whole: WholeJob, asked: Moment = this.moment): void {
    const { items, ...job } = whole;
    if (items.length > 0) this.#itemIds = items.map(({ id }) => id);
    for (const one of [job, ...items]) {
      const latest = this.#order.take(one, asked);
      if (latest === one || !this.#jobs.has(one.id)) this.#put(latest);
    }
  }

  remove(id: string): void {
    this.#jobs.delete(id);
  }

  /** Takes in the queried prediction of a waiting job, unless the job has moved on meanwhile. */
  note({ id, attempt, status, queuePosition, eta }: Wait): void {
    const known = this.#jobs.get(id);
    if (known === undefined || known.attempt !== attempt || known.status !== status) return;
    if (isWaiting(known)) this.#put({ ...known, queuePosition, eta });
  }

  /** The job with its remaining time as of a time from performance.now(). */
  agedAt(job: Job, now: number): Job {
    if (job.eta === null) return job;
    const passed = Math.max(0, now - (this.#toldAt.get(job.id) ?? now)) / 1_000;
    const waitSeconds = Math.max(0, job.eta.waitSeconds - passed);
    return { ...job, eta: { ...agedRange(job.eta, passed), waitSeconds } };
  }

  /** @returns the job after the event; null when the job is not shown, or a later state is known */
  apply(event: JobEvent): Job | null {
    const known = this.#jobs.get(event.jobId);
    if (known === undefined && this.rootId !== null) return null;
    const told: ToldJob = event.job;
    if (this.#order.take(told).version > told.version) return null;
    const next = known === undefined ? newJob(told, event) : afterEvent(known, told);
    this.#put(next);
    return next;
  }

  #put(job: Job): void {
    if (job.eta !== this.#jobs.get(job.id)?.eta) this.#toldAt.set(job.id, performance.now());
    this.#jobs.set(job.id, job);
  }
}

/** Whether events do not contain the job's prediction: it waits, or is a batch. */
export function isWaiting(job: Job): boolean {
  const { status } = job;
  return status === 'QUEUED' || status === 'RETRYING' || (status === 'RUNNING' && isBatchJob(job));
}

function isBatchJob({ taskName, workflow }: Pick<Job, 'taskName' | 'workflow'>): boolean {
  return taskName.startsWith('batch_') && !isTracked({ workflow });
}

/** Whether the job runs elsewhere, and is named after its task. */
export function isTracked({ workflow }: Pick<Job, 'workflow'>): boolean {
  return workflow === 'TRACKED';
}

/** A number in a job's metadata. */
export function numberIn(metadata: unknown, key: string): number | null {
  if (typeof metadata !== 'object' || metadata === null) return null;
  const value = (metadata as Record<string, unknown>)[key];
  return typeof value === 'number' ? value : null;
}

/** A job that is known only from an event. */
function newJob(told: ToldJob, { timestamp }: JobEvent): Job {
  const untold = { title: null, steps: [], queuePosition: null, startedAt: null };
  return { ...untold, ...told, maxAttempts: told.attempt, createdAt: timestamp };
}

function afterEvent(known: Job, told: ToldJob): Job {
  const { attempt, eta, status } = told;
  // Events of a batch, and that of a job entering the queue, contain no prediction: the queried one is kept.
  const isSilent = status === 'QUEUED' || (status === 'RUNNING' && isBatchJob(told));
  return {
    ...{ ...known, ...told },
    eta: eta ?? (isSilent && attempt === known.attempt ? known.eta : null),
    queuePosition: status === 'QUEUED' ? known.queuePosition : null,
  };
}
