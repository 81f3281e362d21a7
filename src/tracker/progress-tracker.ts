/** ProgressTracker: what a task that Playhead does not run reports to. */

import { PlayheadError } from '../core/errors.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { ProgressStatus } from '../progress/events.ts';
import type { Courier, Follower } from './courier.ts';
import type { Task } from './task.ts';
import type { Ending, Lease, Link, StopReason, TrackRequest } from './transport.ts';

/**
 * What became of an ending: the server has it; it refused it, for example because the job was cancelled (the log says why); or
 * it did not answer in time, and the ending is kept and sent as soon as the server does.
 */
export type EndingOutcome = 'accepted' | 'refused' | 'kept';

/** How a task failed. */
export interface FailureReport {
  /** Capital letters, digits and `_`. @default 'TASK_FAILED' */
  readonly code?: string;
  /** Machine-readable facts. */
  readonly details?: JsonObject;
  /** Whether another attempt follows, which calls `track` with the same jobId. @default false */
  readonly willRetry?: boolean;
  readonly retryAfterSeconds?: number;
}

interface TrackerParts {
  readonly courier: Courier;
  readonly request: TrackRequest;
  /** How long `error` and `complete` wait for the server, in ms. */
  readonly endingWaitMs: number;
}

const STOPS = {
  CANCELLED: () => new PlayheadError('CANCELLED', 'the job was cancelled'),
  LOST: () => new PlayheadError('WORKER_LOST', 'another attempt has taken the job over, or the job is gone'),
} as const satisfies Record<StopReason, () => PlayheadError>;

/**
 * One attempt of a task. Only `error` and `complete` wait for the server, and no method throws because of it: a task goes on
 * while the server is away, and its reports are sent afterwards (G6).
 */
export class ProgressTracker {
  readonly #parts: TrackerParts;
  readonly #task: Task | null;
  readonly #steps: ReadonlySet<string>;
  readonly #stopping = new AbortController();
  readonly #opened = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<'accepted' | 'refused'>();
  #lease: Lease | null = null;

  /** Made by `TrackerConnection.track`. */
  constructor(parts: TrackerParts) {
    this.#parts = parts;
    this.#steps = new Set(parts.request.steps?.map(({ name }) => name));
    const follower: Follower = {
      opened: (lease) => {
        this.#lease = lease;
        this.#opened.resolve();
      },
      stopped: (stop) => {
        this.#settle('refused');
        this.#stopping.abort(STOPS[stop]());
      },
      ended: () => this.#settle('accepted'),
      refused: () => this.#settle('refused'),
    };
    this.#task = parts.courier.open(parts.request, follower);
    if (this.#task === null) this.#settle('refused');
  }

  /** The job's name in the system that runs it. */
  get externalId(): string {
    return this.#parts.request.externalId;
  }

  /** The job's id in Playhead; null until the server has answered. */
  get jobId(): string | null {
    return this.#lease?.jobId ?? null;
  }

  /** The number of this attempt; null until the server has answered. */
  get attempt(): number | null {
    return this.#lease?.attempt ?? null;
  }

  /**
   * Aborted when the job is cancelled (reason: code CANCELLED) or somebody else has it (WORKER_LOST); the task should then end.
   */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /**
   * Reports the progress of the whole job; cheap enough for a hot loop. Only the newest is sent, at most ten times a second.
   * @param progress 0..1; the server raises a value below an earlier one of this attempt to it (G5)
   * @param _status ignored, as the server sets it: `retrying` in the first event of a later attempt, `processing` in all others
   * @param message for people; the server cuts it at 1,000 characters; default: the earlier one
   * @param metadata replaces the earlier metadata, null takes it away; left out: it stays
   * @throws RangeError for a progress outside 0..1
   */
  update(progress: number, _status: ProgressStatus, message?: string, metadata?: JsonObject | null): void {
    checkFraction(progress, 'progress');
    const task = this.#task;
    if (task?.say(progress, message, metadata)) this.#parts.courier.noteSaid(task);
  }

  /**
   * Begins a step, or reports the progress inside it; as cheap as `update`. Earlier steps count as finished.
   * @param name one of the steps that `track` was given
   * @param progress 0..1 inside the step
   * @param message default: the earlier one
   * @param metadata replaces the earlier metadata, null takes it away; left out: it stays
   * @throws RangeError for an unknown step, or a progress outside 0..1
   * @example progress.step('encode', 0.4, 'Frame 40 of 100')
   */
  step(name: string, progress = 0, message?: string, metadata?: JsonObject | null): void {
    if (!this.#steps.has(name)) {
      const names = [...this.#steps].join(', ') || 'steps to be given to track()';
      throw new RangeError(`step: expected one of ${names}, received ${name}`);
    }
    checkFraction(progress, `progress inside ${name}`);
    const task = this.#task;
    if (task?.sayStep(name, progress, message, metadata)) this.#parts.courier.noteSaid(task);
  }

  /**
   * Shows a picture or a sound of what is being made, by its address; it must be small enough to be loaded again and again. The
   * next one replaces it, and it is removed when the attempt ends.
   * @example progress.preview({ url: 'https://files.example/frame-40.jpg', contentType: 'image/jpeg' })
   */
  preview(link: Link): void {
    const task = this.#task;
    if (task?.show(link)) this.#parts.courier.noteSaid(task);
  }

  /**
   * Reports that the attempt failed; the job's last event unless `willRetry`. Later reports are dropped.
   * @param error what happened, for people
   */
  error(error: unknown, report: FailureReport = {}): Promise<EndingOutcome> {
    return this.#end({
      type: 'error',
      error: error instanceof Error ? error.message : String(error),
      code: report.code ?? null,
      details: report.details ?? null,
      willRetry: report.willRetry ?? false,
      retryAfterSeconds: report.retryAfterSeconds ?? null,
    });
  }

  /**
   * Reports the result: the job's last event (G3). Later reports are dropped.
   * @param result anything that JSON can hold, at most 100,000 characters of it
   * @param artifacts files of the result, by their addresses
   */
  complete(result: Json = null, artifacts: readonly Link[] = []): Promise<EndingOutcome> {
    return this.#end({ type: 'completion', result, artifacts });
  }

  /** Stops reporting, without an ending: the job ends as WORKER_LOST when its lease runs out, unless it is tracked again. */
  close(): void {
    if (this.#task !== null) this.#parts.courier.release(this.#task);
    this.#settle('refused');
  }

  /** Waits until the server has answered, or refused; never rejects. @param waitMs the longest wait */
  async opened(waitMs: number): Promise<void> {
    await within(this.#opened.promise, waitMs, undefined);
  }

  async #end(ending: Ending): Promise<EndingOutcome> {
    const { courier, endingWaitMs } = this.#parts;
    if (this.#task === null || !courier.end(this.#task, ending)) return 'refused';
    return within<EndingOutcome>(this.#ended.promise, endingWaitMs, 'kept');
  }

  #settle(outcome: 'accepted' | 'refused'): void {
    this.#opened.resolve();
    this.#ended.resolve(outcome);
  }
}

/** @throws RangeError */
export function checkFraction(value: number, what: string): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${what}: expected 0..1, received ${value}`);
}

/** Resolves to the promise's value, or to `otherwise` after `waitMs`. */
async function within<T>(promise: Promise<T>, waitMs: number, otherwise: T): Promise<T> {
  const { promise: late, resolve } = Promise.withResolvers<T>();
  const timer = setTimeout(() => resolve(otherwise), waitMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
