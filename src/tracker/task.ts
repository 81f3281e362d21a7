/** One task as the outbox keeps it: what it has reported, and which part of that has not been sent. Pure. */
import type { JsonObject } from '../core/json.ts';
import type { Ending, Lease, Link, ProgressReport, TrackRequest } from './transport.ts';

/**
 * Where a task stands:
 *
 * - `opening`: trackJob has not been answered, and reports wait. Also a task whose lease ran out while the server was away.
 * - `open`: it has a lease, and reports are sent.
 * - `over`: its ending was accepted, or it was stopped, refused or released; nothing more is sent.
 */
export type TaskPhase = 'opening' | 'open' | 'over';

/** The content of a report, without the job that it is about. An undefined field means no change. */
export interface Said {
  progress: number | undefined;
  step: string | undefined;
  stepProgress: number | undefined;
  message: string | undefined;
  metadata: JsonObject | null | undefined;
  preview: Link | undefined;
}

export class Task {
  readonly request: TrackRequest;
  /** The idempotency key of the current attempt; the outbox draws a new one for each. */
  key: string;
  phase: TaskPhase = 'opening';
  lease: Lease | null = null;
  ending: Ending | null = null;
  /** The optional parts of the ending were refused, and are left out. */
  #isBare = false;
  /** What has been reported since the last one was sent, the newest of each field. Mutated in place: `say` is a hot path. */
  readonly said: Said = nothingSaid();
  /** Whether `said` holds anything. */
  isDirty = false;
  /** The content of the report under way. */
  inFlight: Said | null = null;
  /**
   * Steps that were over before a report could mention them: each is mentioned once, so that none is missing, however short.
   */
  #passed: string[] = [];
  /** Passed steps in the report under way. */
  #passedInFlight: readonly string[] = [];
  /** Steps that a report has mentioned. */
  readonly #told = new Set<string>();
  /** The next report is sent alone, since a request that held this task's report was refused. */
  isSuspect = false;
  /** The number of the attempt's latest report. */
  sequence = 0;
  /** When the server last heard of it, in ms. */
  sentAt = 0;

  constructor(request: TrackRequest, key: string) {
    this.request = request;
    this.key = key;
  }

  /**
   * Records the progress of the whole job.
   * @returns whether it is the first since the last report, of which the outbox must be notified
   */
  say(progress: number, message: string | undefined, metadata: JsonObject | null | undefined): boolean {
    if (!this.isHeard) return false;
    this.said.progress = progress;
    this.said.stepProgress = undefined;
    return this.#note(message, metadata);
  }

  /** Records a step, and the progress inside it. @returns as `say` */
  sayStep(
    step: string,
    progress: number,
    message: string | undefined,
    metadata: JsonObject | null | undefined,
  ): boolean {
    if (!this.isHeard) return false;
    const { said } = this;
    if (said.step !== undefined && said.step !== step) this.#pass(said.step);
    said.step = step;
    said.stepProgress = progress;
    said.progress = undefined;
    return this.#note(message, metadata);
  }

  /** Records the preview of the work. @returns as `say` */
  show(preview: Link): boolean {
    if (!this.isHeard) return false;
    this.said.preview = preview;
    return this.#note(undefined, undefined);
  }

  /** False once the task has an ending or is over: later reports are dropped. */
  get isHeard(): boolean {
    return this.ending === null && this.phase !== 'over';
  }

  /** Moves what was reported to what is under way: the steps that have passed, and the newest state. */
  takeReports(): readonly ProgressReport[] {
    const { said } = this;
    const { step, stepProgress, progress, message, metadata, preview } = said;
    this.inFlight = { ...said };
    this.#passedInFlight = this.#passed;
    this.#passed = [];
    const passed = this.#passedInFlight.map((name) => ({ ...this.#next(), step: name }));
    for (const name of this.#passedInFlight) this.#told.add(name);
    if (step !== undefined) this.#told.add(step);
    this.#forget();
    const newest = {
      ...this.#next(),
      ...(progress !== undefined && { progress }),
      ...(step !== undefined && { step }),
      ...(stepProgress !== undefined && { stepProgress }),
      ...(message !== undefined && { message }),
      ...(metadata !== undefined && { metadata }),
      ...(preview !== undefined && { preview }),
    };
    return [...passed, newest];
  }

  /** Called when the report under way has arrived, or never will. */
  settle(): void {
    this.inFlight = null;
    this.#passedInFlight = [];
  }

  /** Called when the report under way did not arrive: it is merged into the next, and anything newer takes precedence. */
  restore(): void {
    const { inFlight, said } = this;
    if (inFlight === null) return;
    const passed = this.#passedInFlight;
    this.settle();
    const { step } = inFlight;
    const hasPassed = said.step !== undefined && step !== undefined && said.step !== step;
    this.#passed = [...passed, ...(hasPassed ? [step] : []), ...this.#passed];
    if (said.progress === undefined && said.step === undefined) {
      said.progress = inFlight.progress;
      said.stepProgress = inFlight.stepProgress;
    }
    said.step ??= inFlight.step;
    said.message ??= inFlight.message;
    if (said.metadata === undefined) said.metadata = inFlight.metadata;
    said.preview ??= inFlight.preview;
    this.isDirty = Object.values(said).some((value) => value !== undefined);
  }

  /** Drops the parts of the ending that a server may refuse, so that the job at least ends. @returns false if already done */
  makeEndingBare(): boolean {
    if (this.#isBare || this.ending === null) return false;
    this.#isBare = true;
    const { ending } = this;
    this.ending =
      ending.type === 'completion'
        ? { type: 'completion', result: {}, artifacts: [] }
        : { ...ending, code: null, details: null, retryAfterSeconds: null };
    return true;
  }

  /** Prepares another attempt, which starts with what has not been sent. */
  reopen(key: string): void {
    this.restore();
    this.phase = 'opening';
    this.key = key;
    this.sequence = 0;
    // The new attempt has not mentioned any step yet.
    const passed = new Set([...this.#told, ...this.#passed]);
    this.#told.clear();
    if (this.said.step !== undefined) passed.delete(this.said.step);
    this.#passed = [...passed];
  }

  #pass(step: string): void {
    if (!this.#told.has(step) && !this.#passed.includes(step)) this.#passed.push(step);
  }

  #next(): {
    readonly projectId: string;
    readonly jobId: string;
    readonly lease: string;
    readonly sequence: number;
  } {
    this.sequence += 1;
    return { ...this.place(), sequence: this.sequence };
  }

  #note(message: string | undefined, metadata: JsonObject | null | undefined): boolean {
    if (message !== undefined) this.said.message = message;
    if (metadata !== undefined) this.said.metadata = metadata;
    return !this.isDirty;
  }

  #forget(): void {
    Object.assign(this.said, nothingSaid());
    this.isDirty = false;
  }

  place(): { readonly projectId: string; readonly jobId: string; readonly lease: string } {
    const { jobId = '', lease = '' } = this.lease ?? {};
    return { projectId: this.request.projectId, jobId, lease };
  }
}

function nothingSaid(): Said {
  return {
    progress: undefined,
    step: undefined,
    stepProgress: undefined,
    message: undefined,
    metadata: undefined,
    preview: undefined,
  };
}
