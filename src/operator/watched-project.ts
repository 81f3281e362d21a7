/** A project under development: which of its files have changed, and what is wrong with it. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { pause } from '../core/pause.ts';
import type { ProjectCheck } from './check-project.ts';
import { findTypeFaults } from './type-check.ts';

/** Editors write a file in several steps. */
const SETTLE_MS = 60;

/** The result of checking a project. */
export interface Look {
  /** For people, each with its file; empty if there are none. */
  readonly faults: readonly string[];
  /** Whether processes can start with it; type errors do not prevent that. */
  readonly isLoadable: boolean;
  /** What has to be restarted: everything, or only the worker if nothing but code that only workers load has changed. */
  readonly concerns: 'worker' | 'all';
}

export class WatchedProject {
  readonly #root: string;
  readonly #env: NodeJS.ProcessEnv;
  #check: ProjectCheck = { fault: null, definitions: [], code: [] };
  #isWell = false;
  /** Files changed since the project was last checked. */
  readonly #changed = new Set<string>();
  /** Files changed before that, but not in use yet because something was wrong. */
  #held: readonly string[] = [];
  #wake = (): void => {};

  /** @param env of the processes that load the project */
  constructor(root: string, env: NodeJS.ProcessEnv) {
    this.#root = root;
    this.#env = env;
  }

  /** Records that a file has changed. @param path absolute */
  note(path: string): void {
    // While something is wrong, any file may be the missing one.
    if (this.#isWell && !this.#isKnown(path)) return;
    this.#changed.add(path);
    this.#wake();
  }

  #isKnown(path: string): boolean {
    return [...this.#check.definitions, ...this.#check.code].includes(path);
  }

  /** Omits temporary files that an editor wrote beside the changed ones and removed. */
  #present(paths: readonly string[]): readonly string[] {
    return paths.filter((path) => this.#isKnown(path) || existsSync(path));
  }

  /** Waits for a change. @returns the files, for people @throws the signal's reason */
  async nextChange(ending: AbortSignal): Promise<string> {
    if (this.#changed.size === 0) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const leave = (): void => reject(ending.reason as Error);
      ending.addEventListener('abort', leave, { once: true });
      if (ending.aborted) leave();
      await promise.finally(() => ending.removeEventListener('abort', leave));
    }
    await pause(SETTLE_MS, ending);
    return (
      this.#present([...this.#changed])
        .map((path) => relative(this.#root, path))
        .join(', ') || 'A file'
    );
  }

  /** Loads the project in a separate process, and checks its types. */
  async look(): Promise<Look> {
    // Omits temporary files of editors that are gone again.
    const changed = [...this.#held, ...this.#changed].filter(
      (path) => this.#isKnown(path) || existsSync(path),
    );
    this.#changed.clear();
    const [check, types] = await Promise.all([this.#load(), findTypeFaults(this.#root)]);
    const faults = [check.fault, types].filter((fault) => fault !== null);
    this.#isWell = faults.length === 0;
    this.#held = this.#isWell ? [] : changed;
    const isLoadable = check.fault === null;
    if (!this.#isWell) return { faults, isLoadable, concerns: 'all' };
    const code = new Set([...this.#check.code, ...check.code]);
    this.#check = check;
    return { faults, isLoadable, concerns: changed.every((path) => code.has(path)) ? 'worker' : 'all' };
  }

  #load(): Promise<ProjectCheck> {
    const child = fork(new URL('./check-project.ts', import.meta.url), {
      ...{ cwd: this.#root, env: this.#env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return new Promise((resolve) => {
      child.once('message', (message) => resolve(message as ProjectCheck));
      child.once('exit', (code, signal) => {
        const how = signal ?? `code ${code}`;
        const fault = `expected a project that can be loaded; it has ended the process (${how})`;
        resolve({ fault, definitions: [], code: [] });
      });
    });
  }
}
