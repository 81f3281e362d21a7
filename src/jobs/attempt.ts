import type { Clock } from '../core/clock.ts';
import { PlayheadError } from '../core/errors.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Logger } from '../core/logger.ts';
import { METERS } from '../core/meters.ts';
import { redact } from '../core/redaction.ts';
import { withLines } from '../core/step-lines.ts';
import { isStorageFailure, storageFailure } from '../core/storage-failure.ts';
import { shorten } from '../core/text.ts';
import { trace } from '../core/tracing.ts';
import type { RunPredictor } from '../eta/run-predictor.ts';
import type { JobLines } from '../log/job-lines.ts';
import type { AttemptBasis, JobStore } from '../log/job-store.ts';
import type { EventWriter } from '../progress/event-writer.ts';
import { MAX_LINE_CHARS } from '../progress/job-line.ts';
import { mapProgress } from '../progress/mapper.ts';
import { type JobState, rangesOf } from '../progress/state.ts';
import { type StepRange, stepsFingerprint } from '../progress/steps.ts';
import { ProgressTracker } from '../progress/tracker.ts';
import { backoff } from './backoff.ts';
import type { JobFiles, JobResult, StepRun, StoredFile, WorkflowRun } from './contract.ts';
import type { DiskUsage } from './disk-usage.ts';
import type { JobFileStore } from './files.ts';
import { LineKeeper } from './line-keeper.ts';
import { type Language, languageOf, message } from './messages.ts';
import { Previews } from './previews.ts';
import { readWarnings, StepResults } from './step-results.ts';
import { findWorkflowChange } from './workflow-change.ts';

export type StopReason = 'ended' | 'lost' | 'shutdown' | 'timeout';

/** The abort reason of an attempt. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(`stopped: ${reason}`);
    this.reason = reason;
  }
}

/** Carries out jobs of a workflow; `startWorkflows` makes the table. */
export interface RunnableWorkflow {
  /** Which parts of the work remote providers do: `local`, or their names joined by `+`. Runs are compared within it. */
  readonly setup?: string;
  /** @param run with the input as it was stored with the job */
  readonly run: (run: WorkflowRun<Json>) => Promise<JobResult>;
}

export interface AttemptParts {
  readonly log: EventWriter;
  /** Keeps what finished steps returned. */
  readonly jobs: Pick<JobStore, 'keepOutputs' | 'forgetOutputs' | 'dropOutputs'>;
  /** Keeps the lines of steps. */
  readonly lines: Pick<JobLines, 'add'>;
  /** Counts the files that are stored, and refuses what is too much. */
  readonly usage: Pick<DiskUsage, 'meter' | 'drop'>;
  readonly files: JobFileStore;
  /** The job's workflow, as this worker runs it. */
  readonly runnable: RunnableWorkflow;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The worker's name, sent with the first event of each attempt; default: it is not sent. */
  readonly worker?: string;
  /** Predicts the remaining time of runs, and remembers how long they took; default: nothing is predicted. */
  readonly predictor?: RunPredictor;
  /** Called when a job's last event has been written by this worker. */
  readonly onEnded: (state: JobState) => void;
  /** Limit of one attempt. */
  readonly jobTimeoutMs: number;
  /** Limit of one step of an attempt; default: that of the attempt. */
  readonly stepTimeoutMs?: number;
  /** Whether an error that is not one of ours is shown, with its stack among the job's lines; default: it is masked. */
  readonly showsErrors?: boolean;
}

/** An attempt under way in this process. */
export interface RunningAttempt {
  readonly projectId: string;
  readonly jobId: string;
  readonly attempt: number;
  stop(reason: StopReason): void;
}

/** How an attempt ended. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly error: PlayheadError; readonly delayMs: number }
  | { readonly kind: 'failed'; readonly error: PlayheadError }
  | { readonly kind: 'stopped'; readonly reason: StopReason };

/** Where a step's output, files and previews go. */
interface StepKeeping {
  readonly kept: StepResults;
  readonly previews: Previews;
}

