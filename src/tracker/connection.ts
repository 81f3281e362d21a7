/** A process's connection to Playhead, over which its tasks report. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Json } from '../core/json.ts';
import type { Logger } from '../core/logger.ts';
import { type StepShares, toStepRanges } from '../progress/step-shares.ts';
import { BatchProgressTracker } from './batch-progress-tracker.ts';
import { Courier } from './courier.ts';
import { watchExit } from './exit-watch.ts';
import { ProgressTracker } from './progress-tracker.ts';
import type { TrackerTransport, TrackRequest } from './transport.ts';

/** Options of `track`. */
export interface TrackOptions {
  /** 1 to 64 letters, digits, `_` or `-`. */
  readonly projectId: string;
  /** The kind of work, such as `transcode`; the remaining time is learned for each. */
  readonly taskName: string;
  /**
   * The job's name in the system that runs it. Using it again begins the next attempt of the same job, and earlier attempts can
   * no longer report. @default a random one, for a job of its own
   */
  readonly jobId?: string;
  /** What a person would call it. */
  readonly title?: string;
  /** What was asked for, to be displayed; at most 100,000 characters of JSON. */
  readonly input?: Json;
  /** Shares of the time by step, in any unit: `{ probe: 1, encode: 8 }`; or contiguous ranges of the progress from 0 to 1. */
  readonly steps?: StepShares;
  /** How long the job may be silent, 5..3,600 s; this process sends a heartbeat every third of it. @default 60 */
  readonly leaseSeconds?: number;
  /** The maximum number of attempts, if the queue tells it. */
  readonly maxAttempts?: number;
}

/** A task of which the server does not have everything. */
export interface UnsentReport {
  readonly projectId: string;
  readonly taskName: string;
  /** The job's name in the system that runs it. */
  readonly jobId: string;
  /** The most important thing that is missing. */
  readonly what: 'completion' | 'error' | 'progress';
}

/** The longest that a task or its process waits for the server. */
export interface ConnectionWaits {
  /** The longest wait of `track` for the server. @default 1,000 ms */
  readonly openingWaitMs?: number;
  /** The longest wait of `error` and `complete`. @default 5,000 ms */
  readonly endingWaitMs?: number;
  /** The longest that `close`, or a process with nothing else to do, waits for unsent reports. @default 10,000 ms */
  readonly closingWaitMs?: number;
}

interface ConnectionParts extends ConnectionWaits {
  readonly transport: TrackerTransport;
  readonly logger: Logger;
  /** @default the time since the process began, which cannot be set back */
  readonly clock?: Clock;
}

const MONOTONIC: Clock = { now: () => performance.now() };

export class TrackerConnection {
  readonly #parts: ConnectionParts;
  readonly #courier: Courier;
  readonly #unwatch: () => void;
  /** Unsent reports have been logged already. */
  #hasSaid = false;
  #isDrained = false;

  /** Made by `connectTracker`. */
  constructor(parts: ConnectionParts) {
    const { clock = MONOTONIC, logger, transport } = parts;
    this.#parts = parts;
    this.#courier = new Courier({ transport, clock, logger, random: Math.random, newKey: randomUUID });
    this.#unwatch = watchExit({
      drain: () => this.#drainOnce(),
      sayUnsent: () => this.#sayUnsent(),
    });
  }

  /** Where this connection logs what goes wrong. */
  get logger(): Logger {
    return this.#parts.logger;
  }

  /**
   * Begins an attempt of a job. Waits for the server's answer, but not for long: while the server is away, the tracker keeps
   * what is reported to it.
   * @throws DefinitionError for invalid steps, RangeError for any other invalid option; never because of the server
   */
  async track(options: TrackOptions): Promise<ProgressTracker> {
    const tracker = this.begin(options);
    await tracker.opened(this.#parts.openingWaitMs ?? 1_000);
    return tracker;
  }

  /** As `track`, but without waiting: the job's id is not known yet. */
  begin(options: TrackOptions): ProgressTracker {
    const { endingWaitMs = 5_000 } = this.#parts;
    return new ProgressTracker({ courier: this.#courier, request: toRequest(options), endingWaitMs });
  }

  /**
   * As `track`, for work on many items.
   * @param options those of `track`, and the number of items, at least 1
   */
  async trackBatch(options: TrackOptions & { readonly totalItems: number }): Promise<BatchProgressTracker> {
    const { totalItems, ...rest } = options;
    if (!(Number.isSafeInteger(totalItems) && totalItems > 0)) {
      throw new RangeError(`totalItems: expected a positive whole number, received ${totalItems}`);
    }
    return new BatchProgressTracker(await this.track(rest), totalItems);
  }

  /**
   * Sends what is left, for a limited time, and closes. Jobs without an ending end as WORKER_LOST when their leases run out.
   * @returns what could not be sent, which is also logged
   */
  async close(): Promise<readonly UnsentReport[]> {
    await this.#courier.drain(this.#parts.closingWaitMs ?? 10_000);
    this.#sayUnsent();
    const unsent = this.#unsent();
    this.#unwatch();
    await this.#courier.close();
    return unsent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #drainOnce(): Promise<void> {
    if (this.#isDrained) return;
    this.#isDrained = true;
    await this.#courier.drain(this.#parts.closingWaitMs ?? 10_000);
    this.#sayUnsent();
  }

  #unsent(): readonly UnsentReport[] {
    return this.#courier.unsent().map(({ ending, request }) => ({
      projectId: request.projectId,
      taskName: request.taskName,
      jobId: request.externalId,
      what: ending?.type ?? 'progress',
    }));
  }

  #sayUnsent(): void {
    if (this.#hasSaid) return;
    const unsent = this.#unsent();
    if (unsent.length === 0) return;
    this.#hasSaid = true;
    const some = unsent.slice(0, 20).map(({ jobId, taskName, what }) => `${what} of ${taskName} ${jobId}`);
    const rest = unsent.length > some.length ? ` and ${unsent.length - some.length} more` : '';
    this.#parts.logger.error({ count: unsent.length }, `not sent to Playhead: ${some.join(', ')}${rest}`);
  }
}

/** @throws DefinitionError, RangeError */
function toRequest(options: TrackOptions): TrackRequest {
  const {
    input,
    jobId = randomUUID(),
    leaseSeconds = 60,
    maxAttempts,
    projectId,
    steps,
    taskName,
    title,
  } = options;
  for (const [name, value] of Object.entries({ projectId, taskName, jobId })) {
    if (typeof value !== 'string' || value === '') {
      throw new RangeError(`${name}: expected a text, received ${JSON.stringify(value)}`);
    }
  }
  if (!(leaseSeconds >= 5 && leaseSeconds <= 3_600)) {
    throw new RangeError(`leaseSeconds: expected 5..3600, received ${leaseSeconds}`);
  }
  const ranges = steps === undefined ? null : toStepRanges(steps, 'steps');
  return {
    projectId,
    taskName,
    externalId: jobId,
    title: title ?? null,
    input: input ?? null,
    steps: ranges?.map(({ name, from, to }) => ({ name, share: to - from })) ?? null,
    leaseSeconds,
    maxAttempts: maxAttempts ?? null,
  };
}
