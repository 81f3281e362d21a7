/** `npm start`: everything on one machine. A private Redis when REDIS_URL is unset, one API process, one worker. */
import { type ChildProcess, fork } from 'node:child_process';
import { type Running, runProcess, unlessEnding } from './core/lifecycle.ts';
import type { Logger } from './core/logger.ts';
import { pause } from './core/pause.ts';
import { createLogger } from './observe/logging.ts';
import { launchRedis } from './redis/launcher.ts';
import { findRedisFault } from './redis/server-check.ts';
import { type Config, ConfigError, childEnvironment } from './settings/config.ts';
import { findRedisServer } from './settings/programs.ts';
import { loadProject } from './workflow/project.ts';

interface Stack {
  /** Where the API is. */
  readonly url: string;
  /** Ends API and worker in order (running jobs are handed back), then Redis. */
  close(): Promise<void>;
}

/** How long a child may take to close, after its drain time. */
const CHILD_LIMIT_MS = 15_000;

/**
 * Starts Redis, API and worker, and starts a process again that ends by itself.
 * @returns once the API listens and the worker takes jobs
 * @throws ConfigError when the Redis of REDIS_URL is unfit; Error when one of them cannot start; the signal's reason when it
 *   aborts. What was started is ended by then
 */
async function startStack(config: Config, logger: Logger, ending: AbortSignal): Promise<Stack> {
  const { redisUrl } = config;
  const fault =
    redisUrl === undefined ? null : await unlessEnding(ending, findRedisFault(redisUrl, config.prefix));
  if (fault !== null) throw new ConfigError(fault);
  const redis =
    redisUrl === undefined
      ? await launchRedis({
          dataDir: config.dataDir,
          binary: findRedisServer(),
          log: logger,
          signal: ending,
        })
      : null;
  const env = childEnvironment({}, { REDIS_URL: redis?.url ?? redisUrl, PLAYHEAD_REQUIRE_WORKER: '1' });
  const worker = new Supervised('worker', new URL('./worker.ts', import.meta.url), env, logger);
  const api = new Supervised('api', new URL('./server.ts', import.meta.url), env, logger);
  const limitMs = config.drainMs + CHILD_LIMIT_MS;
  const endChildren = (): Promise<unknown> => Promise.all([api.close(limitMs), worker.close(limitMs)]);
  const close = async (): Promise<void> => {
    await endChildren();
    await redis?.stop();
  };
  // A child that is ended while it starts has its start rejected.
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

/** What a child says once it can be used. */
interface ReadyMessage {
  readonly ready: true;
  readonly url?: string;
  readonly port?: number;
}

const RESTART_FIRST_MS = 500;
const MAX_RESTART_MS = 10_000;

/**
 * For the API: Node's young generation grows to 48 MB and more while clients connect, and is given back late. With this it
 * stays below 12 MB, at no cost to the delivery that bench/ could measure. A worker has few clients and much garbage.
 */
const SMALL_YOUNG_GENERATION = '--max-semi-space-size=4';

/** A child process that is started again when it ends by itself. */
class Supervised {
  readonly #name: string;
  readonly #module: URL;
  readonly #env: NodeJS.ProcessEnv;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #child: ChildProcess | null = null;
  #restartMs = RESTART_FIRST_MS;

  constructor(name: string, module: URL, env: NodeJS.ProcessEnv, logger: Logger) {
    this.#name = name;
    this.#module = module;
    this.#env = env;
    this.#logger = logger;
  }

  /** @throws Error when it ends before it is ready */
  async start(): Promise<ReadyMessage> {
    // Its stderr has said why already.
    const flags = this.#name === 'api' ? [SMALL_YOUNG_GENERATION] : [];
    const execArgv = [...process.execArgv, ...flags];
    const child = fork(this.#module, { env: this.#env, execArgv, stdio: 'inherit' });
    this.#child = child;
    return new Promise((resolve, reject) => {
      let ready = false;
      child.once('message', (message) => {
        ready = true;
        this.#restartMs = RESTART_FIRST_MS;
        const said = message as ReadyMessage;
        // A restart must come back on the same port, also where PORT was 0.
        if (said.port !== undefined) this.#env['PORT'] = String(said.port);
        resolve(said);
      });
      child.once('exit', (code, signal) => {
        this.#child = null;
        if (!ready)
          reject(new Error(`${this.#name} ended before it was ready (${signal ?? `code ${code}`})`));
        if (ready && !this.#closing.signal.aborted) void this.#restart(code, signal);
      });
    });
  }

  /** Ends it with SIGTERM, after `limitMs` with SIGKILL. */
  async close(limitMs: number): Promise<void> {
    this.#closing.abort();
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const cut = setTimeout(() => child.kill('SIGKILL'), limitMs);
    await exited;
    clearTimeout(cut);
  }

  async #restart(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    while (!this.#closing.signal.aborted) {
      this.#logger.error(
        { process: this.#name, code, signal, inMs: this.#restartMs },
        'exited unexpectedly; restarting',
      );
      try {
        await pause(this.#restartMs, this.#closing.signal);
        this.#restartMs = Math.min(MAX_RESTART_MS, this.#restartMs * 2);
        await this.start();
        return;
      } catch {
        // Ended again before it was ready, or closing.
      }
    }
  }
}

async function start(ending: AbortSignal): Promise<Running> {
  const { config } = await loadProject();
  const logger = createLogger(config, 'start');
  const stack = await startStack(config, logger, ending);
  process.send?.({ ready: true, url: stack.url });
  const graphiql = config.security.graphiql ? `  GraphiQL  ${stack.url}/graphql\n` : '';
  process.stdout.write(
    `\nPlayhead is running.\n  Dashboard ${stack.url}/\n${graphiql}  Data      ${config.dataDir}\n\n`,
  );
  return { logger, close: () => stack.close(), limitMs: config.drainMs + 30_000 };
}

/** The message for people. */
function startFailure(error: unknown): string {
  return `playhead: ${error instanceof Error ? error.message : String(error)}`;
}

if (import.meta.main) runProcess(start, startFailure);
