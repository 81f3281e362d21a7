/** Builds what an API process and workers share for jobs, with a workflow whose steps do what the test plans. */

import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { PlayheadError } from '../../src/core/errors.ts';
import type { Json } from '../../src/core/json.ts';
import { type Logger, silentLogger } from '../../src/core/logger.ts';
import type { Durations } from '../../src/eta/durations.ts';
import { LOCAL_SETUP, RunPredictor } from '../../src/eta/run-predictor.ts';
import type { RunnableWorkflow } from '../../src/jobs/attempt.ts';
import type { JobResult, StepRun, WorkflowRun } from '../../src/jobs/contract.ts';
import type { Workflows } from '../../src/jobs/definition.ts';
import { type DiskLimits, DiskUsage } from '../../src/jobs/disk-usage.ts';
import { JobCommands, type JobCommandsParts, type NewJobRequest } from '../../src/jobs/enqueue.ts';
import { JobFileStore } from '../../src/jobs/files.ts';
import { Reconciler, type ReconcilerParts } from '../../src/jobs/reconcile.ts';
import { Runner, type RunnerParts } from '../../src/jobs/run.ts';
import { watchStops } from '../../src/jobs/stops.ts';
import { JobLines } from '../../src/log/job-lines.ts';
import { JobStore } from '../../src/log/job-store.ts';
import { EventLog } from '../../src/log/log.ts';
import { isEnding, type JobEvent, type ProgressEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { hasEnded, type JobState } from '../../src/progress/state.ts';
import { type BullQueue, QUEUE_NAME } from '../../src/queue/bullmq-entry.ts';
import { openBullMQQueue } from '../../src/queue/bullmq-queue.ts';
import type { JobQueue } from '../../src/queue/job-queue.ts';
import type { Keys } from '../../src/redis/keys.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import type { FileStore } from '../../src/store/store.ts';
import { PATIENCE_MS, until, within } from './deadline.ts';
import { connect, createEventPath, type EventPath, SetClock, unique } from './harness.ts';
import { STAGED_WORKFLOWS, tableOf } from './workflows.ts';

type Run = WorkflowRun<unknown, string>;
type Work = (step: StepRun, run: Run) => Promise<Json>;

/** A step that waits for the test. */
export interface HeldStep {
  /** Resolves when the step's work has begun. */
  entered(): Promise<{ readonly step: StepRun; readonly run: Run }>;
  release(output?: Json): void;
  fail(error: Error): void;
}

/** The workflow under test: runs the steps of LIPSYNC; each does what was planned for it, otherwise it returns immediately. */
export class Stage {
  /** Steps whose work was done, as `step#attempt`. */
  readonly calls: string[] = [];
  /** What `run.step` returned, by `step#attempt`. */
  readonly outputs = new Map<string, Json>();
  readonly #plans = new Map<string, Work[]>();

  /** Adds a plan for the next call of a step that has none yet. */
  plan(step: string, work: Work): void {
    this.#plans.set(step, [...(this.#plans.get(step) ?? []), work]);
  }

  fail(step: string, error: Error): void {
    this.plan(step, () => Promise.reject(error));
  }

  /** Makes the step's next call wait; an abort ends the wait, as it would end a tool. */
  hold(step: string): HeldStep {
    const entered = Promise.withResolvers<{ step: StepRun; run: Run }>();
    const answer = Promise.withResolvers<Json>();
    answer.promise.catch(() => {});
    this.plan(step, (stepRun, run) => {
      entered.resolve({ step: stepRun, run });
      stepRun.signal.addEventListener('abort', () => answer.reject(stepRun.signal.reason as Error));
      return answer.promise;
    });
    return {
      entered: () => within(entered.promise, PATIENCE_MS, `the step ${step}`),
      release: (output = { step }) => answer.resolve(output),
      fail: (error) => answer.reject(error),
    };
  }

  readonly workflow: RunnableWorkflow = {
    run: async (run) => {
      for (const { name } of tableOf('LIPSYNC')) {
        const output = await run.step(name, `Doing ${name}`, (step) => {
          this.calls.push(`${name}#${run.attempt}`);
          const work = this.#plans.get(name)?.shift();
          return work === undefined ? Promise.resolve({ by: `${name}#${run.attempt}` }) : work(step, run);
        });
        this.outputs.set(`${name}#${run.attempt}`, output);
      }
      return RESULT;
    },
  };
}

const FILE = { name: 'a.mp4', path: 'p/j/a.mp4', contentType: 'video/mp4', sizeBytes: 1 };
export const RESULT: JobResult = {
  type: 'LipsyncResult',
  video: FILE,
  cues: { ...FILE, name: 'a.json', contentType: 'application/json' },
  totalDuration: 1,
  totalCostUsd: 0,
};

export interface JobPath extends EventPath {
  readonly projectId: string;
  readonly queue: JobQueue;
  /** The same queue, as seen through BullMQ. */
  readonly bull: BullQueue;
  readonly commands: JobCommands;
  readonly reconciler: Reconciler;
  /** Makes another worker's reconciler. */
  createReconciler(parts?: Partial<ReconcilerParts>): Reconciler;
  /** The reconciler's clock. */
  readonly clock: SetClock;
  readonly usage: DiskUsage;
  readonly files: JobFileStore;
  readonly dataDir: string;
  readonly stage: Stage;
  enqueue(request?: Partial<NewJobRequest>): Promise<JobState>;
  startWorker(options?: WorkerOptions): Promise<TestWorker>;
  load(jobId: string): Promise<JobState>;
  /** Waits until the job has ended. */
  ended(jobId: string): Promise<JobState>;
  events(jobId: string): Promise<readonly JobEvent[]>;
  /** The job's events that nothing may follow. */
  endings(jobId: string): Promise<readonly JobEvent[]>;
  /** Removes the lock of a queue entry, as if its worker had stalled for too long. */
  loseLock(queueId: string): Promise<void>;
  /** Absolute path of a stored file. */
  stored(jobId: string, name: string): string;
  exists(path: string): Promise<boolean>;
}

export interface WorkerOptions {
  readonly leaseMs?: number;
  readonly renewMs?: number;
  readonly lossCheckMs?: number;
  readonly maxLosses?: number;
  readonly jobTimeoutMs?: number;
  readonly stepTimeoutMs?: number;
  readonly showsErrors?: boolean;
  readonly concurrency?: number;
  /** Different keys for the control channel, so that its messages are lost. */
  readonly controlKeys?: Keys;
  readonly lookIntervalMs?: number;
  /** The durations that the worker learns from and records; default: it predicts nothing. */
  readonly durations?: Durations;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** The store that the runner reads snapshots from; default: the worker's own. */
  readonly jobs?: JobStore;
  /** Default: a silent one. */
  readonly logger?: Logger;
  /** The worker's definitions, such as those of another version; default: the path's. */
  readonly workflows?: Workflows;
  /** The workflows that the worker runs; default: the staged workflow and the path's. */
  readonly runnables?: RunnerParts['runnables'];
}

export interface TestWorker {
  readonly runner: Runner;
  /** Stops running attempts, hands them back and ends, as a worker does on SIGTERM after the drain time. */
  shutDown(): Promise<void>;
}

export interface JobPathOptions {
  readonly url?: string;
  /** Default: one of the test's own. */
  readonly prefix?: string;
  readonly retentionMs?: number;
  /** Wraps the queue that the commands see. */
  readonly commandQueue?: (queue: JobQueue) => JobQueue;
  /** Real workflows in addition to the staged one. */
  readonly runnables?: RunnerParts['runnables'];
  /** Default: STAGED_WORKFLOWS. */
  readonly workflows?: Workflows;
  /** Limit of unfinished jobs per project; default: none. */
  readonly maxQueuedJobs?: number;
  /** Step ranges of new jobs; default: the tables'. */
  readonly ranges?: JobCommandsParts['ranges'];
  /** Default: everything is admitted. */
  readonly admission?: JobCommandsParts['admission'];
  /** Default: none. */
  readonly diskLimits?: DiskLimits;
  /** Default: a folder of the test's own. */
  readonly store?: FileStore;
  /** The commands' logger; default: a silent one. */
  readonly logger?: Logger;
}

export async function createJobPath(options: JobPathOptions = {}): Promise<JobPath> {
  const { prefix, url, workflows = STAGED_WORKFLOWS } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-jobs-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const path = createEventPath({
    ...(url !== undefined && { url }),
    ...(prefix !== undefined && { prefix }),
  });
  const { keys, log, jobs, redis } = path;
  const queue = await openBullMQQueue({ connection: connect(options.url), keys, logger: silentLogger });
  onTestFinished(() => queue.close());
  const bull: BullQueue = new Queue(QUEUE_NAME, { connection: redis, prefix: keys.queuePrefix });
  bull.on('error', () => {
    // Some tests take Redis away.
  });
  onTestFinished(() => bull.close());
  const limits = options.diskLimits ?? { maxJobBytes: Infinity, maxProjectBytes: Infinity };
  const clock = new SetClock();
  const time = { now: () => Math.max(clock.now(), Date.now()) };
  const usage = new DiskUsage({ redis, keys, clock: time, limits });
  const commands = new JobCommands({
    redis,
    keys,
    log,
    jobs,
    queue: options.commandQueue?.(queue) ?? queue,
    clock: systemClock,
    logger: options.logger ?? silentLogger,
    retentionMs: options.retentionMs ?? 3_600_000,
    workflows,
    usage,
    ...(options.ranges !== undefined && { ranges: options.ranges }),
    ...(options.admission !== undefined && { admission: options.admission }),
    ...(options.maxQueuedJobs !== undefined && {
      quotas: { maxQueuedJobs: options.maxQueuedJobs, maxTextChars: 100_000 },
    }),
  });
  const store = options.store ?? new FolderStore(join(dataDir, 'artifacts'));
  const files = new JobFileStore(store, dataDir);
  onTestFinished(() => files.close());
  const retentionMs = options.retentionMs ?? 3_600_000;
  const createReconciler = (parts: Partial<ReconcilerParts> = {}): Reconciler =>
    new Reconciler({
      ...{ redis, keys, log, jobs, queue, files, usage, retentionMs, workflows },
      clock: time,
      logger: silentLogger,
      graceMs: 0,
      ...parts,
    });
  const reconciler = createReconciler();
  const stage = new Stage();
  const projectId = unique('project');
  const events = async (jobId: string): Promise<readonly JobEvent[]> =>
    (await log.readAfter(projectId, ORIGIN, 10_000))
      .map(({ event }) => event)
      .filter((event) => event.jobId === jobId);
  return {
    ...path,
    projectId,
    queue,
    bull,
    commands,
    reconciler,
    createReconciler,
    clock,
    files,
    usage,
    dataDir,
    stage,
    events,
    enqueue: (request = {}) =>
      commands.enqueue({
        workflow: 'LIPSYNC',
        field: 'input',
        projectId,
        input: { script: 'hello' },
        ...request,
      }),
    startWorker: (workerOptions = {}) =>
      startTestWorker(
        { redis: connect(options.url), subscriber: connect(options.url) },
        keys,
        {
          ...{ files, usage },
          workflows: workerOptions.workflows ?? workflows,
          runnables: workerOptions.runnables ?? { LIPSYNC: stage.workflow, ...options.runnables },
        },
        reconciler,
        queue,
        workerOptions,
      ),
    load: async (jobId) => {
      const state = await jobs.load(projectId, jobId);
      if (state === null) throw new Error(`expected the job ${jobId}`);
      return state;
    },
    ended: (jobId) =>
      until(
        async () => {
          const state = await jobs.load(projectId, jobId);
          return state !== null && hasEnded(state.status) ? state : undefined;
        },
        { what: `the job ${jobId} has ended` },
      ),
    endings: async (jobId) => (await events(jobId)).filter(isEnding),
    loseLock: async (queueId) => void (await redis.del(`${bull.toKey(queueId)}:lock`)),
    stored: (jobId, name) => join(dataDir, 'artifacts', projectId, jobId, name),
    exists: (file) =>
      access(file).then(
        () => true,
        () => false,
      ),
  };
}

async function startTestWorker(
  connections: { readonly redis: Redis; readonly subscriber: Redis },
  keys: Keys,
  parts: Pick<RunnerParts, 'files' | 'usage' | 'runnables' | 'workflows'>,
  reconciler: Reconciler,
  queue: JobQueue,
  options: WorkerOptions,
): Promise<TestWorker> {
  const { redis, subscriber } = connections;
  const { clock = systemClock, durations, logger = silentLogger } = options;
  const { jobs = new JobStore(redis, keys, parts.workflows) } = options;
  const predictor = durations && new RunPredictor(durations, { LIPSYNC: LOCAL_SETUP }, clock);
  onTestFinished(() => void predictor?.close());
  const runner = new Runner({
    ...parts,
    ...(predictor !== undefined && { predictor }),
    log: new EventLog(redis, keys),
    lines: new JobLines(redis, keys),
    worker: 'machine/1',
    jobs,
    clock,
    logger,
    onEnded: (state) => void reconciler.retire([state]).catch(() => {}),
    jobTimeoutMs: options.jobTimeoutMs ?? 60_000,
    ...(options.stepTimeoutMs !== undefined && { stepTimeoutMs: options.stepTimeoutMs }),
    ...(options.showsErrors !== undefined && { showsErrors: options.showsErrors }),
  });
  const { concurrency = 4, leaseMs, lossCheckMs, maxLosses, renewMs } = options;
  const taker = queue.take((entry) => runner.carryOut(entry), {
    concurrency,
    workflows: Object.keys(parts.runnables),
    leaseMs,
    lossCheckMs,
    maxLosses,
    renewMs,
  });
  const stops = watchStops({
    subscriber,
    keys: options.controlKeys ?? keys,
    jobs,
    logger,
    running: () => runner.running,
    intervalMs: options.lookIntervalMs ?? 1_000,
  });
  const shutDown = async (): Promise<void> => {
    const closing = taker.close();
    runner.shutDown();
    await closing;
  };
  onTestFinished(async () => {
    await shutDown();
    await stops.close();
  });
  await taker.ready();
  return { runner, shutDown };
}

/** @param attempt default: every attempt */
export async function progressEvents(
  path: JobPath,
  jobId: string,
  attempt?: number,
): Promise<ProgressEvent[]> {
  const events = await path.events(jobId);
  return events
    .filter((event) => event.type === 'ProgressEvent')
    .filter((event) => attempt === undefined || event.attempt === attempt);
}

/** Every key of the installation, except the one that BullMQ writes when its queue is opened. */
export async function keysOf(path: JobPath): Promise<string[]> {
  const prefix = path.keys.unended.replace(/:unended$/, '');
  const keys = await path.redis.keys(`*${prefix}*`);
  return keys.filter((key) => !key.endsWith(':jobs:meta')).sort();
}

export function away(retryAfterSeconds = 0.01): PlayheadError {
  return new PlayheadError('PROVIDER_FAILED', 'away', { retryAfterSeconds });
}
