/** An API process: HTTP, WebSocket, server-sent events, GraphiQL, the dashboard and files. Start any number, on any machine. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Redis } from 'ioredis';
import { type Clock, systemClock } from './core/clock.ts';
import { DamagedRecords } from './core/damaged-records.ts';
import { isMain } from './core/is-main.ts';
import { type Running, runProcess, unlessEnding } from './core/lifecycle.ts';
import type { Logger } from './core/logger.ts';
import { METERS } from './core/meters.ts';
import { Durations } from './eta/durations.ts';
import { JobPredictions } from './eta/job-predictions.ts';
import { RangeStore } from './eta/range-store.ts';
import { basePathOf, serveBelow } from './http/base-path.ts';
import { connectionOptions } from './http/connections.ts';
import { createGraphiQL } from './http/graphiql.ts';
import { countRequests } from './http/open-requests.ts';
import { createRoutes, readinessOf } from './http/routes.ts';
import { createSecurity, type Security } from './http/security.ts';
import { createAdmission } from './jobs/admission.ts';
import { writeControl } from './jobs/control.ts';
import type { Workflows } from './jobs/definition.ts';
import { DiskUsage } from './jobs/disk-usage.ts';
import { JobCommands } from './jobs/enqueue.ts';
import { startListening } from './jobs/lease-watch.ts';
import { TrackedJobs, type TrackedJobsParts } from './jobs/tracked-jobs.ts';
import { createChannel } from './log/channel.ts';
import { openEventStream } from './log/event-stream.ts';
import { FeedHub } from './log/feed-hub.ts';
import { JobHistory } from './log/job-history.ts';
import { JobLines } from './log/job-lines.ts';
import { createJobLoader } from './log/job-loader.ts';
import { JobStore } from './log/job-store.ts';
import { DEFAULT_LOG_SETTINGS, EventLog } from './log/log.ts';
import { createLogger } from './observe/logging.ts';
import { startObservation } from './observe/observation.ts';
import { openBullMQQueue } from './queue/bullmq-queue.ts';
import type { JobQueue } from './queue/job-queue.ts';
import { QueueReader } from './queue/queue-reader.ts';
import { createErrorMapping, createGraphQLEndpoint } from './realtime/graphql-http.ts';
import { serveWebSocket, type WebSocketEndpoint } from './realtime/graphql-ws.ts';
import { SharedDelivery } from './realtime/shared-delivery/shared-delivery.ts';
import { closeRedis, connectRedis, withDeadline } from './redis/client.ts';
import { RedisHealth } from './redis/health.ts';
import { countWorkers, listOffers } from './redis/heartbeat.ts';
import { createKeys, type Keys } from './redis/keys.ts';
import { checkReadiness } from './redis/readiness.ts';
import { findRedisFault } from './redis/server-check.ts';
import { databaseOf } from './redis/url.ts';
import type { ProcessContext, ServerContext } from './schema/context.ts';
import { createSchema } from './schema/index.ts';
import { type Config, ConfigError, requireRedisUrl } from './settings/config.ts';
import { openStore } from './store/open-store.ts';
import type { FileStore } from './store/store.ts';
import { findStoreFault, watchStore } from './store/store-check.ts';
import { WebhookCommands } from './webhooks/commands.ts';
import { WebhookStore } from './webhooks/webhook-store.ts';
import { describeStartFailure, loadProject, loadWorkflows } from './workflow/project.ts';

export interface RunningServer {
  readonly port: number;
  /** `http://host:port`, or the public URL if one is set. */
  readonly url: string;
  /**
   * Stops listening, closes every connection (WebSocket code 1001) and disconnects from Redis.
   * @param lingerMs how long requests already on their way are still answered first; default 0
   */
  close(lingerMs?: number): Promise<void>;
}

interface ServerDependencies {
  readonly config: Config;
  readonly redisUrl: string;
  readonly logger: Logger;
  /** Default: those of the project's configuration. */
  readonly workflows?: Workflows;
  /** For credentials and links; default: the system's. */
  readonly clock?: Clock;
}

