/**
 * A private redis-server for one machine: on 127.0.0.1, a port of its own and a random password, with its AOF under
 * the data folder. At most one server runs per data folder; one whose parent was killed is taken over.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PlayheadError } from '../core/errors.ts';
import { type Logger, silentLogger } from '../core/logger.ts';
import { pause } from '../core/pause.ts';
import { lock } from './folder-lock.ts';
import { ask, freePort, type Instance, makePassword, readInstance, writeInstance } from './instance.ts';
import { isProgram, runningServer, type Server, signalProcess, spawnServer } from './server-process.ts';
import { isSupportedRedis, MINIMUM_REDIS } from './version.ts';

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 25;
/** An adopted server is not our child, so its end is seen by asking for its process; our own is asked the same way. */
const SUPERVISION_POLL_MS = 100;
const BACKOFF_MS = { first: 100, most: 5000 } as const;
/** A server that ran this long has recovered; the next crash starts the backoff anew. */
const HEALTHY_MS = 30_000;
const STARTS_ON_OTHER_PORTS = 5;

/** How the server ended without being asked to. */
export interface RedisExit {
  /** Exit code; null when a signal ended it, or when an adopted server's is not known. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines that it printed. */
  readonly output: string;
  /** Milliseconds until the restart on the same port; undefined when it will not be restarted. */
  readonly restartInMs: number | undefined;
}

export interface RedisLaunchOptions {
  /** Folder of the installation; the server's files go to `<dataDir>/redis`. */
  readonly dataDir: string;
  /** Path of redis-server or valkey-server. */
  readonly binary: string;
  /** Told of start, adoption, crash and restart. Default: silent. */
  readonly log?: Logger;
  /** False keeps nothing on disk, for tests. Default: true (AOF, fsync every second). */
  readonly persist?: boolean;
  /** Start it again on the same port when it ends by itself. Default: true. */
  readonly restart?: boolean;
  /** Called when it ended by itself. */
  readonly onExit?: (exit: RedisExit) => void;
  /** Longest wait for the first answer, loading of the AOF excluded. Milliseconds, default 15,000. */
  readonly startTimeoutMs?: number;
  /** Longest wait for an orderly end before SIGKILL. Milliseconds, default 10,000. */
  readonly stopTimeoutMs?: number;
}

export interface PrivateRedis {
  /** `redis://:password@127.0.0.1:port`; stays the same across restarts. */
  readonly url: string;
  readonly port: number;
  /** Process id of the server that runs now; 0 between a crash and the restart. */
  readonly pid: number;
  /** `started` here; `adopted` from a killed parent; `shared` with a living Playhead that keeps owning it. */
  readonly origin: 'started' | 'adopted' | 'shared';
  /** Stops the server in order (SIGTERM, its AOF flushed), after the limit by SIGKILL. A shared one goes on. */
  stop(): Promise<void>;
}

/**
 * Starts the private redis-server of a data folder, or takes over the one that holds it, and waits until it answers.
 * @throws PlayheadError TOOL_MISSING when the binary cannot be started or is too old, UNAVAILABLE when it does not
 *   come up, STORAGE_FAILED when the folder cannot be written
 */
export async function launchRedis(options: RedisLaunchOptions): Promise<PrivateRedis> {
  const folder = join(resolve(options.dataDir), 'redis');
  await makeFolder(folder);
  // Two starts at the same moment must not both find the folder free.
  const unlock = await lock(join(folder, 'launch.lock'), options.startTimeoutMs ?? START_TIMEOUT_MS);
  try {
    const launch = new Launch(folder, options);
    await launch.begin();
    return launch;
  } finally {
    await unlock();
  }
}

/**
 * One launched server. Ways through: begin → running; running → crashed → (backoff) → running; any → stopped, which
 * is final. `#stopped` is set before anything is killed, so that an end we caused is never taken for a crash.
 */
class Launch implements PrivateRedis {
  origin: PrivateRedis['origin'] = 'started';
  pid = 0;
  port = 0;
  readonly #folder: string;
  readonly #options: RedisLaunchOptions;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  #password = '';
  #server: Server | undefined;
  #startedAt = 0;
  /** Pending while the server runs, through its restarts; settles after stop. */
  #supervision: Promise<void> = Promise.resolve();

