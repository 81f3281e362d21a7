/** A child process that is started again when it ends by itself. */
import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from './logger.ts';
import { pause } from './pause.ts';

/** What a child reports once it can be used. */
export interface ReadyMessage {
  readonly ready: true;
  readonly url?: string;
  readonly port?: number;
}

export interface SupervisedOptions {
  /** For the log. */
  readonly name: string;
  readonly module: URL;
  /** Node flags, in addition to those of this process. */
  readonly flags?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

const RESTART_FIRST_MS = 500;
const MAX_RESTART_MS = 10_000;

export class Supervised {
  readonly #options: SupervisedOptions;
  readonly #closing = new AbortController();
  #child: ChildProcess | null = null;
  #restartMs = RESTART_FIRST_MS;

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  /** @throws Error when it ends before it is ready; its stderr has said why */
  async start(): Promise<ReadyMessage> {
    const { env, flags = [], module, name } = this.#options;
    const child = fork(module, { env, execArgv: [...process.execArgv, ...flags], stdio: 'inherit' });
    this.#child = child;
    return new Promise((resolve, reject) => {
      let ready = false;
      child.once('message', (message) => {
        ready = true;
        this.#restartMs = RESTART_FIRST_MS;
        const said = message as ReadyMessage;
        // A restart must come back on the same port, even if PORT was 0.
        if (said.port !== undefined) env['PORT'] = String(said.port);
        resolve(said);
      });
      child.once('exit', (code, signal) => {
        const isPresent = this.#child === child;
        if (isPresent) this.#child = null;
        if (!ready) reject(new Error(`${name} ended before it was ready (${signal ?? `code ${code}`})`));
        if (ready && isPresent && !this.#closing.signal.aborted) void this.#startAgain(code, signal);
      });
    });
  }

  /**
   * Replaces the child with a new one.
   * @param limitMs how long the old one may take to end in order
   * @param order `overlapping`: the new one starts while the old one ends
   * @throws Error as `start`
   */
  async replace(limitMs: number, order: 'overlapping' | 'one after the other'): Promise<ReadyMessage> {
    const old = this.#child;
    this.#child = null;
    const ended = end(old, limitMs);
    if (order === 'one after the other') await ended;
    const [message] = await Promise.all([this.start(), ended]);
    return message;
  }

  /** Ends it with SIGTERM, after `limitMs` with SIGKILL. */
  async close(limitMs: number): Promise<void> {
    this.#closing.abort();
    await end(this.#child, limitMs);
  }

  async #startAgain(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const { logger, name } = this.#options;
    while (!this.#closing.signal.aborted && this.#child === null) {
      logger.error({ process: name, code, signal, inMs: this.#restartMs }, 'exited unexpectedly; restarting');
      try {
        await pause(this.#restartMs, this.#closing.signal);
        this.#restartMs = Math.min(MAX_RESTART_MS, this.#restartMs * 2);
        // The child may have been replaced meanwhile.
        if (this.#child === null) await this.start();
        return;
      } catch {
        // It ended again before it was ready, or this is closing.
      }
    }
  }
}

async function end(child: ChildProcess | null, limitMs: number): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const cut = setTimeout(() => child.kill('SIGKILL'), limitMs);
  await exited;
  clearTimeout(cut);
}