/** Starts an API server in this process. @returns once it listens @throws Error EADDRINUSE and the like */
export async function startServer({
  config,
  redisUrl,
  logger,
  workflows: given,
  clock = systemClock,
}: ServerDependencies): Promise<RunningServer> {
  const workflows = given ?? (await loadWorkflows());
  const onRedisError = (err: Error): void => logger.warn({ err }, 'redis connection');
  const redis = connectRedis(redisUrl, onRedisError);
  const subscriber = connectRedis(redisUrl, onRedisError);
  const keys = createKeys(config.prefix, databaseOf(redisUrl));
  const damaged = new DamagedRecords(logger);
  const log = new EventLog(redis, keys, { ...DEFAULT_LOG_SETTINGS, maxLength: config.logLength }, damaged);
  const history = new JobHistory(redis, keys, log);
  const jobs = new JobStore(redis, keys, workflows, damaged);
  const queue = await openBullMQQueue({ connection: redis, keys, logger, damaged });
  const predictions = createPredictions({ redis, keys, jobs, queue, logger, damaged, workflows });
  const hub = new FeedHub({
    ...{ log, channel: createChannel(subscriber, redis), subscriber, keys, logger },
    settings: { memoryBytes: config.feedMemoryBytes },
  });
  const files = await openStore(config.store, config.dataDir);
  const ranges = new RangeStore(redis, keys, systemClock);
  const commands = new JobCommands({
    ...{ redis, keys, log, jobs, queue, logger, workflows },
    clock: systemClock,
    ...{ quotas: config.security, retentionMs: config.jobRetentionMs },
    ...(config.progress === 'calibrated' && { ranges: (workflow) => ranges.load(workflow) }),
    usage: new DiskUsage({ redis, keys, clock: systemClock, limits: config.security, damaged }),
    admission: createAdmission({ redis, keys, jobs }),
  });
  let url = '';
  let closing = false;
  const security = createSecurity({ config, redis, keys, clock, logger });
  const context: ProcessContext = {
    commands,
    tracked: createTracked({ redis, keys, logger, config, workflows, isRemote: true }),
    jobs: readInTime(jobs),
    historyOf: (request) => withDeadline(history.read(request)),
    recordOf: createJobLoader((ids) => withDeadline(jobs.loadRecords(ids))),
    etaOf: (job) => withDeadline(predictions.etaOf(job)),
    queuePosition: async (job) =>
      withDeadline(predictions.placeOf(job).then((place) => place ?? queue.positionOf(job))),
    openEvents: (request) =>
      openEventStream({ hub, log, jobs, predict: (events) => predictions.predict(events) }, request),
    artifactUrl: (path) => `${url}/files/${path}${security.isOn ? `?${security.links.query(path)}` : ''}`,
  };
  const { health, http, requests, webSocket } = serve({
    ...{ config, context, files, keys, logger, redis, security, workflows, isClosing: () => closing },
    own: createOwnServices({ redis, keys, log, jobs, config, damaged }),
  });
  const unobserve = observeServer({ redis, keys, queue, hub, webSocket, logger });
  const port = await listen(http, config);
  url = config.publicUrl ?? `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  logger.info({ url }, 'api ready');

  return {
    port,
    url,
    close: async (lingerMs = 0) => {
      closing = true;
      await requests.linger(lingerMs);
      unobserve();
      const closed = new Promise((resolve) => http.close(resolve));
      // Requests that came in time are answered; subscriptions end at once, and their clients reconnect elsewhere.
      await Promise.all([webSocket.close(), requests.drain(DRAIN_MS)]);
      http.closeAllConnections();
      await closed;
      for (const part of [security, health, hub]) part.close();
      await queue.close();
      await Promise.all([redis, subscriber].map(closeRedis));
      files.close();
    },
  };
}

function createInputReader(jobs: JobStore): ServerContext['inputOf'] {
  const load = createJobLoader((ids) => jobs.loadInputs(ids, MAX_INPUT_CHARS));
  return (...args) => withDeadline(load(...args));
}

function createTracked({ config, ...parts }: TrackedJobsParts & { readonly config: Config }): TrackedJobs {
  return new TrackedJobs({
    ...parts,
    logSettings: { ...DEFAULT_LOG_SETTINGS, maxLength: config.logLength },
    maxQueuedJobs: config.security.maxQueuedJobs,
  });
}

/** The longest input that is shown; it covers any single job and most batches. */
const MAX_INPUT_CHARS = 256 * 1_024;

/** Reads for clients, which are answered in time whether or not Redis is reachable. */
function readInTime(jobs: JobStore): ProcessContext['jobs'] {
  const load = createJobLoader((ids) => jobs.loadMany(ids));
  return {
    load: (...args) => withDeadline(load(...args)),
    loadMany: (...args) => withDeadline(jobs.loadMany(...args)),
    list: (...args) => withDeadline(jobs.list(...args)),
    counts: (...args) => withDeadline(jobs.counts(...args)),
    search: (...args) => withDeadline(jobs.search(...args)),
  };
}

interface WebhooksParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly config: Config;
  readonly damaged: DamagedRecords;
}

interface OwnParts extends WebhooksParts {
  readonly jobs: JobStore;
}

/** What a viewer's own context has in addition. */
type OwnServices = Pick<ServerContext, 'inputOf' | 'linesOf' | 'webhooks'>;

function createOwnServices({ jobs, ...parts }: OwnParts): OwnServices {
  const lines = new JobLines(parts.redis, parts.keys);
  return {
    inputOf: createInputReader(jobs),
    linesOf: (request) => withDeadline(lines.read(request)),
    webhooks: createWebhooks(parts),
  };
}

function createWebhooks({ redis, keys, log, config, damaged }: WebhooksParts): ServerContext['webhooks'] {
  const commands = new WebhookCommands({
    ...{ log, clock: systemClock },
    store: new WebhookStore(redis, keys, damaged),
    policy: { allowsPrivate: config.security.webhookPrivate },
  });
  return {
    create: (request) => withDeadline(commands.create(request)),
    list: (projectId) => withDeadline(commands.list(projectId)),
    deliveries: (...args) => withDeadline(commands.deliveries(...args)),
    delete: (...args) => withDeadline(commands.delete(...args)),
    redeliver: (...args) => withDeadline(commands.redeliver(...args)),
    rotate: (...args) => withDeadline(commands.rotate(...args)),
    enable: (...args) => withDeadline(commands.enable(...args)),
  };
}

interface JobPredictionsParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly logger: Logger;
  readonly damaged: DamagedRecords;
  readonly workflows: Workflows;
}

function createPredictions(parts: JobPredictionsParts): JobPredictions {
  const { redis, keys, jobs, queue, logger, damaged, workflows } = parts;
  return new JobPredictions({
    queue: new QueueReader(queue, jobs, () => listOffers(redis, keys, damaged)),
    batches: jobs,
    durations: new Durations({ redis, keys, clock: systemClock, logger, workflows }),
    clock: systemClock,
    workflows,
  });
}

interface ObservedParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly queue: JobQueue;
  readonly hub: FeedHub;
  readonly webSocket: WebSocketEndpoint;
  readonly logger: Logger;
}

/** Starts the gauges of this server, and the signal that it is listening for reports. @returns a function that stops them */
function observeServer({ redis, keys, queue, hub, webSocket, logger }: ObservedParts): () => void {
  const stops = [
    startListening({ redis, keys, logger }).stop,
    METERS.connections.observe(() => webSocket.connections),
    METERS.groups.observe(() => webSocket.groups),
    METERS.feeds.observe(() => hub.size),
    METERS.queueJobs.observe(async () => {
      const counts = await withDeadline(queue.counts(), METRICS_WAIT_MS);
      return [...counts].map(([state, value]) => ({ value, labels: [state] }));
    }),
    METERS.workers.observe(async () => {
      const value = await withDeadline(countWorkers(redis, keys), METRICS_WAIT_MS);
      return [{ value, labels: [] }];
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** How long a scrape waits for Redis before it omits what only Redis knows. */
const METRICS_WAIT_MS = 1_000;

/** The maximum number of headers of a request; Node drops any further ones. */
const MAX_HEADERS = 100;

interface ServeParts {
  readonly own: OwnServices;
  readonly config: Config;
  readonly context: ProcessContext;
  readonly files: FileStore;
  readonly isClosing: () => boolean;
  readonly keys: Keys;
  readonly logger: Logger;
  readonly redis: Redis;
  readonly security: Security;
  readonly workflows: Workflows;
}

/** Creates what answers HTTP and WebSocket, without listening yet. */
function serve(parts: ServeParts) {
  const { config, context, files, isClosing, keys, logger, own, redis, security, workflows } = parts;
  const schema = createSchema(workflows);
  const limits = config.security;
  const health = new RedisHealth({ redis, keys, logger });
  const isUnavailable = (): boolean => health.hasFault;
  const endpoint = createGraphQLEndpoint({
    ...{ schema, logger, limits, isUnavailable },
    context: security.contextFor({ ...context, ...own }),
    introspection: limits.introspection,
  });
  const basePath = basePathOf(config.publicUrl);
  const storeFault = watchStore(files, () => performance.now());
  const http = createServer(
    connectionOptions(config.keepAliveMs),
    createRoutes({
      basePath,
      endpoint,
      gate: security.gate,
      graphiql: limits.graphiql
        ? createGraphiQL({ workflows, withCredentials: security.gate.asksForCredentials, basePath })
        : null,
      files,
      logger,
      // Also called for requests that arrive on kept connections while this server is closing.
      ready: async () =>
        readinessOf(
          isClosing()
            ? 'this server is closing'
            : await checkReadiness({ redis, keys, health, requireWorker: config.requireWorker }),
          health.warning,
          await storeFault(),
        ),
      metricsToken: config.telemetry.metricsToken,
      webhook: {
        token: config.webhookToken,
        announce: async (ids) => {
          await withDeadline(redis.publish(keys.control, writeControl({ notices: [...ids] })));
        },
      },
    }),
  );
  const mapping = createErrorMapping(schema, logger);
  const webSocket = serveWebSocket({
    server: http,
    endpoint,
    mapping,
    delivery: new SharedDelivery({
      ...{ shared: context, logger, mapping },
      ...(security.isOn && { linkEdition: () => security.links.edition }),
    }),
    logger,
    access: security.gate,
    requestLimits: limits,
    isUnavailable,
  });
  http.maxHeadersCount = MAX_HEADERS;
  serveBelow(http, basePath);
  return { health, http, requests: countRequests(http), webSocket };
}

/** How long requests under way may take to end; the whole shutdown has 10 s. */
const DRAIN_MS = 6_000;
/** A request sent just before the load balancer removed this process may not have been read yet. */
const LINGER_MS = 500;

async function listen(http: Server, { host, port }: Config): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, resolve);
  });
  return (http.address() as AddressInfo).port;
}

async function start(): Promise<Running> {
  const { config, workflows } = await loadProject();
  const logger = createLogger(config, 'api');
  const observation = await startObservation(config, 'api', (problem) =>
    logger.warn({ problem }, 'exporting telemetry failed'),
  );
  const redisUrl = requireRedisUrl(config);
  const fault =
    (await findRedisFault(redisUrl, config.prefix)) ??
    (await findStoreFault(config.store, config.dataDir, logger));
  if (fault !== null) throw new ConfigError(fault);
  const running = await startServer({ config, redisUrl, logger, workflows });
  process.send?.({ ready: true, port: running.port, url: running.url });
  return {
    logger,
    close: async (leftMs) => {
      await running.close(LINGER_MS);
      await observation.close(leftMs());
    },
    limitMs: 10_000,
  };
}

// A server that is still starting has no clients yet, so it can simply exit.
if (isMain(import.meta)) runProcess((ending) => unlessEnding(ending, start()), startFailure);

function startFailure(error: unknown): string {
  if (error instanceof Error && Reflect.get(error, 'code') === 'EADDRINUSE')
    return `PORT: ${error.message}. Another program uses it; set PORT to a free one.`;
  return describeStartFailure(error);
}
