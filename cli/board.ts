/** What is known of the jobs that are shown: the latest state of each, whether an answer or an event told it. */
import { agedRange } from '../client/aged-eta.ts';
import { JobOrder, type Moment } from '../client/cache/job-order.ts';
import type { Job, JobEvent, ToldJob, Wait, WholeJob } from './operations.ts';

export class Board {
  readonly #order = new JobOrder();
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

  /** To be read before a job is asked for, and given with the answer. */
  get moment(): Moment {
    return this.#order.moment;
  }

  /** The history was lost: answers to what is asked from now on count, whatever they say. */
  beginAnew(): void {
    this.#order.beginAnew();
  }

  /**
   * Takes in a snapshot, unless events have gone further meanwhile.
   * @param asked the moment before it was asked for
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
    const waitSeconds = Math.max(0, job.eta.waitSeconds - passed);
    return { ...job, eta: { ...agedRange(job.eta, passed), waitSeconds } };
  }

  /** @returns the job after the event; null when it is not about one that is shown, or a later state is known */
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

/** Whether no event tells its prediction: it waits, or is a batch. */
export function isWaiting(job: Job): boolean {
  const { status } = job;
  return status === 'QUEUED' || status === 'RETRYING' || (status === 'RUNNING' && isBatchJob(job));
}

function isBatchJob({ taskName, workflow }: Pick<Job, 'taskName' | 'workflow'>): boolean {
  return taskName.startsWith('batch_') && !isTracked({ workflow });
}

/** Whether the job runs elsewhere, and bears the name of its task. */
export function isTracked({ workflow }: Pick<Job, 'workflow'>): boolean {
  return workflow === 'TRACKED';
}

/** A number in a job's metadata. */
export function numberIn(metadata: unknown, key: string): number | null {
  if (typeof metadata !== 'object' || metadata === null) return null;
  const value = (metadata as Record<string, unknown>)[key];
  return typeof value === 'number' ? value : null;
}

/** A job that no answer has told of. */
function newJob(told: ToldJob, { timestamp }: JobEvent): Job {
  const untold = { title: null, steps: [], queuePosition: null, startedAt: null };
  return { ...untold, ...told, maxAttempts: told.attempt, createdAt: timestamp };
}

function afterEvent(known: Job, told: ToldJob): Job {
  const { attempt, eta, status } = told;
  // Events of a batch, and the one of a job that enters the queue, tell no prediction: what was asked for stays.
  const isSilent = status === 'QUEUED' || (status === 'RUNNING' && isBatchJob(told));
  return {
    ...{ ...known, ...told },
    eta: eta ?? (isSilent && attempt === known.attempt ? known.eta : null),
    queuePosition: status === 'QUEUED' ? known.queuePosition : null,
  };
}
