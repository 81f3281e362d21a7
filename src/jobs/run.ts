/**
 * The runner: carries out queue entries, each as an attempt of its job (attempt.ts), and tells BullMQ how it ended.
 *
 * A batch's entry is woken when its items are through, and all that is left to do is its last event (batch.ts).
 */

import { DelayedError, type Job, UnrecoverableError, WaitingChildrenError, WaitingError } from 'bullmq';
import type { PlayheadError } from '../core/errors.ts';
import { METERS } from '../core/meters.ts';
import { trace } from '../core/tracing.ts';
import { DamagedJob } from '../log/damaged-job.ts';
import type { AttemptBasis } from '../log/job-store.ts';
import type { EventLog } from '../log/log.ts';
import { hasEnded, type JobState } from '../progress/state.ts';
import type { StepTables } from '../progress/steps.ts';
import { basisOf, type QueueEntry } from '../queue/queue.ts';
import { Attempt, type AttemptParts, type Outcome, type RunningAttempt } from './attempt.ts';
import { finishBatch } from './batch.ts';
import { BatchReports } from './batch-reports.ts';

export interface RunnerParts extends Omit<AttemptParts, 'log'> {
  readonly log: EventLog;
  readonly workflows: StepTables;
}

/** BullMQ's failure with the delay that the ErrorEvent announced. */
class AttemptFailed extends Error {
  override readonly name = 'AttemptFailed';
  readonly delayMs: number;
  constructor(cause: PlayheadError, delayMs: number) {
    super(`${cause.code}: ${cause.message}`, { cause });
    this.delayMs = delayMs;
  }
}

/** BullMQ's backoffStrategy: the delay that was announced. */
export function retryDelay(_attemptsMade: number, _type?: string, error?: Error): number {
  return error instanceof AttemptFailed ? error.delayMs : 1_000;
}

/** How long a batch's entry that was woken early waits. */
const BATCH_AGAIN_MS = 2_000;

export class Runner {
  readonly #parts: RunnerParts;
  readonly #batches: BatchReports;
  readonly #running = new Set<RunningAttempt>();
  #shutDown = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#batches = new BatchReports(parts);
    // Lives as long as its process does.
    METERS.runningJobs.observe(() => this.#running.size);
  }

  get running(): readonly RunningAttempt[] {
    return [...this.#running];
  }

  /** Stops every attempt and hands its entry back to the queue, and so each entry that comes from now on. */
  shutDown(): void {
    this.#shutDown = true;
    for (const attempt of this.#running) attempt.stop('shutdown');
  }

  /** BullMQ's processor. */
  async process(entry: Job<QueueEntry, void>, token: string | undefined): Promise<void> {
    const { projectId, jobId, attemptBase } = entry.data;
    const number = attemptBase + entry.attemptsStarted;
    const told = basisOf(this.#parts.workflows, entry.name, entry.data, number);
    const job = told ?? (await this.#load(projectId, jobId));
    if (job === null) throw new UnrecoverableError(`job ${jobId} has no snapshot`);
    const { state } = job;
    const queueId = entry.id ?? jobId;
    // Left of a run that was ended and retried.
    if (state.queueId !== queueId) return;
    // Fetched when this worker was closing already.
    if (this.#shutDown) return this.#handBack(entry, token);
    if (state.itemCount > 0) return this.#finishBatch(state, entry, token);
    const parts = { ...this.#parts, log: this.#batches.logFor(state) };
    const attempt = new Attempt(parts, job, number, queueId);
    // An entry comes twice when it stalled here: this process was stuck for longer than the lock lasts.
    for (const earlier of this.#running) if (earlier.queueId === queueId) earlier.stop('lost');
    this.#running.add(attempt);
    try {
      await this.#settle(await traceAttempt(attempt, state, retriesLeft(entry)), entry, token);
    } finally {
      this.#running.delete(attempt);
      this.#batches.release(state);
    }
  }

  async #finishBatch(
    batch: JobState,
    entry: Job<QueueEntry, void>,
    token: string | undefined,
  ): Promise<void> {
    const finished = hasEnded(batch.status) ? batch : await finishBatch(this.#parts, batch);
    if (finished !== null) {
      this.#parts.onEnded(finished);
      return;
    }
    // Woken early: an item's entry is through, but its last event is still to come (worker lost, retried).
    if (await entry.moveToWaitingChildren(token ?? '')) throw new WaitingChildrenError();
    await entry.moveToDelayed(Date.now() + BATCH_AGAIN_MS, token);
    throw new DelayedError();
  }

  /** Tells BullMQ how the attempt ended. */
  async #settle(outcome: Outcome, entry: Job<QueueEntry, void>, token: string | undefined): Promise<void> {
    switch (outcome.kind) {
      case 'done':
        return;
      case 'retry':
        throw new AttemptFailed(outcome.error, outcome.delayMs);
      case 'failed':
        throw new UnrecoverableError(`${outcome.error.code}: ${outcome.error.message}`);
      case 'stopped':
        if (outcome.reason === 'shutdown') return this.#handBack(entry, token);
        // The entry is no longer this worker's: leave it to its new owner, or to the stall check when it has none.
        if (outcome.reason === 'lost' && (await this.#isOfPresentRun(entry))) throw new WaitingError();
        // Ended: the last event is written.
        throw new UnrecoverableError(`stopped: ${outcome.reason}`);
    }
  }

  /** @throws UnrecoverableError for a job that can't be read: neither can it at the next try */
  async #load(projectId: string, jobId: string): Promise<AttemptBasis | null> {
    try {
      return await this.#parts.jobs.loadForAttempt(projectId, jobId);
    } catch (error) {
      throw error instanceof DamagedJob ? new UnrecoverableError(`${error.code}: ${error.message}`) : error;
    }
  }

  /** False for what is left of a run that was ended and retried: the present run has an entry of its own. */
  async #isOfPresentRun(entry: Job<QueueEntry, void>): Promise<boolean> {
    const state = await this.#parts.jobs.load(entry.data.projectId, entry.data.jobId);
    return state?.queueId === entry.id;
  }

  /** Puts an entry back for another worker, without counting a try. */
  async #handBack(entry: Job<QueueEntry, void>, token: string | undefined): Promise<never> {
    await entry.moveToWait(token).catch((err: unknown) => {
      const late = 'handing a job back failed; it goes on elsewhere when its lock ends';
      this.#parts.logger.warn({ err, jobId: entry.data.jobId }, late);
    });
    throw new WaitingError();
  }
}

/** One span for the attempt, between BullMQ's own and those of its steps. */
function traceAttempt(attempt: Attempt, state: JobState, retries: number): Promise<Outcome> {
  const attributes = {
    'playhead.project.id': attempt.projectId,
    'playhead.job.id': attempt.jobId,
    'playhead.job.attempt': attempt.attempt,
    'playhead.workflow': state.workflow,
  };
  return trace(`job ${state.taskName}`, 'internal', attributes, async (span) => {
    const outcome = await attempt.run(retries);
    span.set({ 'playhead.outcome': outcome.kind });
    if ('error' in outcome) span.fail(outcome.error.code, outcome.error.message);
    return outcome;
  });
}

function retriesLeft(entry: Job<QueueEntry, void>): number {
  return (entry.opts.attempts ?? 1) - entry.attemptsMade - 1;
}
