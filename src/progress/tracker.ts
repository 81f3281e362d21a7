/**
 * ProgressTracker: one per attempt of a job. Each report changes the job's durable state and publishes the typed event,
 * in one atomic append.
 *
 * A report never waits for Redis. The newest state is kept; at most one append is under way; what was reported meanwhile
 * goes out as one event afterwards, at most 10 a second. So a job goes on when nobody listens and when Redis is away,
 * and the newest state goes out when Redis is back (G6).
 */

import type { Clock } from '../core/clock.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Logger } from '../core/logger.ts';
import { METERS } from '../core/meters.ts';
import { pause } from '../core/pause.ts';
import { troubleOf } from '../redis/replies.ts';
import { type AttemptMode, type EventWriter, MAX_TRIES, type WriteOutcome } from './event-writer.ts';
import type {
  CompletionEvent,
  ErrorEvent,
  Eta,
  JobEvent,
  Preview,
  ProgressEvent,
  ProgressStatus,
} from './events.ts';
import { type AttemptStart, type MsBetween, nextStart, runSoFar, runToCome } from './observed-run.ts';
import { boundedFacts } from './report.ts';
import type { RunSoFar, WorkSize } from './run-so-far.ts';
import {
  begunJob,
  closeStep,
  endedJob,
  halveStep,
  type JobState,
  openStep,
  rangesOf,
  remainsOf,
} from './state.ts';
import { newWriteId } from './write-id.ts';

/** Why the attempt can't write any more: it lost its job (G4), or the job has ended (G3) or is gone. */
export type Refusal = 'FENCED' | 'ENDED' | 'GONE';

interface TrackerParts {
  readonly log: EventWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The worker that makes the attempt, sent with its first event; default: it is not sent. */
  readonly worker?: string | undefined;
  /** Called once, when an append is refused: stop the work. */
  readonly onRefused: (refusal: Refusal) => void;
  /** Least time between two progress events; default 100 ms. Step changes and endings do not wait for it. */
  readonly minIntervalMs?: number;
  /** How often an event that can't succeed is sent; default 8. */
  readonly maxTries?: number;
  /**
   * Predicts the remaining time. Called only when an event is published, so some ten times a second at most.
   * @param shown what the event before reported
   */
  readonly predict?: (run: RunSoFar, shown: Eta | null, now: number) => Eta | null;
  /** How long the work took between two moments, for predictions; default: as long as the clock says. */
  readonly msBetween?: MsBetween | undefined;
}

export interface FailureReport {
  readonly code: string;
  readonly details?: JsonObject | null;
  /** Another attempt follows. */
  readonly willRetry?: boolean;
  readonly retryAfterSeconds?: number | null;
}

const COALESCED = METERS.eventsCoalesced.cell('worker');

const APPEND_AGAIN_MAX_MS = 2_000;
/** More steps than any workflow has. It is reached only while Redis is away, and then step changes coalesce too (G7). */
const MAX_PENDING_STEPS = 32;

/** An event with the snapshot that it leaves. */
interface Report {
  readonly event: JobEvent;
  readonly state: JobState;
}

export class ProgressTracker {
  readonly #parts: TrackerParts;
  readonly #minIntervalMs: number;
  #state: JobState;
  /** The snapshot as the last append left it. */
  #known: JobState;
  #start: AttemptStart;
  #status: ProgressStatus = 'processing';
  /** Progress of the job at which the present step has done half of its own. */
  #half = Infinity;
  /** The state holds something that has not been published. */
  #dirty = false;
  /** Step changes on their way: every step is seen, however short. At most one entry per step while Redis answers. */
  readonly #steps: Report[] = [];
  #sending: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #sentAt = 0;
  #closed = false;
  #refusal: Refusal | null = null;

  /** @param state the job's snapshot, as read when the attempt started */
  constructor(state: JobState, parts: TrackerParts) {
    this.#state = state;
    this.#known = state;
    this.#start = nextStart(state, parts.clock.now());
    this.#parts = parts;
    this.#minIntervalMs = parts.minIntervalMs ?? 100;
  }

  get state(): JobState {
    return this.#state;
  }

