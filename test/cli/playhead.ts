/** Runs the command line as a user does: a process of its own, through pipes or on a pseudo-terminal. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface RunOptions {
  readonly url?: string;
  readonly project?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What comes in by standard input; it is closed behind it. */
  readonly input?: string;
  readonly cwd?: string;
  /** Leads a group of its own, which can be sent a signal as a whole. */
  readonly detached?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export class Playhead {
  readonly child: ChildProcessWithoutNullStreams;
  out = '';
  err = '';
  readonly #closed: Promise<number | null>;

  constructor(
    command: string,
    args: readonly string[],
    { url, project, env, input, cwd, detached = false }: RunOptions,
  ) {
    this.child = spawn(command, args, {
      detached,
      ...(cwd !== undefined && { cwd }),
      env: {
        PATH: process.env['PATH'],
        ...(url !== undefined && { PLAYHEAD_URL: url }),
        ...(project !== undefined && { PLAYHEAD_PROJECT: project }),
        ...env,
      },
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
    });
    this.child.stdin.on('error', () => {});
    if (input !== undefined) this.child.stdin.end(input);
    this.#closed = new Promise((resolve) => this.child.once('close', resolve));
    onTestFinished(async () => {
      if (detached) killGroup(this.child);
      else this.child.kill('SIGKILL');
      this.child.stdin.destroy();
      await this.#closed;
    });
  }

  /** Waits until output and messages hold the text. */
  async says(text: string | RegExp, limitMs = PATIENCE_MS): Promise<void> {
    const isSaid = (): boolean =>
      typeof text === 'string' ? this.#all.includes(text) : text.test(this.#all);
    await until(isSaid, { timeoutMs: limitMs, what: `says ${text}` }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.#all}`);
    });
  }

  /** What is typed; `\x03` is Ctrl-C. */
  type(text: string): void {
    this.child.stdin.write(text);
  }

  async ended(limitMs = PATIENCE_MS): Promise<Ended> {
    const code = await within(this.#closed, limitMs, 'the end of the command').catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.#all}`);
    });
    return { code, out: this.out, err: this.err };
  }

  get #all(): string {
    return `${this.out}\n${this.err}`;
  }
}

function killGroup({ pid }: ChildProcessWithoutNullStreams): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

/** Starts a command behind pipes. */
export function start(args: readonly string[], options: RunOptions = {}): Playhead {
  return new Playhead(process.execPath, [MAIN, ...args], options);
}

/** Runs a command behind pipes to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(args, options).ended();
}

/** The size of the terminal of `startOnTerminal`. */
export const TERMINAL = { rows: 30, cols: 100 } as const;

/** Starts a command on a terminal; what it writes is in `out`. */
export function startOnTerminal(args: readonly string[], options: RunOptions = {}): Playhead {
  return startShellOnTerminal(
    `exec ${[process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ')}`,
    options,
  );
}

/** Starts a line of shell on a terminal; what it writes is in `out`. */
export function startShellOnTerminal(line: string, options: RunOptions = {}): Playhead {
  const size = `stty rows ${TERMINAL.rows} cols ${TERMINAL.cols}`;
  return new Playhead('script', ['-qfec', `${size}; ${line}`, '/dev/null'], options);
}

/** Every line as JSON. */
export function jsonLines(out: string): readonly Record<string, unknown>[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
