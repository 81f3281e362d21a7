/** A worker process: takes jobs from the queue and runs their workflows. Start any number, on any machine. */

import { hostname } from 'node:os';
import { Accumulator } from './core/accumulator.ts';
import { systemClock } from './core/clock.ts';
import { DamagedRecords } from './core/damaged-records.ts';
import { isMain } from './core/is-main.ts';
import { type Running, runProcess, unlessEnding } from './core/lifecycle.ts';
import type { Logger } from './core/logger.ts';
import { pause } from './core/pause.ts';
import { Durations } from './eta/durations.ts';
import { LOCAL_SETUP, RunPredictor } from './eta/run-predictor.ts';
import { webhookUrl } from './http/webhooks.ts';
import type { Workflows } from './jobs/definition.ts';
import { DiskUsage } from './jobs/disk-usage.ts';
import { JobFileStore } from './jobs/files.ts';
import { Reconciler } from './jobs/reconcile.ts';
import { Runner } from './jobs/run.ts';
import { type StartedWorkflows, startWorkflows } from './jobs/start-workflows.ts';
import { watchStops } from './jobs/stops.ts';
import { JobLines } from './log/job-lines.ts';
import { JobStore } from './log/job-store.ts';
import { DEFAULT_LOG_SETTINGS, EventLog } from './log/log.ts';
import { createLogger } from './observe/logging.ts';
import { serveWorkerMetrics, startObservation } from './observe/observation.ts';
import type { JobState } from './progress/state.ts';
import { openBullMQQueue } from './queue/bullmq-queue.ts';
import { closeRedis, connectRedis } from './redis/client.ts';
import { RedisHealth } from './redis/health.ts';
import { startHeartbeat } from './redis/heartbeat.ts';
import { createKeys } from './redis/keys.ts';
import { findRedisFault } from './redis/server-check.ts';
import { databaseOf } from './redis/url.ts';
import { type Config, ConfigError, requireRedisUrl } from './settings/config.ts';
import { openStore } from './store/open-store.ts';
import { findStoreFault } from './store/store-check.ts';
import { type DispatcherParts, WebhookDispatcher } from './webhooks/dispatcher.ts';
import { WebhookStore } from './webhooks/webhook-store.ts';
import { describeStartFailure, loadProject } from './workflow/project.ts';

/** How many times within a lease a worker looks for jobs of dead workers. */
const LOSS_CHECKS_PER_LEASE = 3;
/** A job whose worker has died more often than this fails (WORKER_LOST): it is probably what kills them. */
const MAX_LOSSES = 2;
const SWEEP_MS = 3_000;
/** Ended jobs are retired together, after this wait. If the worker dies before, that is left to the reconcilers. */
const RETIRE_WAIT_MS = 100;
/** How long stopped attempts have to clean up and hand their jobs back. */
const HAND_BACK_MS = 5_000;
/** How long a worker's final writes may take. */
const LAST_WORDS_MS = 1_000;

export interface RunningWorker {
  /** Takes no more jobs, lets the running ones finish within the drain time, and hands the rest back to the queue. */
  close(): Promise<void>;
}

export interface WorkerDependencies {
  readonly config: Config;
  readonly redisUrl: string;
  readonly logger: Logger;
  /** The definitions: they decide how items of batches are made, and what job records may refer to. */
  readonly workflows: Workflows;
  /** What runs the workflows. */
  readonly started: Pick<StartedWorkflows, 'workflows'> & Partial<StartedWorkflows>;
}

