/**
 * trackWorker: shows the jobs of a BullMQ worker as Playhead's jobs, without changes to the processor. It listens to the
 * worker's events and imports nothing from BullMQ: the types below cover what it uses of versions 5 and 6.
 *
 *   active      an attempt begins; a job that BullMQ runs again is the next attempt of the same job
 *   progress    job.updateProgress: percent, or an object (readProgress)
 *   completed   the result
 *   failed      the error, and whether BullMQ will run the job again and when
 *   stalled     the next attempt reports that the previous worker fell silent
 *
 * A cancellation aborts the signal that BullMQ gives to the processor.
 */
import type { Json, JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import { type StepShares, toStepRanges } from '../progress/step-shares.ts';
import { connectTracker } from './connect-tracker.ts';
import type { TrackerConnection, TrackOptions } from './connection.ts';
import type { ProgressTracker } from './progress-tracker.ts';

/** The parts of a BullMQ job that are used here. */
export interface BullJob {
  readonly id?: string | undefined;
  readonly name: string;
  readonly opts: { readonly attempts?: number | undefined };
  readonly attemptsMade: number;
  readonly attemptsStarted?: number;
  readonly stalledCounter?: number;
  /** Set when BullMQ will not run the job again. */
  readonly finishedOn?: number | null | undefined;
  /** The wait before the next attempt, in ms. */
  readonly delay?: number;
  isActive(): Promise<boolean>;
}

/** The parts of a BullMQ worker that are used here. */
export interface BullWorker {
  /** The queue's name. */
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each event has its own listener, which BullMQ types.
  on(event: 'active' | 'progress' | 'completed' | 'failed' | 'closed', listener: any): unknown;
  cancelJob?(jobId: string, reason?: string): boolean;
}

/** The type of a worker's jobs. */
type JobOf<Worker extends BullWorker> = Extract<Parameters<Parameters<Worker['on']>[1]>[0], BullJob>;

/** What a call of job.updateProgress reports. Omitted fields keep their values. */
export interface ProgressReading {
  /** 0..1 of the whole job. */
  readonly progress?: number;
  readonly step?: string;
  /** 0..1 inside the step. */
  readonly stepProgress?: number;
  readonly message?: string;
  readonly metadata?: JsonObject | null;
}

/** Options of trackWorker. */
export interface TrackWorkerOptions<Job extends BullJob> extends Pick<TrackOptions, 'leaseSeconds'> {
  readonly projectId: string | ((job: Job) => string);
  /** @default the job's name */
  readonly taskName?: string | ((job: Job) => string);
  readonly title?: (job: Job) => string | undefined;
  /** The part of the job's data that may be seen in Playhead. @default nothing */
  readonly input?: (job: Job) => Json | undefined;
  /** Shares of the time by step, for `progressOf(job)?.step(…)` and updateProgress({ step }). */
  readonly steps?: StepShares;
  /** What job.updateProgress means. @default readProgress */
  readonly progress?: (value: unknown, job: Job) => ProgressReading;
  /** @default connectTracker(), which reads PLAYHEAD_URL and PLAYHEAD_TOKEN; closed with the worker */
  readonly playhead?: TrackerConnection;
}

const trackers = new WeakMap<object, ProgressTracker>();

/**
 * Returns the tracker of a job, inside its processor. It is undefined where the worker is not tracked in this process, as in a
 * sandboxed processor, which has job.updateProgress instead.
 * @example progressOf(job)?.step('encode', 0.5, 'Frame 50 of 100');
 */
export function progressOf(job: object): ProgressTracker | undefined {
  return trackers.get(job);
}

/**
 * Tracks all jobs of a BullMQ worker. Failures of Playhead never reach the worker.
 * @returns the connection; a caller that passed in its own closes it
 * @throws DefinitionError for invalid steps, TypeError without a connection
 * @example trackWorker(worker, { projectId: (job) => job.data.projectId, taskName: 'transcode', steps: { probe: 1, encode: 8 } });
 */
export function trackWorker<Worker extends BullWorker>(
  worker: Worker,
  options: TrackWorkerOptions<JobOf<Worker>>,
): TrackerConnection {
  if (options.steps !== undefined) toStepRanges(options.steps, 'steps');
  const playhead = options.playhead ?? connectTracker();
  const tracking = new WorkerTracking<JobOf<Worker>>(worker, options, playhead);
  type Job = JobOf<Worker>;
  worker.on(
    'active',
    guarded((job: Job) => tracking.begin(job)),
  );
  worker.on(
    'progress',
    guarded((job: Job, value: unknown) => tracking.report(job, value)),
  );
  worker.on(
    'completed',
    guarded((job: Job, result: unknown) => tracking.complete(job, result)),
  );
  worker.on(
    'failed',
    guarded((job: Job | undefined, error: Error) => tracking.fail(job, error)),
  );
  worker.on(
    'closed',
    guarded(() => {
      tracking.close();
      // Never rejects; anything that could not be sent has been logged.
      if (options.playhead === undefined) void playhead.close();
    }),
  );
  return playhead;

  /** An error thrown in a listener would surface in the worker's loop. */
  function guarded<Args extends readonly unknown[]>(listener: (...args: Args) => void) {
    return (...args: Args): void => {
      try {
        listener(...args);
      } catch (error) {
        playhead.logger.error(
          { err: error },
          `Playhead is not told of a job of ${worker.name}: ${String(error)}`,
        );
      }
    };
  }
}

/** How often taken jobs are checked for being active still. */
const LOOK_MS = 15_000;

/** A job that the worker has taken. */
interface Taken<Job> {
  readonly job: Job;
  readonly tracker: ProgressTracker;
  progress: number;
  /** The job was no longer active at the last check. */
  isMissing: boolean;
}

class WorkerTracking<Job extends BullJob> {
  readonly #worker: BullWorker;
  readonly #options: TrackWorkerOptions<Job>;
  readonly #playhead: TrackerConnection;
  readonly #taken = new Map<string, Taken<Job>>();
  #looks: NodeJS.Timeout | null = null;

  constructor(worker: BullWorker, options: TrackWorkerOptions<Job>, playhead: TrackerConnection) {
    this.#worker = worker;
    this.#options = options;
    this.#playhead = playhead;
  }

  begin(job: Job): Taken<Job> {
    const { id = '', name, opts } = job;
    const { input, leaseSeconds, projectId, steps, taskName = name, title } = this.#options;
    const shownTitle = title?.(job);
    const shownInput = input?.(job);
    const tracker = this.#playhead.begin({
      projectId: typeof projectId === 'function' ? projectId(job) : projectId,
      taskName: typeof taskName === 'function' ? taskName(job) : taskName,
      // Ids are unique within a queue.
      jobId: `${this.#worker.name}:${id}`,
      // BullMQ's default is 0, which is one.
      maxAttempts: Math.max(1, opts.attempts ?? 1),
      ...(shownTitle !== undefined && { title: shownTitle }),
      ...(shownInput !== undefined && { input: shownInput }),
      ...(steps !== undefined && { steps }),
      ...(leaseSeconds !== undefined && { leaseSeconds }),
    });
    const taken = { job, tracker, progress: 0, isMissing: false };
    this.#taken.set(id, taken);
    trackers.set(job, tracker);
    if (hasStalled(job)) {
      const metadata = { stalled: job.stalledCounter ?? 1 };
      tracker.update(0, 'retrying', 'Taken again: the worker that had it fell silent', metadata);
    }
    tracker.signal.addEventListener('abort', () => this.#cancel(id, tracker));
    // Unref'd: checks matter only while the worker runs, and the worker itself keeps the process alive.
    this.#looks ??= setInterval(() => void this.#look(), LOOK_MS).unref();
    return taken;
  }

  report(job: Job, value: unknown): void {
    const taken = this.#taken.get(job.id ?? '');
    if (taken === undefined) return;
    const { tracker } = taken;
    const { message, metadata, progress, step, stepProgress } =
      this.#options.progress?.(value, job) ?? readProgress(value);
    if (step !== undefined) tracker.step(step, stepProgress ?? 0, message, metadata);
    if (step !== undefined && progress === undefined) return;
    taken.progress = progress ?? taken.progress;
    tracker.update(taken.progress, 'processing', message, metadata);
  }

  complete(job: Job, result: unknown): void {
    // As BullMQ stores it: a value that JSON omits becomes null.
    void this.#end(job).complete(JSON.parse(JSON.stringify(result ?? null)) as Json);
  }

  /** @param job undefined where the worker no longer has it */
  fail(job: Job | undefined, error: Error & { readonly code?: unknown }): void {
    if (job === undefined) return;
    const { attemptsMade, delay = 0, finishedOn } = job;
    const willRetry = finishedOn === undefined || finishedOn === null;
    const { code } = error;
    void this.#end(job).error(error, {
      ...(typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) && { code }),
      details: { attemptsMade },
      willRetry,
      ...(willRetry && { retryAfterSeconds: Math.max(0, delay) / 1_000 }),
    });
  }

  close(): void {
    if (this.#looks !== null) clearInterval(this.#looks);
    this.#looks = null;
    for (const { tracker } of this.#taken.values()) tracker.close();
    this.#taken.clear();
  }

  /** Takes a job out. One that this process had not taken is a job that its worker failed for having stalled too often. */
  #end(job: Job): ProgressTracker {
    const { tracker } = this.#taken.get(job.id ?? '') ?? this.begin(job);
    this.#taken.delete(job.id ?? '');
    return tracker;
  }

  #cancel(id: string, tracker: ProgressTracker): void {
    // This worker may have taken the same job again after it stalled.
    if (this.#taken.get(id)?.tracker !== tracker) return;
    const { reason } = tracker.signal;
    this.#worker.cancelJob?.(id, reason instanceof Error ? reason.message : String(reason));
  }

  /** A processor may put its job back (DelayedError, WaitingError, a rate limit); the worker emits no event for that. */
  async #look(): Promise<void> {
    for (const [id, taken] of this.#taken) {
      // While Redis is away, the job counts as active.
      const isActive = await taken.job.isActive().catch(() => true);
      if (isActive || this.#taken.get(id) !== taken) continue;
      if (!taken.isMissing) {
        // The event of its ending may be about to arrive.
        taken.isMissing = true;
        continue;
      }
      this.#taken.delete(id);
      void taken.tracker.error('Put back into its queue', { code: 'PUT_BACK', willRetry: true });
    }
  }
}

