/**
 * Random sequences of what tasks, their queues and people do to tracked jobs, held step by step against a model in memory:
 * reports in any order, twice, late and after the end; several processes with one externalId; cancellations; leases that end,
 * and tasks that come back after that. PLAYHEAD_MODEL_RUNS and PLAYHEAD_MODEL_SEED make longer and other runs.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import type { Receipt } from '../../src/jobs/tracked-report.ts';
import { memberOf } from '../../src/jobs/watch.ts';
import { isEnding, type LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { hasEnded, type JobState, type JobStatus } from '../../src/progress/state.ts';
import { connect, unique } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';

const RUNS = Number(process.env['PLAYHEAD_MODEL_RUNS'] ?? 20);
const SEED = Number(process.env['PLAYHEAD_MODEL_SEED'] ?? 1);
const MAX_ATTEMPTS = 2;

type End = 'COMPLETION' | 'ERROR' | 'LOST';

/** An attempt as its process knows it. */
interface Attempt {
  readonly externalId: string;
  readonly jobId: string;
  readonly lease: string;
  readonly number: number;
}

/** A job as it must be. */
interface Expected {
  status: JobStatus;
  attempt: number;
  /** Attempts before the present run. */
  base: number;
  lease: string;
  end: End | null;
  progress: number;
  sequence: number;
  events: number;
  endings: number;
}

class World {
  /** Every attempt that any process has begun, oldest first. */
  readonly attempts: Attempt[] = [];
  readonly jobs = new Map<string, Expected>();
  /** The job of each externalId. */
  readonly names = new Map<string, string>();
  readonly path: JobPath;
  readonly tracked: TrackedJobs;
  readonly projectId = unique('model');

  constructor(path: JobPath, tracked: TrackedJobs) {
    this.path = path;
    this.tracked = tracked;
  }

  async track(externalId: string, restart: boolean): Promise<void> {
    const { projectId } = this;
    const request = { projectId, taskName: 't', externalId, maxAttempts: MAX_ATTEMPTS, restart };
    const begun = await this.tracked.track(request);
    const jobId = this.names.get(externalId);
    const job = jobId === undefined ? undefined : this.jobs.get(jobId);
    if (job?.status === 'CANCELLED' && !restart) {
      expect(begun).toMatchObject({ stop: 'CANCELLED', attempt: job.attempt, lease: job.lease });
      return;
    }
    const { job: state, lease, attempt: number } = begun;
    if (job === undefined || job.status === 'COMPLETED') {
      expect(begun).toMatchObject({ stop: null, attempt: 1 });
      expect([...this.jobs.keys()]).not.toContain(state.id);
      this.names.set(externalId, state.id);
      this.jobs.set(state.id, { ...NEW, lease });
    } else {
      expect(begun).toMatchObject({ stop: null, attempt: job.attempt + 1, job: { id: jobId } });
      const base = hasEnded(job.status) ? job.attempt : job.base;
      const { events, endings } = job;
      Object.assign(job, { ...NEW, lease, base, attempt: number, events: events + 1, endings });
    }
    this.attempts.push({ externalId, jobId: state.id, lease, number });
  }

