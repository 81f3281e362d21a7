/** `npm start`: everything on one machine. A private Redis when REDIS_URL is unset, one API process, one worker. */
import { isMain } from './core/is-main.ts';
import { type Running, runProcess, unlessEnding } from './core/lifecycle.ts';
import type { Logger } from './core/logger.ts';
import { Supervised } from './core/supervised.ts';
import { createLogger } from './observe/logging.ts';
import { provideRedisServer } from './operator/provision.ts';
import { launchRedis } from './redis/launcher.ts';
import { findRedisFault } from './redis/server-check.ts';
import { type Config, ConfigError, childEnvironment } from './settings/config.ts';
import { loadProject } from './workflow/project.ts';

interface Stack {
  /** The address of the API. */
  readonly url: string;
  /** Shuts down API and worker gracefully (running jobs are handed back), then Redis. */
  close(): Promise<void>;
}

/** How long a child may take to close, after its drain time. */
export const CHILD_LIMIT_MS = 15_000;

/**
 * Node's young generation grows to 48 MB and more while clients connect or jobs run, and is freed late. With this flag it stays
 * below 12 MB, at no cost to the delivery or to jobs that bench/ could measure (docs/performance.md).
 */
const FLAGS = ['--max-semi-space-size=4'];

/**
 * Opens the Redis of REDIS_URL, or starts a private one; the Redis server is installed if there is none, with a message.
 * @throws ConfigError when that of REDIS_URL is unsuitable; the signal's reason when it aborts
 */
export async function openRedis(
  config: Config,
  logger: Logger,
  ending: AbortSignal,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { dataDir, prefix, redisUrl } = config;
  if (redisUrl === undefined) {
    return launchRedis({ dataDir, binary: provideRedisServer(), log: logger, signal: ending });
  }
  const fault = await unlessEnding(ending, findRedisFault(redisUrl, prefix));
  if (fault !== null) throw new ConfigError(fault);
  return { url: redisUrl, stop: async () => {} };
}

/** The API and the worker of one machine. @param env of both, with REDIS_URL */
export function createChildren(env: NodeJS.ProcessEnv, logger: Logger) {
  return {
    worker: new Supervised({
      ...{ name: 'worker', env, logger, flags: FLAGS },
      module: new URL('./worker.ts', import.meta.url),
    }),
    api: new Supervised({
      ...{ name: 'api', env, logger, flags: FLAGS },
      module: new URL('./server.ts', import.meta.url),
    }),
  };
}

/**
 * Starts Redis, API and worker, and restarts a process that ends by itself.
 * @returns once the API listens and the worker takes jobs
 * @throws ConfigError when the Redis of REDIS_URL is unsuitable; Error when one of them cannot start; the signal's reason when
 * it aborts. By then, everything that was started has been stopped
 */
async function startStack(config: Config, logger: Logger, ending: AbortSignal): Promise<Stack> {
  const redis = await openRedis(config, logger, ending);
  const env = childEnvironment({}, { REDIS_URL: redis.url, PLAYHEAD_REQUIRE_WORKER: '1' });
  const { api, worker } = createChildren(env, logger);
  const limitMs = config.drainMs + CHILD_LIMIT_MS;
  const endChildren = (): Promise<unknown> => Promise.all([api.close(limitMs), worker.close(limitMs)]);
  const close = async (): Promise<void> => {
    await endChildren();
    await redis.stop();
  };
  // Ending a child while it starts rejects its start.
  ending.addEventListener('abort', () => void endChildren(), { once: true });
  try {
    ending.throwIfAborted();
    const [message] = await Promise.all([api.start(), worker.start()]);
    return { url: message.url ?? '', close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Prints what a person needs to know once everything runs. */
export function announce(url: string, config: Config): void {
  const graphiql = config.security.graphiql ? `  GraphiQL  ${url}/graphql\n` : '';
  process.stdout.write(
    `\nPlayhead is running.\n  Dashboard ${url}/\n${graphiql}  Data      ${config.dataDir}\n\n`,
  );
}

async function start(ending: AbortSignal): Promise<Running> {
  const { config } = await loadProject();
  const logger = createLogger(config, 'start');
  const stack = await startStack(config, logger, ending);
  process.send?.({ ready: true, url: stack.url });
  announce(stack.url, config);
  return { logger, close: () => stack.close(), limitMs: config.drainMs + 30_000 };
}

/** The message for people. */
export function startFailure(error: unknown): string {
  return `playhead: ${error instanceof Error ? error.message : String(error)}`;
}

if (isMain(import.meta)) runProcess(start, startFailure);