  constructor(folder: string, options: RedisLaunchOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#log = options.log ?? silentLogger;
  }

  get url(): string {
    return `redis://:${this.#password}@127.0.0.1:${this.port}`;
  }

  async begin(): Promise<void> {
    const known = await readInstance(this.#folder);
    this.#password = known?.password ?? makePassword();
    if (known === undefined || !(await this.#adopt(known))) {
      await this.#startOnSomePort(known?.port);
    }
    this.#log.info({ port: this.port, pid: this.pid, origin: this.origin }, 'private Redis is up');
    if (this.origin === 'shared') return;
    process.once('exit', this.#killAtExit);
    this.#supervision = this.#supervise();
  }

  async stop(): Promise<void> {
    if (this.origin !== 'shared' && !this.#stopped.signal.aborted) {
      this.#stopped.abort();
      await this.#end(this.#server);
      await this.#supervision;
      await this.#end(this.#server); // One that a restart started in the meantime.
      process.removeListener('exit', this.#killAtExit);
      this.pid = 0;
      await this.#remember(0);
      this.#log.info({ port: this.port }, 'private Redis has stopped');
    }
    await this.#supervision;
  }

  /** Takes over the server that the file names, if it lives and answers to the file's password. */
  async #adopt(known: Instance): Promise<boolean> {
    if (!(await isProgram(known.pid, /redis|valkey/))) return false;
    const server = runningServer(known.pid);
    this.port = known.port;
    if (!(await this.#answers(server))) {
      if (server.ended()) return false;
      throw new PlayheadError(
        'UNAVAILABLE',
        `expected the redis-server that holds ${this.#folder} (pid ${known.pid}, port ${known.port}) to answer, ` +
          'but it does not. Stop that process, or choose another PLAYHEAD_DATA_DIR.',
      );
    }
    this.origin = (await isProgram(known.ownerPid, /node|playhead/)) ? 'shared' : 'adopted';
    await this.#took(server);
    return true;
  }

  async #startOnSomePort(preferred: number | undefined): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      this.port = await freePort(preferred);
      try {
        return await this.#start();
      } catch (error) {
        // Somebody took the port between the look and the start.
        const taken = error instanceof Error && error.message.includes('Address already in use');
        if (!taken || tries === STARTS_ON_OTHER_PORTS) throw error;
      }
    }
  }

  /** Starts a server on `this.port` and waits for its answer. */
  async #start(): Promise<void> {
    const server = spawnServer(this.#options.binary, this.#settings());
    this.#server = server;
    try {
      // Known before it answers: if we are killed now, the next start must find it rather than start a second one.
      await this.#remember(server.pid);
      if (await this.#answers(server)) return await this.#took(server);
    } catch (error) {
      await this.#end(server);
      throw error;
    }
    await this.#end(server);
    const said = server.output.join(' | ');
    if (server.pid === 0) {
      throw new PlayheadError('TOOL_MISSING', `${this.#options.binary} cannot be started: ${said}`);
    }
    throw new PlayheadError(
      'UNAVAILABLE',
      `expected ${this.#options.binary} to answer on port ${this.port} with its files in ${this.#folder}; ` +
        `it did not, and said: ${said || 'nothing'}`,
    );
  }

  async #took(server: Server): Promise<void> {
    this.#server = server;
    this.pid = server.pid;
    this.#startedAt = Date.now();
    if (this.origin !== 'shared') await this.#remember(server.pid);
  }

  /** Waits until this very server answers; false when it ended or the time is over. */
  async #answers(server: Server): Promise<boolean> {
    const timeoutMs = this.#options.startTimeoutMs ?? START_TIMEOUT_MS;
    let deadline = Date.now() + timeoutMs;
    while (!server.ended() && Date.now() < deadline) {
      const answer = await ask(this.port, this.#password);
      if (answer === 'loading') {
        deadline = Date.now() + timeoutMs; // A long AOF takes as long as it takes.
      } else if (answer?.pid === server.pid) {
        return this.#isNewEnough(answer.version, server);
      }
      await pause(POLL_MS);
    }
    return false;
  }

  async #isNewEnough(version: string, server: Server): Promise<true> {
    if (isSupportedRedis(version)) return true;
    await this.#end(server);
    throw new PlayheadError(
      'TOOL_MISSING',
      `expected Redis ${MINIMUM_REDIS} or later, received ${version} (${this.#options.binary}). Install a newer one.`,
    );
  }

  async #supervise(): Promise<void> {
    let crashes = 0;
    while (!this.#stopped.signal.aborted) {
      const server = this.#server;
      if (server === undefined) return;
      while (!server.ended() && !this.#stopped.signal.aborted) await this.#rest(SUPERVISION_POLL_MS);
      if (this.#stopped.signal.aborted) return;
      crashes = Date.now() - this.#startedAt > HEALTHY_MS ? 1 : crashes + 1;
      if (!this.#reportExit(server, crashes)) return;
      crashes = await this.#restart(crashes);
    }
  }

  /** @returns whether it will be restarted */
  #reportExit(server: Server, crashes: number): boolean {
    this.pid = 0;
    const restartInMs = this.#options.restart === false ? undefined : backoffMs(crashes);
    const exit: RedisExit = { ...server.exit(), output: server.output.join('\n'), restartInMs };
    this.#log.warn({ ...exit, port: this.port }, 'private Redis ended by itself');
    this.#options.onExit?.(exit);
    return restartInMs !== undefined;
  }

  /** Tries until it runs again on the same port, so that clients find it. @returns the crashes in a row */
  async #restart(crashes: number): Promise<number> {
    for (let tries = crashes; ; tries += 1) {
      await this.#rest(backoffMs(tries));
      if (this.#stopped.signal.aborted) return tries;
      this.origin = 'started';
      try {
        await this.#start();
        this.#log.info({ port: this.port, pid: this.pid }, 'private Redis was restarted');
        return tries;
      } catch (error) {
        if (this.#stopped.signal.aborted) return tries;
        this.#log.error({ err: error, port: this.port }, 'private Redis could not be restarted');
      }
    }
  }

  /** Ends a server in order, by force after the limit, and waits until it is gone. */
  async #end(server: Server | undefined): Promise<void> {
    if (server === undefined) return;
    for (const [signal, limitMs] of [
      ['SIGTERM', this.#options.stopTimeoutMs ?? STOP_TIMEOUT_MS],
      ['SIGKILL', 2000],
    ] as const) {
      if (server.ended()) return;
      signalProcess(server.pid, signal);
      const deadline = Date.now() + limitMs;
      while (!server.ended() && Date.now() < deadline) await pause(POLL_MS);
    }
  }

  async #remember(pid: number): Promise<void> {
    const { port } = this;
    await writeInstance(this.#folder, { pid, ownerPid: process.pid, port, password: this.#password });
  }

  /** Waits, or until stop. */
  async #rest(durationMs: number): Promise<void> {
    await pause(durationMs, this.#stopped.signal).catch(() => {});
  }

  /** Nothing is left running when the process ends without stop; Redis flushes its AOF on SIGTERM. */
  readonly #killAtExit = (): void => {
    if (this.#server?.ended() === false) signalProcess(this.#server.pid, 'SIGTERM');
  };

  /** Handed over on stdin: the process list shows arguments to every user of the machine. */
  #settings(): string {
    return [
      'bind 127.0.0.1',
      `port ${this.port}`,
      `requirepass ${this.#password}`,
      `dir ${JSON.stringify(this.#folder)}`,
      'save ""',
      `appendonly ${this.#options.persist === false ? 'no' : 'yes'}`,
      'appendfsync everysec',
      'maxmemory-policy noeviction',
      // A feed that falls behind reads the log, so cutting off a stuck listener loses nothing (G2, G7).
      'client-output-buffer-limit pubsub 32mb 8mb 60',
      '',
    ].join('\n');
  }
}

function backoffMs(crashes: number): number {
  return Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(crashes - 1, 10));
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new PlayheadError('STORAGE_FAILED', `expected a writable folder ${folder}: ${String(cause)}`, {
      cause,
    });
  }
}