  async report(attempt: Attempt, told: { progress?: number; sequence?: number }): Promise<void> {
    const job = this.#job(attempt);
    const receipt = await this.tracked.reportProgress({ ...this.#holder(attempt), ...told });
    if (!this.#isHeld(attempt, job)) return this.#refused(receipt, attempt, job, null);
    expect(receipt).toMatchObject({ accepted: true, stop: null });
    const { progress, sequence } = told;
    const isLate = sequence !== undefined && sequence <= job.sequence;
    if (isLate || progress === undefined) return;
    job.progress = Math.max(job.progress, progress);
    job.sequence = sequence ?? job.sequence;
    job.events += 1;
    expect(receipt.job.progress).toBe(job.progress);
  }

  async end(attempt: Attempt, how: 'completion' | 'error' | 'retry'): Promise<void> {
    const job = this.#job(attempt);
    const holder = this.#holder(attempt);
    const receipt = await (how === 'completion'
      ? this.tracked.reportCompletion({ ...holder, result: how })
      : this.tracked.reportError({ ...holder, error: how, willRetry: how === 'retry' }));
    const end = how === 'completion' ? 'COMPLETION' : 'ERROR';
    if (!this.#isHeld(attempt, job)) return this.#refused(receipt, attempt, job, end);
    expect(receipt).toMatchObject({ accepted: true, stop: null });
    job.end = end;
    job.status = how === 'completion' ? 'COMPLETED' : how === 'retry' ? 'RETRYING' : 'FAILED';
    job.events += 1;
    if (how === 'completion') job.progress = 1;
    if (how !== 'retry') job.endings += 1;
  }

  async cancel(attempt: Attempt): Promise<void> {
    const job = this.#job(attempt);
    const cancelling = this.path.commands.cancel(this.projectId, attempt.jobId);
    if (job.status === 'COMPLETED' || job.status === 'FAILED') {
      await expect(cancelling).rejects.toMatchObject({ code: 'JOB_ENDED' });
      return;
    }
    expect(await cancelling).toMatchObject({ status: 'CANCELLED' });
    if (job.status === 'CANCELLED') return;
    Object.assign(job, { status: 'CANCELLED', events: job.events + 1, endings: job.endings + 1 });
  }

  /** The job is silent for too long, whether it runs or waits for its next attempt. */
  async expire(attempt: Attempt): Promise<void> {
    const job = this.#job(attempt);
    const { keys, reconciler, redis } = this.path;
    await redis.hset(keys.project(this.projectId).job(attempt.jobId), 'leaseUntil', 1);
    await redis.zadd(keys.leases, 1, memberOf({ projectId: this.projectId, id: attempt.jobId }));
    await reconciler.sweep();
    if (hasEnded(job.status)) return;
    const willRetry = job.status === 'RUNNING' && job.attempt - job.base < MAX_ATTEMPTS;
    job.end = 'LOST';
    // The report that it would retry ended the attempt; what is lost then is the next one.
    if (job.status === 'RETRYING') job.end = (await this.#load(attempt.jobId)).tracked?.end ?? null;
    job.status = willRetry ? 'RETRYING' : 'FAILED';
    job.events += 1;
    if (!willRetry) job.endings += 1;
  }

  /** The state of every job, and the log, are what the model says. */
  async check(): Promise<void> {
    for (const [jobId, job] of this.jobs) {
      const { attempt, lease, progress, status } = job;
      expect(await this.#load(jobId)).toMatchObject({ attempt, progress, status, tracked: { lease } });
    }
    const events = await this.path.log.readAfter(this.projectId, ORIGIN, 10_000);
    for (const [jobId, job] of this.jobs) {
      const own = events.filter(({ event }) => event.jobId === jobId);
      expect(own).toHaveLength(job.events);
      expect(own.map(({ event }) => event.version)).toEqual(own.map((_, at) => at + 1));
      expect(own.filter(({ event }) => isEnding(event))).toHaveLength(job.endings);
      checkOrder(own);
    }
  }

  #refused(receipt: Receipt, attempt: Attempt, job: Expected, end: End | null): void {
    const isPresent = job.lease === attempt.lease;
    if (isPresent && end !== null && job.end === end) {
      expect(receipt).toMatchObject({ accepted: true, stop: null });
      return;
    }
    const isCancelled = isPresent && job.end === null && job.status === 'CANCELLED';
    expect(receipt).toMatchObject({ accepted: false, stop: isCancelled ? 'CANCELLED' : 'LOST' });
  }

  #isHeld({ lease }: Attempt, job: Expected): boolean {
    return job.lease === lease && job.end === null && !hasEnded(job.status);
  }

  #job({ jobId }: Attempt): Expected {
    return this.jobs.get(jobId) as Expected;
  }

  #holder({ jobId, lease }: Attempt) {
    return { projectId: this.projectId, jobId, lease };
  }

  async #load(jobId: string): Promise<JobState> {
    return (await this.path.jobs.load(this.projectId, jobId)) as JobState;
  }
}

const NEW: Omit<Expected, 'lease'> = {
  ...{ status: 'RUNNING', attempt: 1, base: 0, end: null, progress: 0, sequence: 0, events: 1, endings: 0 },
};

/** Attempts grow, progress grows within each (G5), and after an ending only another attempt begins (G3). */
function checkOrder(events: readonly LoggedEvent[]): void {
  let last = { attempt: 0, progress: 0, isOver: false };
  for (const { event } of events) {
    const isNext = event.attempt > last.attempt;
    expect(event.attempt).toBeGreaterThanOrEqual(last.attempt);
    if (last.isOver) expect(isNext).toBe(true);
    const progress = event.type === 'ProgressEvent' ? event.progress : 1;
    if (!isNext) expect(progress).toBeGreaterThanOrEqual(last.progress);
    last = {
      attempt: event.attempt,
      progress: event.type === 'ProgressEvent' ? progress : last.progress,
      isOver: isEnding(event),
    };
  }
}

/** Something that happens, and how it is called where a run that fails is shown. */
class Step {
  readonly #name: string;
  readonly act: (world: World) => Promise<void>;

