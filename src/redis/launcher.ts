/**
 * A private redis-server for one machine: on 127.0.0.1, a port of its own and a random password, with its AOF under the data
 * folder. At most one server runs per data folder, and all processes that start on the folder share it.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PlayheadError } from '../core/errors.ts';
import { type FileLock, tryLock, waitForLock } from '../core/file-lock.ts';
import { type Logger, silentLogger } from '../core/logger.ts';
import { pause } from '../core/pause.ts';
import { storageFailure } from '../core/storage-failure.ts';
import { lock } from './folder-lock.ts';
import {
  ask,
  freePort,
  type Instance,
  makePassword,
  readInstance,
  shutDown,
  writeInstance,
} from './instance.ts';
import { runningServer, type Server, spawnServer } from './server-process.ts';
import { isSupportedRedis, MINIMUM_REDIS } from './version.ts';

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;
/** A stop waits this long for another start on the folder. */
const LEAVE_WAIT_MS = 5_000;
const POLL_MS = 25;
/** A server that is not our child is known to have ended by its lock; our own is polled as often. */
const SUPERVISION_POLL_MS = 100;
const BACKOFF_MS = { first: 100, most: 5000 } as const;
/** A server that ran this long has recovered; the next crash starts the backoff anew. */
const HEALTHY_MS = 30_000;
const STARTS_ON_OTHER_PORTS = 5;

/** How the server ended by itself. */
export interface RedisExit {
  /** Exit code; null when a signal ended it, or when it is an adopted server's and not known. */
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
  /** Logs start, adoption, crash and restart. Default: silent. */
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
  /** Ends the launch, even half-way; after it, only `stop` is left to do. */
  readonly signal?: AbortSignal;
}

export interface PrivateRedis {
  /** `redis://:password@127.0.0.1:port`; stays the same across restarts. */
  readonly url: string;
  readonly port: number;
  /** Process id of the server that runs now; 0 between a crash and the restart. */
  readonly pid: number;
  /** `started` here; `adopted` from a Playhead that was killed; `shared` with one that is alive, in whatever container. */
  readonly origin: 'started' | 'adopted' | 'shared';
  /** Stops the server in order (with its AOF flushed), or by force after the limit. One that others use goes on. */
  stop(): Promise<void>;
}

/**
 * Starts the private redis-server of a data folder, or takes over the one that holds it, and waits until it answers.
 * @throws PlayheadError TOOL_MISSING when the binary cannot be started or is too old, UNAVAILABLE when it does not come up or
 *   the folder is held by one that does not answer here, STORAGE_FAILED when the folder cannot be written; the signal's reason
 *   when it aborts
 */
export async function launchRedis(options: RedisLaunchOptions): Promise<PrivateRedis> {
  const folder = join(resolve(options.dataDir), 'redis');
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw storageFailure(`expected a writable folder ${folder}`, cause);
  });
  const launch = new Launch(folder, options);
  await launch.begin();
  return launch;
}

/**
 * One use of a folder's server. Three kernel locks (core/file-lock.ts) on files in the folder say who has it, across containers
 * and crashes:
 *
 *   launch.lock  held by whoever starts or ends the server, or checks whether there is one, for as long as that takes
 *   server.lock  held by the redis-server itself, which inherits it: while it lives, no other starts on these files
 *   users.lock   shared by all that use the server; the last one to leave ends it, and any of them restarts it
 *
 * Ways through: begin → running; running → crashed → (backoff) → running; any → stopped, which is final. `#stopped` is
 * set before anything is ended, so that an end we caused is never taken for a crash.
 */