/** Whether a job runs again because its worker stalled: BullMQ counts attempts that end, and that one did not. */
function hasStalled({ attemptsMade, attemptsStarted = 0, stalledCounter = 0 }: BullJob): boolean {
  return stalledCounter > 0 && attemptsStarted > attemptsMade + 1;
}

/**
 * The default reading of job.updateProgress: a number is a percentage, as in BullMQ's documentation; a text is the message; an
 * object may have `progress` (0..1) or `percent` (0..100), `step` with `stepProgress` (0..1), and `message`; its remaining
 * fields are the metadata.
 */
export function readProgress(value: unknown): ProgressReading {
  if (typeof value === 'number') return { progress: fraction(value / 100) };
  if (typeof value === 'string') return { message: value };
  if (!isJsonObject(value as Json)) return {};
  const { message, percent, progress, step, stepProgress, ...metadata } = value as JsonObject;
  return {
    ...(typeof percent === 'number' && { progress: fraction(percent / 100) }),
    ...(typeof progress === 'number' && { progress: fraction(progress) }),
    ...(typeof step === 'string' && { step }),
    ...(typeof stepProgress === 'number' && { stepProgress: fraction(stepProgress) }),
    ...(typeof message === 'string' && { message }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}

/** Clamps to 0..1; NaN becomes 0. */
function fraction(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value));
}
