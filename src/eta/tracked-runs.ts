/**
 * The remaining time of tracked jobs, from how long earlier runs of the same task, with the same steps, took in the same
 * project. As with the other workflows (durations.ts), no report waits for anything here, and nothing is read for one: a list
 * is read again when it is asked for and is some seconds old.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Eta } from '../progress/events.ts';
import { recordOf, runSoFar } from '../progress/observed-run.ts';
import type { RunRecord, RunSoFar } from '../progress/run-so-far.ts';
import { type JobState, rangesOf } from '../progress/state.ts';
import type { Keys } from '../redis/keys.ts';
import { readRun } from './durations.ts';
import { createModel, estimate, type Model, steady } from './eta.ts';

interface TrackedRunsParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is known of a task's earlier runs. */
interface Known {
  model: Model;
  /** The newest of them as JSON. */
  newest: string | undefined;
  /** ms since the epoch; null before the first reading. */
  readAt: number | null;
  isReading: boolean;
}

/** The step that stands for the whole of a job that has none. */
const WHOLE = 'task';
/**
 * Fewer than for workflows, of which there are few: a model of 200 runs takes some 100 ms of the event loop, one of 50 about 6.
 */
const MAX_RUNS = 50;
const STALE_MS = 15_000;
/** With fewer runs than this, each further one changes the model a lot. */
const FEW_RUNS = 10;
const FEW_STALE_MS = 1_000;
const LIFETIME_SECONDS = 90 * 24 * 3_600;
/** Tasks whose models are kept in this process. */
const MAX_KNOWN = 500;

type Task = Pick<JobState, 'projectId' | 'taskName' | 'ranges' | 'table'>;

export class TrackedRuns {
  readonly #parts: TrackedRunsParts;
  readonly #known = new LRUCache<string, Known>({ max: MAX_KNOWN });

  constructor(parts: TrackedRunsParts) {
    this.#parts = parts;
  }

  /**
   * What is left of a job's present attempt. Cheap, never waits.
   * @param now ms since the epoch
   * @returns null when nothing can be said
   */
  predict(job: JobState, now: number): Eta | null {
    const known = this.#knownOf(job);
    if (this.#isOld(known)) void this.#read(known, job);
    const found = estimate(known.model, toRun(job, now));
    return found === null ? null : steady(job.eta, found, now);
  }

  /** Keeps how long a completed job took, if that was its first attempt. Never waits, never throws. */
  remember(job: JobState): void {
    const run = toRecord(job);
    if (run === null) return;
    const { logger, redis } = this.#parts;
    const key = this.#keyOf(job);
    redis
      .multi()
      .lpush(key, JSON.stringify(run))
      .ltrim(key, 0, MAX_RUNS - 1)
      .expire(key, LIFETIME_SECONDS)
      .exec()
      .catch((err: unknown) => logger.warn({ err, taskName: job.taskName }, 'recording a run failed'));
  }

  #keyOf(task: Task): string {
    const names = JSON.stringify(stepNames(task));
    const steps = createHash('sha256').update(names).digest('base64url').slice(0, 16);
    return this.#parts.keys.project(task.projectId).durations(task.taskName, steps);
  }

  #knownOf(task: Task): Known {
    // This is done for every report: the names themselves are cheaper than their hash.
    const key = JSON.stringify([task.projectId, task.taskName, stepNames(task)]);
    const known = this.#known.get(key) ?? {
      ...{ model: createModel([], stepNames(task)), newest: undefined },
      ...{ readAt: null, isReading: false },
    };
    this.#known.set(key, known);
    return known;
  }

  #isOld({ isReading, model, readAt }: Known): boolean {
    if (isReading) return false;
    if (readAt === null) return true;
    const age = this.#parts.clock.now() - readAt;
    return age < 0 || age >= (model.runs < FEW_RUNS ? FEW_STALE_MS : STALE_MS);
  }

  async #read(known: Known, task: Task): Promise<void> {
    const { clock, logger, redis } = this.#parts;
    known.isReading = true;
    try {
      const lines = await redis.lrange(this.#keyOf(task), 0, MAX_RUNS - 1);
      if (lines[0] !== known.newest) {
        const runs = lines.map(readRun).filter((run) => run !== null);
        known.model = createModel(runs.reverse(), stepNames(task));
        known.newest = lines[0];
      }
    } catch (err) {
      logger.warn({ err, taskName: task.taskName }, 'reading the durations of earlier runs failed');
    }
    known.readAt = clock.now();
    known.isReading = false;
  }
}

function stepNames(task: Task): readonly string[] {
  const names = rangesOf(task).map(({ name }) => name);
  return names.length === 0 ? [WHOLE] : names;
}

function toRun(job: JobState, now: number): RunSoFar {
  const at = job.tracked?.begunAt ?? job.createdAt;
  const run = runSoFar(job, { at, skipped: [] }, now);
  if (rangesOf(job).length > 0) return run;
  const { elapsedSeconds } = run;
  return { ...run, current: { step: WHOLE, elapsedSeconds, share: job.progress } };
}

/** Null for a run that says nothing about others. */
function toRecord(job: JobState): RunRecord | null {
  const { attempt, finishedAt, size, startedAt, status, steps } = job;
  if (status !== 'COMPLETED' || attempt > 1 || startedAt === null || finishedAt === null) return null;
  if (rangesOf(job).length === 0) {
    return { steps: { [WHOLE]: Math.max(0, finishedAt - startedAt) / 1_000 }, size };
  }
  return Object.keys(steps).length === 0 ? null : recordOf(job);
}
