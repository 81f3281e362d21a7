/** One run of a command: the server that it uses, and how it communicates with the person or script that called it. */
import { createInterface } from 'node:readline/promises';
import { Api } from './api.ts';
import { BarView } from './bar-view.ts';
import { PROGRAM } from './called-as.ts';
import { DEFAULT_PROJECT, defaultUrl } from './defaults.ts';
import type { Failure } from './failure.ts';
import { type JsonLine, JsonView } from './json-view.ts';
import { readLogin } from './kept-login.ts';
import { LineView } from './line-view.ts';
import type { View } from './watch.ts';

/** The options that every command has. */
export interface CommonOptions {
  readonly url: string;
  readonly project: string;
  readonly token?: string;
  readonly json?: true;
}

export class Session {
  readonly api: Api;
  readonly projectId: string;
  readonly json: boolean;

  /** @throws Failure USAGE */
  constructor({ url, project, token, json }: CommonOptions) {
    this.api = new Api(url, token ?? keptToken(url));
    this.projectId = project;
    this.json = json === true;
  }

  /** Whether there is somebody who can be asked. */
  get isInteractive(): boolean {
    return !this.json && process.stdin.isTTY === true && process.stdout.isTTY === true;
  }

  /** How the program is called, for the lines about what to do next. */
  get command(): string {
    return PROGRAM;
  }

  /** The options that another command needs to reach the same job, with a leading space. */
  get sameJobOptions(): string {
    const isDefault = this.projectId === (process.env['PLAYHEAD_PROJECT'] ?? DEFAULT_PROJECT);
    const base = process.env['PLAYHEAD_URL'] ?? defaultUrl();
    const project = isDefault ? '' : ` --project ${this.projectId}`;
    return `${project}${this.api.url === base.replace(/\/+$/, '') ? '' : ` --url ${this.api.url}`}`;
  }

  view(): View {
    if (this.json) return new JsonView((line) => this.line(line));
    if (process.stdout.isTTY) return new BarView();
    return new LineView({ out: (line) => this.out(line), note: (line) => this.note(line) });
  }

  /** Output for people; nothing with --json. */
  out(line: string): void {
    if (!this.json) process.stdout.write(`${line}\n`);
  }

  /** A message beside the output, on standard error. */
  note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** Output for scripts. */
  line(line: JsonLine): void {
    if (this.json) process.stdout.write(`${JSON.stringify(line)}\n`);
  }

  fail(failure: Failure): void {
    reportFailure(failure, this.json);
  }

  /**
   * Asks a question whose default is no.
   * @returns null when Ctrl-C was pressed again
   */
  async confirm(question: string, signal: AbortSignal): Promise<boolean | null> {
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    const gone = new AbortController();
    let pressedAgain = false;
    lines.on('SIGINT', () => {
      pressedAgain = true;
      gone.abort();
    });
    // Ctrl-D.
    lines.on('close', () => gone.abort());
    try {
      const answer = await lines.question(question, { signal: AbortSignal.any([signal, gone.signal]) });
      return /^y(es)?$/i.test(answer.trim());
    } catch {
      return pressedAgain ? null : false;
    } finally {
      lines.close();
    }
  }
}

/** The token of `login`, but only for the server that it was kept for. */
export function keptToken(url: string): string | undefined {
  const kept = readLogin();
  return kept !== null && new Api(url).url === kept.url ? kept.token : undefined;
}

/** Reports on stderr what was wrong and what to do, and with --json also on stdout. */
export function reportFailure({ code, message, fix }: Failure, json: boolean): void {
  const line: JsonLine = { type: 'error', code, message, fix: fix ?? null };
  if (json) process.stdout.write(`${JSON.stringify(line)}\n`);
  process.stderr.write(`playhead: ${message}${fix === undefined ? '' : `\n  ${fix}`}\n`);
}
