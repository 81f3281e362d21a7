/** API and worker as processes of their own, so that they can be killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject } from 'vitest';
import { PATIENCE_MS, within } from '../setup/deadline.ts';
import { readyMessage } from '../setup/processes.ts';

/** Beside a whole suite, loading the modules alone may take most of a minute. */
const START_PATIENCE_MS = 3 * PATIENCE_MS;

interface ProcessOptions {
  readonly prefix: string;
  readonly dataDir: string;
  /** Where its playhead.config.ts is looked for; left out: the repository's own. */
  readonly project?: string;
  /** The folder of another version of the package, compiled; left out: this repository. */
  readonly root?: string;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
}

class Process {
  readonly #module: URL;
  readonly #env: Record<string, string>;
  readonly #cwd: string;
  #child: ChildProcess | null = null;
  protected port = '0';

  constructor(module: string, { prefix, dataDir, project = process.cwd(), root, env = {} }: ProcessOptions) {
    this.#module =
      root === undefined
        ? new URL(`../../src/${module}.ts`, import.meta.url)
        : pathToFileURL(join(root, `src/${module}.js`));
    this.#cwd = project;
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      REDIS_URL: inject('redisUrl'),
      PLAYHEAD_PREFIX: prefix,
      PLAYHEAD_DATA_DIR: dataDir,
      PLAYHEAD_DRAIN_SECONDS: '0',
      PLAYHEAD_LOG_LEVEL: 'error',
      ...env,
    };
  }

  /** Starts it, after a kill at the same port. */
  async start(): Promise<void> {
    const child = fork(this.#module, {
      cwd: this.#cwd,
      env: { ...this.#env, PORT: this.port },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    const ready = readyMessage<{ port?: number }>(child, this.#module.pathname);
    const { port } = await within(ready, START_PATIENCE_MS, this.#module.pathname);
    if (port !== undefined) this.port = String(port);
  }

  /** Sends what does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await within(exited, PATIENCE_MS, `${signal} of ${this.#module.pathname}`);
  }
}

export class ApiProcess extends Process {
  constructor(options: ProcessOptions) {
    super('server', options);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
}

export class WorkerProcess extends Process {
  constructor(options: ProcessOptions) {
    super('worker', options);
  }
}