  constructor(name: string, act: (world: World) => Promise<void>) {
    this.#name = name;
    this.act = act;
  }

  toString(): string {
    return this.#name;
  }
}

/** Of the attempts that there are, mostly a late one. */
function ofAttempt(
  name: string,
  which: number,
  act: (world: World, attempt: Attempt) => Promise<void>,
): Step {
  return new Step(`${name} by -${which}`, async (world) => {
    const attempt = world.attempts.at(-1 - (which % Math.max(1, Math.min(world.attempts.length, 6))));
    if (attempt !== undefined) await act(world, attempt);
  });
}

const which = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(5) });
const told = fc.record(
  { progress: fc.nat(10).map((tenths) => tenths / 10), sequence: fc.integer({ min: 1, max: 5 }) },
  { requiredKeys: [] },
);
const tracking = fc
  .tuple(fc.constantFrom('a', 'b'), fc.boolean())
  .map(([id, restart]) => new Step(`track ${id} ${restart}`, (world) => world.track(id, restart)));
const reporting = fc
  .tuple(which, told)
  .map(([at, report]) =>
    ofAttempt(`report ${JSON.stringify(report)}`, at, (world, attempt) => world.report(attempt, report)),
  );
const ending = fc
  .tuple(which, fc.constantFrom('completion' as const, 'error' as const, 'retry' as const))
  .map(([at, how]) => ofAttempt(how, at, (world, attempt) => world.end(attempt, how)));
const cancelling = which.map((at) => ofAttempt('cancel', at, (world, attempt) => world.cancel(attempt)));
const expiring = which.map((at) => ofAttempt('expire', at, (world, attempt) => world.expire(attempt)));
const checking = fc.constant(new Step('check', (world) => world.check()));
const step = fc.oneof(
  { weight: 6, arbitrary: tracking },
  { weight: 10, arbitrary: reporting },
  { weight: 6, arbitrary: ending },
  { weight: 2, arbitrary: cancelling },
  { weight: 3, arbitrary: expiring },
  { weight: 1, arbitrary: checking },
);

test(`tracked jobs do what the model does, in ${RUNS} runs (G3, G4, G5)`, {
  timeout: 60_000 + RUNS * 2_000,
}, async () => {
  const path = await createJobPath();
  const tracked = new TrackedJobs({ redis: connect(), keys: path.keys, returnMs: 100_000_000 });
  const steps = fc.array(step, { minLength: 20, maxLength: 60, size: 'max' });
  const property = fc.asyncProperty(steps, async (list) => {
    const world = new World(path, tracked);
    for (const { act } of list) await act(world);
    await world.check();
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: 50_000 + RUNS * 2_000 });
});