  /**
   * Takes the job for an attempt. From then on events of earlier attempts are refused (G4).
   * The first event of a later attempt has the status "retrying" (G5).
   * @param message default: in English
   * @param stepsFingerprint the fingerprint of the steps that the attempt walks; default: the job's own
   * @returns false when the job has ended, is gone, or a newer attempt has it
   */
  async begin(
    attempt: number,
    message?: string,
    stepsFingerprint = this.#state.stepsFingerprint,
  ): Promise<boolean> {
    const now = this.#parts.clock.now();
    this.#state = { ...begunJob(this.#state, attempt, now, message), stepsFingerprint };
    this.#start = nextStart(this.#state, now);
    this.#status = attempt > 1 ? 'retrying' : 'processing';
    const { worker } = this.#parts;
    const event = { ...this.#progressEvent(), ...(worker !== undefined && { worker }) };
    const accepted = await this.#write('begin', { event, state: this.#state });
    this.#status = 'processing';
    return accepted;
  }

  /** Begins a step; the step before it, if any, is finished. Goes out at once. */
  enterStep(step: string, progress: number, message: string, metadata?: JsonObject | null): void {
    const now = this.#parts.clock.now();
    this.#state = openStep(closeStep(this.#state, 'COMPLETED', now), step, now);
    const range = rangesOf(this.#state).find(({ name }) => name === step);
    this.#half = range !== undefined && range.to > range.from ? (range.from + range.to) / 2 : Infinity;
    this.#report(progress, 'processing', message, metadata);
    if (this.#steps.length < MAX_PENDING_STEPS) {
      this.#steps.push({ event: this.#progressEvent(), state: this.#state });
      this.#dirty = false;
    }
    this.#schedule();
  }

  /**
   * Reports progress; cheap enough for a hot loop.
   * @param progress 0..1 of the whole job; a value below an earlier one of this attempt is raised to it (G5)
   * @param metadata replaces the earlier metadata; left out: it stays
   * @throws RangeError for a progress outside 0..1
   */
  update(progress: number, status: ProgressStatus, message: string, metadata?: JsonObject | null): void {
    if (!(progress >= 0 && progress <= 1)) {
      throw new RangeError(`progress: expected 0..1, received ${progress}`);
    }
    this.#report(progress, status, message, metadata);
    this.#schedule();
  }

  /** Shows what is being made: every event from now on carries it, until the next preview or the attempt's end. */
  preview(preview: Preview): void {
    this.#state = { ...this.#state, preview };
    this.#dirty = true;
    this.#schedule();
  }

  /** Reports how much work it is; what was reported before stays. Goes out with the next event. */
  measure(size: WorkSize): void {
    this.#state = { ...this.#state, size: { ...this.#state.size, ...size } };
  }

  /**
   * Reports that the attempt failed; the job's last event unless `willRetry`.
   * Waits for Redis as long as it takes. Nothing can be reported afterwards.
   * @returns whether the event was accepted
   */
  async error(error: string, report: FailureReport): Promise<boolean> {
    const event: ErrorEvent = {
      type: 'ErrorEvent',
      ...this.#eventFields(),
      error,
      code: report.code,
      details: report.details ?? null,
      willRetry: report.willRetry ?? false,
      retryAfterSeconds: report.retryAfterSeconds ?? null,
    };
    return this.#finish(event.willRetry ? 'release' : 'end', event);
  }

  /**
   * Reports the result: the job's last event (G3). Waits for Redis as long as it takes.
   * @param message the snapshot's last message; default: in English
   * @returns whether the event was accepted
   */
  async complete(result: Json, message?: string): Promise<boolean> {
    return this.#finish('end', { type: 'CompletionEvent', ...this.#eventFields(), result }, message);
  }

  /** Ends without an event: the attempt was stopped, and whoever stopped it reports that. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dirty = false;
    await this.#sending;
    this.#steps.length = 0;
  }

  #report(
    progress: number,
    status: ProgressStatus,
    message: string,
    metadata: JsonObject | null | undefined,
  ): void {
    const state = this.#state;
    this.#state = {
      ...state,
      progress: Math.max(progress, state.progress),
      message,
      metadata: metadata === undefined ? state.metadata : metadata,
    };
    if (progress >= this.#half) {
      this.#half = Infinity;
      this.#state = halveStep(this.#state, this.#parts.clock.now());
    }
    this.#status = status;
    if (this.#dirty) COALESCED.value += 1;
    this.#dirty = true;
  }

  #schedule(): void {
    if (this.#closed || this.#sending !== null) return;
    // A clock that was set back must not delay an event by as much.
    const passed = Math.max(0, this.#parts.clock.now() - this.#sentAt);
    const wait = this.#steps.length > 0 ? 0 : this.#minIntervalMs - passed;
    if (wait <= 0) {
      this.#flush();
    } else {
      this.#timer ??= setTimeout(() => this.#flush(), wait);
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const report = this.#steps.shift() ?? this.#takeNewest();
    this.#sentAt = this.#parts.clock.now();
    this.#sending = this.#write('event', report).then(() => {
      this.#sending = null;
      if (this.#dirty || this.#steps.length > 0) this.#schedule();
    });
  }

  #takeNewest(): Report {
    this.#dirty = false;
    return { event: this.#progressEvent(), state: this.#state };
  }

  async #finish(
    mode: 'release' | 'end',
    event: ErrorEvent | CompletionEvent,
    done?: string,
  ): Promise<boolean> {
    const steps = [...this.#steps];
    this.#steps.length = 0;
    await this.close();
    for (const report of steps) await this.#write('event', report);
    if (this.#refusal !== null) return false;
    const now = this.#parts.clock.now();
    const shown = this.#state.eta;
    const metadata = boundedFacts(this.#state.metadata);
    this.#state = { ...endedJob(this.#state, event, now, done), metadata };
    if (event.type === 'ErrorEvent' && event.willRetry) {
      const eta = this.#predict(() => runToCome(this.#state), null, now) ?? shown;
      this.#state = { ...this.#state, eta: eta && postpone(eta, event.retryAfterSeconds ?? 0, now) };
    }
    // Steps may have been written since the event was made.
    const timestamp = new Date(now).toISOString();
    const ending = { ...event, timestamp, remains: remainsOf(this.#state) };
    return this.#write(mode, { event: ending, state: this.#state });
  }

  /**
   * Writes until Redis has answered; the id of the write makes repeats harmless. An event that keeps failing while Redis serves
   * is given up in the end: a job must not hold its place for ever (G6). Progress then goes out with the next event.
   * @throws what Redis answers to such an event, unless it is mere progress
   */
  async #write(mode: AttemptMode, report: Report): Promise<boolean> {
    if (this.#refusal !== null) return false;
    const command = { mode, writeId: newWriteId(), base: this.#known, ...report };
    const { log, logger, maxTries = MAX_TRIES } = this.#parts;
    for (let tries = 1; ; tries += 1) {
      let outcome: WriteOutcome;
      try {
        outcome = await log.append(command);
      } catch (err) {
        const fields = { err, jobId: this.#state.id };
        if (troubleOf(err) === null && tries >= maxTries) {
          logger.error(fields, 'giving up on an event');
          if (mode !== 'event') throw err;
          return false;
        }
        logger.warn(fields, 'publishing an event failed; trying again');
        await pause(Math.min(APPEND_AGAIN_MAX_MS, 50 * 2 ** tries));
        continue;
      }
      this.#known = report.state;
      return this.#settle(outcome);
    }
  }

  #settle({ code, position, version }: WriteOutcome): boolean {
    switch (code) {
      case 'OK':
      case 'DUP':
        this.#state = { ...this.#state, last: position, version };
        return true;
      case 'FENCED':
      case 'ENDED':
      case 'GONE':
        this.#closed = true;
        if (this.#refusal === null) {
          this.#refusal = code;
          this.#parts.onRefused(code);
        }
        return false;
      case 'EXISTS':
      case 'CONFLICT':
      case 'FULL':
      case 'LATE':
      case 'STALE':
        throw new Error(`append answered ${code} to a tracker, which sends no mode that can get it`);
    }
  }

  #eventFields(): Pick<
    ProgressEvent,
    'projectId' | 'jobId' | 'workflow' | 'taskName' | 'attempt' | 'timestamp'
  > {
    const { projectId, id, workflow, taskName, attempt } = this.#state;
    const timestamp = new Date(this.#parts.clock.now()).toISOString();
    return { projectId, jobId: id, workflow, taskName, attempt, timestamp };
  }

  /** A prediction that fails must not fail the job (G6). */
  #predict(run: () => RunSoFar, shown: Eta | null, now: number): Eta | null {
    try {
      return this.#parts.predict?.(run(), shown, now) ?? null;
    } catch (error) {
      this.#parts.logger.error({ err: error, jobId: this.#state.id }, 'predicting the remaining time failed');
      return null;
    }
  }

  #progressEvent(): ProgressEvent {
    const now = this.#parts.clock.now();
    const eta = this.#predict(
      () => runSoFar(this.#state, this.#start, now, this.#parts.msBetween),
      this.#state.eta,
      now,
    );
    this.#state = { ...this.#state, eta, metadata: boundedFacts(this.#state.metadata) };
    const { progress, step, message, metadata, preview } = this.#state;
    return {
      type: 'ProgressEvent',
      ...this.#eventFields(),
      progress,
      status: this.#status,
      step,
      message: message ?? '',
      metadata,
      ...(eta !== null && { eta }),
      ...(preview !== null && { preview }),
    };
  }
}

/** The prediction for the same work, begun that much later. @param now ms since the epoch */
function postpone(eta: Eta, seconds: number, now: number): Eta {
  const remainingSeconds = eta.remainingSeconds + seconds;
  return {
    remainingSeconds,
    lowSeconds: eta.lowSeconds + seconds,
    highSeconds: eta.highSeconds + seconds,
    finishesAt: now + remainingSeconds * 1_000,
    waitSeconds: seconds,
  };
}