class Launch implements PrivateRedis {
  origin: PrivateRedis['origin'] = 'started';
  pid = 0;
  port = 0;
  readonly #folder: string;
  readonly #options: RedisLaunchOptions;
  readonly #log: Logger;
  readonly #startTimeoutMs: number;
  readonly #stopped = new AbortController();
  /** Aborted when there is nothing left to wait for. */
  readonly #ending: AbortSignal;
  #password = '';
  #server: Server | undefined;
  #use: FileLock | undefined;
  #startedAt = 0;
  /** Pending while the server runs, through its restarts; settles after stop. */
  #supervision: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(folder: string, options: RedisLaunchOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#startTimeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
    this.#ending = AbortSignal.any([this.#stopped.signal, ...(options.signal ? [options.signal] : [])]);
  }

  get url(): string {
    return `redis://:${this.#password}@127.0.0.1:${this.port}`;
  }

  async begin(): Promise<void> {
    try {
      await this.#launching(async () => {
        const sharing = { shared: true, signal: this.#ending };
        this.#use = await waitForLock(this.#path('users.lock'), this.#startTimeoutMs, sharing);
        await this.#enter((known, held) => this.#startOnSomePort(known, held));
      });
    } catch (error) {
      this.#use?.release();
      throw error;
    }
    this.#log.info({ port: this.port, pid: this.pid, origin: this.origin }, 'private Redis is ready');
    process.once('exit', this.#leaveAtExit);
    this.#supervision = this.#supervise();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#leave();
    return this.#stopping;
  }

  async #leave(): Promise<void> {
    this.#stopped.abort();
    await this.#supervision;
    // A start that holds the lock for longer has joined the users, which is what counts.
    const unlock = await lock(this.#path('launch.lock'), LEAVE_WAIT_MS).catch(() => async () => {});
    try {
      await (this.#use?.isOnlyHolder() ? this.#endServer() : this.#leaveServer());
    } finally {
      process.removeListener('exit', this.#leaveAtExit);
      this.#use?.release();
      await unlock();
    }
  }

  async #endServer(): Promise<void> {
    await this.#end(this.#server);
    this.pid = 0;
    await this.#remember(0);
    this.#log.info({ port: this.port }, 'private Redis has stopped');
  }

  #leaveServer(): void {
    this.#server?.detach();
    this.pid = 0;
    this.#log.info({ port: this.port }, 'private Redis keeps running for another Playhead on this folder');
  }

  /** Does work while holding launch.lock. */
  async #launching(work: () => Promise<void>): Promise<void> {
    const unlock = await lock(this.#path('launch.lock'), this.#startTimeoutMs, this.#ending);
    try {
      await work();
    } finally {
      await unlock();
    }
  }

  /** Finds the server that holds the folder, or starts one. The caller holds launch.lock. */
  async #enter(start: (known: Instance | undefined, held: FileLock) => Promise<void>): Promise<void> {
    const known = await readInstance(this.#folder);
    this.#password = known?.password || this.#password || makePassword();
    let deadline = performance.now() + this.#startTimeoutMs;
    while (performance.now() < deadline) {
      const held = tryLock(this.#path('server.lock'));
      if (held !== null) {
        // By then the server has inherited the lock, or none was started.
        return await start(known, held).finally(() => held.release());
      }
      const answer = known && (await ask(known.port, known.password));
      if (answer === 'loading') deadline = performance.now() + this.#startTimeoutMs;
      else if (answer !== undefined) return this.#adopt(known?.port ?? 0, answer.pid);
      await pause(POLL_MS, this.#ending);
    }
    const where = known === undefined ? '' : ` on 127.0.0.1:${known.port}`;
    throw new PlayheadError(
      'UNAVAILABLE',
      `expected the redis-server that holds ${this.#folder} to answer${where}, but it does not: it ` +
        'belongs to a Playhead in another container or on another machine, or it hangs. End that one, give this one a ' +
        'PLAYHEAD_DATA_DIR of its own, or let both use one Redis by REDIS_URL.',
    );
  }

  /** Takes over the server that somebody else started. */
  #adopt(port: number, pid: number): void {
    this.port = port;
    this.origin = this.#use?.isOnlyHolder() ? 'adopted' : 'shared';
    this.#took(runningServer(pid, this.#path('server.lock')));
  }

  async #startOnSomePort(known: Instance | undefined, held: FileLock): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      // Others that use the folder's server know it by its port.
      const isFixed = known !== undefined && !this.#use?.isOnlyHolder();
      this.port = isFixed ? known.port : await freePort(known?.port);
      if (known !== undefined && this.port !== known.port) await this.#refuseOlder(known);
      try {
        return await this.#start(held);
      } catch (error) {
        // Somebody took the port between the check and the start.
        const taken = error instanceof Error && error.message.includes('Address already in use');
        if (!taken || tries === STARTS_ON_OTHER_PORTS) throw error;
      }
    }
  }

  /** Refuses to start while a server still runs that an earlier version of Playhead started without the lock. */
  async #refuseOlder({ port, password }: Instance): Promise<void> {
    const answer = await ask(port, password);
    if (typeof answer !== 'object' || answer.folder !== this.#folder) return;
    throw new PlayheadError(
      'UNAVAILABLE',
      `an earlier version of Playhead runs on ${this.#folder} (redis-server on 127.0.0.1:${port}). End it first.`,
    );
  }

  /** Starts a server on `this.port` and waits for its answer. */
  async #start(held: FileLock): Promise<void> {
    this.origin = 'started';
    // Its password is stored before it runs: if we are killed then, the next start must be able to reach it.
    await this.#remember(0);
    const server = spawnServer(this.#options.binary, held, {
      folder: this.#folder,
      port: this.port,
      password: this.#password,
      persist: this.#options.persist !== false,
    });
    this.#server = server;
    try {
      await this.#remember(server.pid);
      if (await this.#answers(server)) return this.#took(server);
    } catch (error) {
      await this.#end(server);
      throw error;
    }
    await this.#end(server);
    this.#options.signal?.throwIfAborted();
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

  #took(server: Server): void {
    this.#server = server;
    this.pid = server.pid;
    this.#startedAt = performance.now();
  }

  /** Waits until this very server answers; false when it ended, time ran out or there is nothing left to wait for. */
  async #answers(server: Server): Promise<boolean> {
    let deadline = performance.now() + this.#startTimeoutMs;
    while (!server.ended() && !this.#ending.aborted && performance.now() < deadline) {
      const answer = await ask(this.port, this.#password);
      if (answer === 'loading') {
        deadline = performance.now() + this.#startTimeoutMs; // A long AOF takes as long as it takes.
      } else if (answer?.pid === server.pid) {
        return this.#isNewEnough(answer.version, server);
      }
      await this.#rest(POLL_MS);
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
    while (!this.#ending.aborted) {
      const server = this.#server;
      if (server === undefined) return;
      while (!server.ended() && !this.#ending.aborted) await this.#rest(SUPERVISION_POLL_MS);
      if (this.#ending.aborted) return;
      crashes = performance.now() - this.#startedAt > HEALTHY_MS ? 1 : crashes + 1;
      if (!this.#reportExit(server, crashes)) return;
      crashes = await this.#restart(crashes);
    }
  }

  /** @returns whether it will be restarted */
  #reportExit(server: Server, crashes: number): boolean {
    this.pid = 0;
    const restartInMs = this.#options.restart === false ? undefined : backoffMs(crashes);
    const exit: RedisExit = { ...server.exit(), output: server.output.join('\n'), restartInMs };
    this.#log.warn({ ...exit, port: this.port }, 'private Redis exited unexpectedly');
    this.#options.onExit?.(exit);
    return restartInMs !== undefined;
  }

  /**
   * Tries until it runs again on the same port, where clients find it, whichever of its users starts it.
   * @returns the crashes in a row
   */
  async #restart(crashes: number): Promise<number> {
    for (let tries = crashes; ; tries += 1) {
      await this.#rest(backoffMs(tries));
      if (this.#ending.aborted) return tries;
      try {
        await this.#launching(() => this.#enter((_, held) => this.#start(held)));
        this.#log.info(
          { port: this.port, pid: this.pid, origin: this.origin },
          'private Redis was restarted',
        );
        return tries;
      } catch (error) {
        if (this.#ending.aborted) return tries;
        this.#log.error({ err: error, port: this.port }, 'private Redis could not be restarted');
      }
    }
  }

  /** Ends a server in order, or by force after the limit, and waits until it is gone. */
  async #end(server: Server | undefined): Promise<void> {
    if (server === undefined) return;
    for (const [signal, limitMs] of [
      ['SIGTERM', this.#options.stopTimeoutMs ?? STOP_TIMEOUT_MS],
      ['SIGKILL', 2000],
    ] as const) {
      if (server.ended()) return;
      if (!server.signal(signal) && signal === 'SIGTERM') await shutDown(this.port, this.#password);
      const deadline = performance.now() + limitMs;
      while (!server.ended() && performance.now() < deadline) await pause(POLL_MS);
    }
    if (!server.ended())
      this.#log.error({ port: this.port }, 'private Redis does not end; it is left running');
  }

  async #remember(pid: number): Promise<void> {
    const { port } = this;
    await writeInstance(this.#folder, { pid, port, password: this.#password });
  }

  #path(name: 'launch.lock' | 'server.lock' | 'users.lock'): string {
    return join(this.#folder, name);
  }

  /** Waits, but only until stop. */
  async #rest(durationMs: number): Promise<void> {
    await pause(durationMs, this.#ending).catch(() => {});
  }

  /** Nothing is left running when the last user ends without stop; Redis flushes its AOF on SIGTERM. */
  readonly #leaveAtExit = (): void => {
    if (this.#use?.isOnlyHolder()) this.#server?.signal('SIGTERM');
  };
}

function backoffMs(crashes: number): number {
  return Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(crashes - 1, 10));
}