/** Starts a worker in this process. @returns once it takes jobs */
export async function startWorker(dependencies: WorkerDependencies): Promise<RunningWorker> {
  const { config, redisUrl, logger, workflows, started } = dependencies;
  const { abilities = async () => [], notice, workflows: runnables } = started;
  const onRedisError = (err: Error): void => logger.warn({ err }, 'redis connection');
  const redis = connectRedis(redisUrl, onRedisError);
  const subscriber = connectRedis(redisUrl, onRedisError);
  const keys = createKeys(config.prefix, databaseOf(redisUrl));
  const damaged = new DamagedRecords(logger);
  const log = new EventLog(redis, keys, { ...DEFAULT_LOG_SETTINGS, maxLength: config.logLength }, damaged);
  const jobs = new JobStore(redis, keys, workflows, damaged);
  const store = await openStore(config.store, config.dataDir);
  const files = new JobFileStore(store, config.dataDir);
  const queue = await openBullMQQueue({ connection: redis, keys, logger, damaged });
  const health = new RedisHealth({ redis, keys, logger });
  const usage = new DiskUsage({ redis, keys, clock: systemClock, limits: config.security, damaged });
  const shared = { log, jobs, files, usage, logger, clock: systemClock };
  const reconciler = new Reconciler({
    ...{ ...shared, redis, keys, queue, damaged, workflows },
    retentionMs: config.jobRetentionMs,
  });
  const ended = new Accumulator<JobState>(RETIRE_WAIT_MS, (states) =>
    reconciler.retire(states).catch((err: unknown) => logger.warn({ err }, 'retiring jobs failed')),
  );
  const setups = setupsOf(runnables);
  const durations = new Durations({ redis, keys, clock: systemClock, logger, workflows });
  const predictor = new RunPredictor(durations, setups, systemClock);
  const runner = new Runner({
    ...shared,
    ...{ runnables, workflows, predictor },
    ...{ lines: new JobLines(redis, keys), worker: `${hostname()}/${process.pid}` },
    jobTimeoutMs: config.jobTimeoutMs,
    stepTimeoutMs: config.stepTimeoutMs,
    showsErrors: config.showsErrors,
    onEnded: (state) => ended.add(state),
  });
  await files.sweepScratch().catch((err: unknown) => logger.warn({ err }, 'sweeping scratch failed'));
  const taker = queue.take((entry) => runner.carryOut(entry), {
    ...{ concurrency: config.concurrency, workflows: Object.keys(runnables) },
    leaseMs: config.lockMs,
    lossCheckMs: Math.ceil(config.lockMs / LOSS_CHECKS_PER_LEASE),
    maxLosses: MAX_LOSSES,
  });
  const stops = watchStops({
    ...{ subscriber, keys, jobs, logger, onNotice: notice },
    running: () => runner.running,
  });
  const beat = startHeartbeat({
    ...{ redis, keys, logger, abilities },
    offer: { slots: config.concurrency, setups },
  });
  const sweeps = reconciler.start(SWEEP_MS);
  const webhooks = sendWebhooks({ config, redis, keys, log, jobs, logger, damaged });
  await taker.ready();
  logger.info({ concurrency: config.concurrency, workflows: Object.keys(runnables) }, 'worker ready');

  return {
    close: async () => {
      sweeps.stop();
      const closing = Promise.all([taker.close(), webhooks.close()]);
      const drained = setTimeout(() => runner.shutDown(), config.drainMs);
      // This may never settle while Redis is away.
      const late = 'the queue did not close in time; its jobs continue elsewhere when their locks end';
      await within(closing, config.drainMs + HAND_BACK_MS, () => logger.warn({}, late));
      clearTimeout(drained);
      // While Redis is away, each of these waits for an answer that does not come.
      const lastWords = [ended.flush(), predictor.close(), stops.close(), beat.close(), queue.close()];
      await within(Promise.all(lastWords), LAST_WORDS_MS, () => {});
      await Promise.all([redis, subscriber].map(closeRedis));
      for (const part of [health, files, store]) part.close();
    },
  };
}

type SendingParts = Pick<WorkerDependencies, 'config' | 'logger'> &
  Pick<DispatcherParts, 'redis' | 'keys' | 'log' | 'jobs'> & { readonly damaged: DamagedRecords };

function sendWebhooks({ config, damaged, ...parts }: SendingParts): WebhookDispatcher {
  return new WebhookDispatcher({
    ...parts,
    clock: systemClock,
    store: new WebhookStore(parts.redis, parts.keys, damaged),
    retentionMs: config.jobRetentionMs,
    post: { policy: { allowsPrivate: config.security.webhookPrivate } },
  });
}

/** The provider combination of each workflow that this worker runs. */
function setupsOf(runnables: StartedWorkflows['workflows']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(runnables).map(([workflow, { setup = LOCAL_SETUP }]) => [workflow, setup]),
  );
}

/** Waits for the promise, but no longer than the limit. */
async function within(end: Promise<unknown>, limitMs: number, onLate: () => void): Promise<void> {
  const limit = new AbortController();
  const late = pause(limitMs, limit.signal).then(onLate, () => {});
  await Promise.race([end, late]);
  limit.abort();
}

async function start(): Promise<Running> {
  const { config, workflows } = await loadProject();
  const logger = createLogger(config, 'worker');
  const observation = await startObservation(config, 'worker', (problem) =>
    logger.warn({ problem }, 'exporting telemetry failed'),
  );
  const fault =
    (await findRedisFault(requireRedisUrl(config), config.prefix)) ??
    (await findStoreFault(config.store, config.dataDir, logger));
  if (fault !== null) throw new ConfigError(fault);
  const { lockMs, publicUrl, searchPath, security, stepTimeoutMs, webhookToken } = config;
  const started = await startWorkflows(workflows, {
    ...{ logger, lockMs, searchPath, stepTimeoutMs },
    settings: config.workflowSettings,
    toolLimits: security.toolLimits,
    noticeUrl:
      publicUrl === undefined || webhookToken === undefined ? undefined : webhookUrl(publicUrl, webhookToken),
  });
  const redisUrl = requireRedisUrl(config);
  const running = await startWorker({ config, redisUrl, logger, workflows, started });
  const metrics = await serveWorkerMetrics(config, logger);
  process.send?.({ ready: true });
  return {
    logger,
    close: async (leftMs) => {
      await running.close();
      await started.close();
      metrics?.close();
      await observation.close(leftMs());
    },
    limitMs: config.drainMs + 10_000,
  };
}

// Anything that a worker took while still starting continues elsewhere when its lock expires, as after a crash.
if (isMain(import.meta)) runProcess((ending) => unlessEnding(ending, start()), describeStartFailure);
