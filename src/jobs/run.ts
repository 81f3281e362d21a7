/**
 * The runner: carries out queue entries, each as an attempt of its job (attempt.ts), and reports the outcome.
 *
 * A batch's entry is woken when those of its items are done; all that is left to do then is to write its last event (batch.ts).
 */

import type { PlayheadError } from '../core/errors.ts';
import { METERS } from '../core/meters.ts';
import { trace } from '../core/tracing.ts';
import { DamagedJob, orDamaged, readableOf } from '../log/damaged-job.ts';
import type { AttemptBasis, JobStore } from '../log/job-store.ts';
import type { EventLog } from '../log/log.ts';
import { hasEnded, type JobState } from '../progress/state.ts';
import { type StepTables, stepsOf, type Workflow } from '../progress/steps.ts';
import type { EntryOutcome, TakenEntry } from '../queue/job-queue.ts';
import {
  Attempt,
  type AttemptParts,
  type Outcome,
  type RunnableWorkflow,
  type RunningAttempt,
} from './attempt.ts';
import { finishBatch } from './batch.ts';
import { BatchReports } from './batch-reports.ts';

export interface RunnerParts extends Omit<AttemptParts, 'log' | 'jobs' | 'runnable'> {
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly workflows: StepTables;
  /** The workflows that this worker runs. */
  readonly runnables: Readonly<Record<Workflow, RunnableWorkflow>>;
}

/** How long a batch's entry waits if it was woken early. */
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

  /** Stops every attempt and hands its entry back to the queue, as well as each entry that comes from now on. */
  shutDown(): void {
    this.#shutDown = true;
    for (const attempt of this.#running) attempt.stop('shutdown');
  }

  /** Carries out a queue entry. */
  async carryOut(entry: TakenEntry): Promise<EntryOutcome> {
    const told = entry.basis;
    const job = told === null ? await this.#load(entry) : { ...told, state: this.#withTable(told.state) };
    if (job === null) return { kind: 'failed', reason: `job ${entry.jobId} has no snapshot` };
    if (job instanceof DamagedJob) {
      const { code, message, unknownWorkflow } = job;
      if (unknownWorkflow === null) return { kind: 'failed', reason: `${code}: ${message}` };
      return this.#leave(entry, unknownWorkflow);
    }
    const { state } = job;
    // This entry is left over from a run that was ended and retried.
    if (state.queueId !== entry.id) return { kind: 'done' };
    // This entry was fetched while the worker was already closing.
    if (this.#shutDown) return { kind: 'handed-back' };
    if (state.itemCount > 0) return this.#finishBatch(state);
    const { workflow } = state;
    const runnable = this.#parts.runnables[workflow];
    if (runnable === undefined) return this.#leave(entry, workflow);
    const parts = { ...this.#parts, runnable, log: this.#batches.logFor(state) };
    const attempt = new Attempt(parts, job, entry.attempt);
    entry.lost.addEventListener('abort', () => attempt.stop('lost'), { once: true });
    if (entry.lost.aborted) attempt.stop('lost');
    this.#running.add(attempt);
    try {
      return await this.#settle(await traceAttempt(attempt, state, entry.retriesLeft), entry);
    } finally {
      this.#running.delete(attempt);
      this.#batches.release(state);
    }
  }

  async #finishBatch(batch: JobState): Promise<EntryOutcome> {
    const finished = await finishBatch(this.#parts, batch);
    // An item's entry is done, but its last event is still to come: its worker was lost, or the item was retried.
    if (finished === null) return { kind: 'items-are-left', againMs: BATCH_AGAIN_MS };
    this.#parts.onEnded(finished);
    return { kind: 'done' };
  }

  /** What has become of the entry, now that its attempt has ended. */
  async #settle(outcome: Outcome, entry: TakenEntry): Promise<EntryOutcome> {
    switch (outcome.kind) {
      case 'done':
        return { kind: 'done' };
      case 'retry':
        return { kind: 'retry', reason: reasonOf(outcome.error), delayMs: outcome.delayMs };
      case 'failed':
        return { kind: 'failed', reason: reasonOf(outcome.error) };
      case 'stopped':
        if (outcome.reason === 'shutdown') return { kind: 'handed-back' };
        // The entry is no longer this worker's: leave it to its new owner, or to the check for dead workers.
        if (outcome.reason === 'lost' && (await this.#isOfPresentRun(entry))) return { kind: 'lost' };
        // The last event has been written.
        return { kind: 'failed', reason: `stopped: ${outcome.reason}` };
    }
  }

  /** Leaves an entry to workers that have its workflow, unless nothing is left to do. */
  async #leave({ id, jobId, projectId }: TakenEntry, workflow: Workflow): Promise<EntryOutcome> {
    const found = await this.#parts.jobs.load(projectId, jobId).catch(orDamaged);
    const state = readableOf(found);
    if (state !== null && (state.queueId !== id || hasEnded(state.status))) return { kind: 'done' };
    return { kind: 'left-to-others', workflow };
  }

  #withTable(state: JobState): JobState {
    return { ...state, table: stepsOf(this.#parts.workflows, state.workflow) };
  }

  /** A job that can't be read is not tried again, since the next try could not read it either. */
  async #load({ jobId, projectId }: TakenEntry): Promise<AttemptBasis | DamagedJob | null> {
    return this.#parts.jobs.loadForAttempt(projectId, jobId).catch(orDamaged);
  }

  /** False for an entry left over from a run that was ended and retried: the present run has an entry of its own. */
  async #isOfPresentRun({ id, jobId, projectId }: TakenEntry): Promise<boolean> {
    return (await this.#parts.jobs.load(projectId, jobId))?.queueId === id;
  }
}

function reasonOf({ code, message }: PlayheadError): string {
  return `${code}: ${message}`;
}

/** One span for the attempt, between the queue's own and those of its steps. */
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