/** One attempt of one job. */
export class Attempt implements RunningAttempt {
  readonly projectId: string;
  readonly jobId: string;
  readonly attempt: number;
  readonly #parts: AttemptParts;
  readonly #state: JobState;
  readonly #input: Json;
  /** What earlier attempts' steps left. */
  readonly #outputs: Readonly<Record<string, Json>>;
  /** The language of the runner's own messages. */
  readonly #language: Language;
  readonly #tracker: ProgressTracker;
  readonly #lines: LineKeeper;
  readonly #abort = new AbortController();
  #stopped: StopReason | null = null;
  /** The step that took longer than a step may. */
  #lateStep: string | null = null;
  readonly #warnings: string[];
  /** The step that was begun last, and whether it is under way. */
  #walked = { index: -1, name: '', isUnderWay: false };
  /** Why the job can't go on where an earlier attempt stopped; null when it can. */
  readonly #change: PlayheadError | null;
  /** Nothing was done by an earlier attempt, so the whole run is measured. */
  readonly #isWhole: boolean;
  /** There may be outputs and files that only a retry needs. */
  #leavesSteps: boolean;

  constructor(parts: AttemptParts, { state, input, outputs }: AttemptBasis, attempt: number) {
    this.projectId = state.projectId;
    this.jobId = state.id;
    this.attempt = attempt;
    this.#parts = parts;
    this.#state = state;
    this.#input = input;
    this.#outputs = outputs;
    this.#warnings = readWarnings(outputs);
    this.#change = findWorkflowChange(state, outputs);
    this.#isWhole = attempt === 1;
    this.#leavesSteps = !this.#isWhole;
    this.#language = languageOf(input);
    this.#lines = new LineKeeper(parts, { projectId: state.projectId, jobId: state.id, attempt });
    const { predictor } = parts;
    this.#tracker = new ProgressTracker(state, {
      log: parts.log,
      clock: parts.clock,
      logger: parts.logger,
      worker: parts.worker,
      onRefused: (refusal) => this.stop(refusal === 'FENCED' ? 'lost' : 'ended'),
      msBetween: predictor && ((from, to) => predictor.msBetween(from, to)),
      predict: (run, shown, now) => predictor?.predict(state.workflow, run, shown, now) ?? null,
    });
  }

  stop(reason: StopReason): void {
    if (this.#stopped !== null) return;
    this.#stopped = reason;
    this.#abort.abort(new Stopped(reason));
  }

  async run(retries: number): Promise<Outcome> {
    const { attempt } = this;
    const begun = message(this.#language, attempt > 1 ? 'job.attempt' : 'job.starting', { attempt });
    const { stepsFingerprint: begunWith, table } = this.#state;
    const walked = this.#change === null ? (stepsFingerprint(table) ?? begunWith) : begunWith;
    const accepted = await this.#tracker.begin(attempt, begun, walked);
    if (!accepted) return { kind: 'stopped', reason: this.#stopped ?? 'lost' };
    this.#parts.logger.info(this.#fields(), 'attempt started');
    const timer = setTimeout(() => this.stop('timeout'), this.#parts.jobTimeoutMs);
    try {
      const result = await this.#work();
      return await this.#complete(result);
    } catch (error) {
      return await this.#fail(error, retries);
    } finally {
      clearTimeout(timer);
      await this.#tracker.close();
    }
  }

  async #work(): Promise<JobResult> {
    const { files: store, runnable, usage } = this.#parts;
    if (this.#change !== null) throw this.#change;
    const files = store.openJob(this.projectId, this.jobId, this.attempt, this.#abort.signal);
    const metered = usage.meter(files, this.projectId, this.jobId);
    const previews = this.#previewsOf(metered);
    try {
      const kept = this.#stepResults((file) => files.isStored(file));
      const result = await runnable.run(this.#runFor(kept.watch(metered), kept, previews));
      this.#abort.signal.throwIfAborted();
      return result;
    } finally {
      await previews.close();
      // Not awaited: a job does not wait for Redis (G6). On one connection, the lines arrive before the ending.
      this.#lines.flush();
      this.#leavesSteps ||= files.hasSaved;
      // The next start of a worker sweeps what is left; a failure here must not take the place of a success, or of another
      // failure.
      await store.closeJob(files).catch((error: unknown) => {
        this.#parts.logger.warn({ ...this.#fields(), err: error }, 'removing unfinished files failed');
      });
    }
  }

  #previewsOf(files: JobFiles): Previews {
    const { files: store, logger, usage } = this.#parts;
    return new Previews({
      ...{ attempt: this.attempt, files },
      remove: async (folder) => {
        await store.removeFolder(this.projectId, this.jobId, folder);
        await usage.drop(this.projectId, this.jobId, `${folder}/`);
      },
      onShown: (file) => this.#tracker.preview(file),
      onFailure: (err) => logger.warn({ ...this.#fields(), err }, 'storing or removing a preview failed'),
    });
  }

  async #complete(result: JobResult): Promise<Outcome> {
    const done = message(this.#language, 'job.done');
    const accepted = await this.#tracker.complete(result, done);
    if (!accepted) return { kind: 'stopped', reason: this.#stopped ?? 'lost' };
    this.#parts.logger.info(this.#fields(), 'job completed');
    if (this.#isWhole) this.#parts.predictor?.remember(this.#tracker.state);
    this.#parts.onEnded(this.#tracker.state);
    if (this.#leavesSteps) await this.#dropFiles('intermediate');
    return { kind: 'done' };
  }

  /** Anything left over, including counts, is removed with the job. */
  async #dropFiles(which: 'intermediate' | 'all'): Promise<void> {
    const { files, jobs, logger, usage } = this.#parts;
    const { jobId, projectId } = this;
    try {
      // Outputs go first: a step whose files are gone must be done again.
      await jobs.dropOutputs(projectId, jobId);
      await (which === 'all' ? files.removeJob(projectId, jobId) : files.dropIntermediate(projectId, jobId));
      await usage.drop(projectId, jobId, which === 'all' ? '' : INTERMEDIATE_FILES);
    } catch (error) {
      logger.warn({ ...this.#fields(), err: error }, 'removing files failed');
    }
  }

  async #fail(thrown: unknown, retries: number): Promise<Outcome> {
    if (this.#stopped !== null && this.#stopped !== 'timeout') {
      this.#parts.logger.info({ ...this.#fields(), reason: this.#stopped }, 'attempt stopped');
      return { kind: 'stopped', reason: this.#stopped };
    }
    const { showsErrors = false } = this.#parts;
    const error = this.#stopped === 'timeout' ? this.#timedOut() : toPlayheadError(thrown, showsErrors);
    if (showsErrors && error.cause === thrown) this.#keepStack(thrown);
    this.#parts.logger.warn({ ...this.#fields(), err: thrown, code: error.code }, 'attempt failed');
    const willRetry = error.retryable && retries > 0;
    const delayMs = willRetry ? backoff(this.attempt - this.#state.attemptBase, error.retryAfterSeconds) : 0;
    const accepted = await this.#tracker.error(error.message, {
      code: error.code,
      details: (error.details as JsonObject | undefined) ?? null,
      willRetry,
      retryAfterSeconds: willRetry ? delayMs / 1000 : null,
    });
    if (!accepted) return { kind: 'stopped', reason: this.#stopped ?? 'lost' };
    if (willRetry) return { kind: 'retry', error, delayMs };
    this.#parts.onEnded(this.#tracker.state);
    // Part of what was too much would take up room that other jobs' files, or a retry's, need.
    if (error.code === 'QUOTA_EXCEEDED') await this.#dropFiles('all');
    return { kind: 'failed', error };
  }

  #keepStack(thrown: unknown): void {
    if (!(thrown instanceof Error) || thrown.stack === undefined) return;
    const line = { level: 'error', source: null, text: thrown.stack, durationMs: null } as const;
    this.#lines.keep(this.#walked.name, line);
    this.#lines.flush();
  }

  #timedOut(): PlayheadError {
    const { jobTimeoutMs, stepTimeoutMs = jobTimeoutMs } = this.#parts;
    const step = this.#lateStep;
    const limitSeconds = (step === null ? jobTimeoutMs : stepTimeoutMs) / 1000;
    const what = step === null ? 'The job' : `The step ${step}`;
    const setting = step === null ? 'PLAYHEAD_JOB_TIMEOUT_MINUTES' : 'PLAYHEAD_STEP_TIMEOUT_MINUTES';
    const message = `${what} took longer than its limit of ${limitSeconds} s (${setting})`;
    return new PlayheadError('TIMED_OUT', message, {
      details: { step: step ?? this.#tracker.state.step, limitSeconds },
    });
  }

  #runFor(files: JobFiles, kept: StepResults, previews: Previews): WorkflowRun<Json> {
    return {
      projectId: this.projectId,
      jobId: this.jobId,
      attempt: this.attempt,
      input: this.#input,
      signal: this.#abort.signal,
      files,
      isGivenUp: () => this.#stopped === 'ended',
      // The tracker and the store know Output as Json; what comes back is what this step returned earlier.
      step: async (name, said, work) => (await this.#step({ kept, previews }, name, said, work)) as never,
      measure: (size) => this.#tracker.measure(size),
      warn: (warning) => {
        if (this.#warnings.length >= MAX_WARNINGS || this.#warnings.includes(warning)) return;
        this.#warnings.push(warning);
        const line = { level: 'warn', source: null, text: warning, durationMs: null } as const;
        this.#lines.keep(this.#walked.name, line);
      },
    };
  }

  async #step(
    steps: StepKeeping,
    name: string,
    said: string,
    work: Parameters<WorkflowRun<Json>['step']>[2],
  ): Promise<Json> {
    const table = rangesOf(this.#state);
    const { signal } = this.#abort;
    signal.throwIfAborted();
    this.#checkOrder(name, table);
    this.#walked = {
      ...this.#walked,
      name,
      index: table.findIndex((range) => range.name === name),
      isUnderWay: true,
    };
    try {
      return await this.#walk(steps, name, said, work);
    } finally {
      this.#walked = { ...this.#walked, isUnderWay: false };
    }
  }

  /**
   * What a step returned is kept under its name: on a retry, a step that is walked twice would get its first output both times.
   * @throws PlayheadError INTERNAL
   */
  #checkOrder(name: string, table: readonly StepRange[]): void {
    const { index: last, isUnderWay, name: before } = this.#walked;
    const index = table.findIndex((range) => range.name === name);
    if (index > last && !isUnderWay) return;
    const next = table.slice(last + 1).map((range) => range.name);
    const place = last === -1 ? 'first' : `after ${before}`;
    const expected = isUnderWay
      ? `the end of ${before} before the next step`
      : next.length === 0
        ? `no step after ${before}`
        : `one of ${next.join(', ')} ${place}`;
    throw new PlayheadError(
      'INTERNAL',
      `run.step: expected ${expected}, received ${name}; steps are walked in their order, each once`,
    );
  }

  async #walk(
    { kept: steps, previews }: StepKeeping,
    name: string,
    said: string,
    work: Parameters<WorkflowRun<Json>['step']>[2],
  ): Promise<Json> {
    const table = rangesOf(this.#state);
    const { signal } = this.#abort;
    this.#leavesSteps = true;
    const kept = await steps.find(name);
    signal.throwIfAborted();
    const start = mapProgress(table, name, kept === undefined ? 0 : 1);
    this.#tracker.enterStep(
      name,
      start,
      kept === undefined ? said : message(this.#language, 'job.doneEarlier', { message: said }),
      this.#metadata(null),
    );
    if (kept !== undefined) return kept;
    let highest = 0;
    const output = await this.#limited(name, work, {
      signal,
      update: (progress, text, metadata) => {
        if (signal.aborted) return;
        highest = Math.max(highest, Math.min(progress, 1));
        this.#tracker.update(mapProgress(table, name, highest), 'processing', text, this.#metadata(metadata));
      },
      preview: async (path) => {
        if (!signal.aborted) await previews.show(path);
      },
      log: (text, level = 'info') => this.#lines.keep(name, { level, source: null, text, durationMs: null }),
    });
    signal.throwIfAborted();
    steps.keep(name, output, this.#warnings);
    this.#tracker.update(mapProgress(table, name, 1), 'processing', this.#tracker.state.message ?? said);
    return output;
  }

  async #limited(name: string, work: Parameters<WorkflowRun<Json>['step']>[2], step: StepRun): Promise<Json> {
    const { workflow } = this.#state;
    const limitMs = this.#parts.stepTimeoutMs ?? this.#parts.jobTimeoutMs;
    const started = performance.now();
    let outcome = 'failed';
    const timer = setTimeout(() => {
      if (this.#stopped === null) this.#lateStep = name;
      this.stop('timeout');
    }, limitMs);
    try {
      const output = await trace(`step ${name}`, 'internal', { 'playhead.job.step': name }, () =>
        withLines(
          (line) => this.#lines.keep(name, line),
          () => work(step),
        ),
      );
      outcome = 'completed';
      return output;
    } finally {
      clearTimeout(timer);
      METERS.stepDuration.record((performance.now() - started) / 1_000, workflow, name, outcome);
    }
  }

  #stepResults(isStored: (file: Pick<StoredFile, 'name' | 'sizeBytes'>) => Promise<boolean>): StepResults {
    const { jobs, logger } = this.#parts;
    const { jobId, projectId } = this;
    const noted = (noting: Promise<void>): void => {
      noting.catch((err: unknown) =>
        logger.warn({ ...this.#fields(), err }, 'keeping the results of steps failed'),
      );
    };
    return new StepResults({
      outputs: this.#outputs,
      isStored,
      keep: (fields) => noted(jobs.keepOutputs(projectId, jobId, fields)),
      forget: (fields) => noted(jobs.forgetOutputs(projectId, jobId, fields)),
      onGone: (step) =>
        logger.warn({ ...this.#fields(), step }, 'files of a finished step are gone; repeating the step'),
    });
  }

  #metadata(metadata: JsonObject | null | undefined): JsonObject | null {
    if (this.#warnings.length === 0) return metadata ?? null;
    return { ...metadata, warnings: [...this.#warnings] };
  }

  #fields(): { projectId: string; jobId: string; attempt: number } {
    return { projectId: this.projectId, jobId: this.jobId, attempt: this.attempt };
  }
}

/** The prefix of the names of files that are removed when the job has completed (JobFiles.save). */
const INTERMEDIATE_FILES = 'steps/';

const MAX_WARNINGS = 50;

const MASKED = 'An unexpected error in the worker; its log has the details';

/**
 * What the client is told of an error that is not one of ours; the log has all of it.
 * @param isShown whether its text is shown; otherwise the client only learns that it happened
 */
function toPlayheadError(thrown: unknown, isShown: boolean): PlayheadError {
  if (thrown instanceof PlayheadError) return thrown;
  if (isStorageFailure(thrown)) return storageFailure('A file could not be written or read', thrown);
  const text = isShown ? shorten(redact(String(thrown)), MAX_LINE_CHARS) : MASKED;
  return new PlayheadError('INTERNAL', text, { cause: thrown });
}
