/** A project under development: which of its files have changed, and what is wrong with it. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { pause } from '../core/pause.ts';
import type { ProjectCheck } from './check-project.ts';
import { findTypeFaults } from './type-check.ts';

/** Editors write a file in several steps. */
const SETTLE_MS = 60;

/** What is found when a project is looked at. */
export interface Look {
  /** For people, each with its file; empty: all is well. */
  readonly faults: readonly string[];
  /** Whether processes can start with it; wrong types do not stop them. */
  readonly isLoadable: boolean;
  /** What has to start anew: all, or the worker alone, when only code has changed that workers alone load. */
  readonly concerns: 'worker' | 'all';
}

export class WatchedProject {
  readonly #root: string;
  readonly #env: NodeJS.ProcessEnv;
  #check: ProjectCheck = { fault: null, definitions: [], code: [] };
  #isWell = false;
  /** Changed since the project was last looked at. */
  readonly #changed = new Set<string>();
  /** Changed before, and not yet in use, since something was wrong. */
  #held: readonly string[] = [];
  #wake = (): void => {};

  /** @param env of the processes that load it */
  constructor(root: string, env: NodeJS.ProcessEnv) {
    this.#root = root;
    this.#env = env;
  }

  /** Notes that a file has changed. @param path absolute */
  note(path: string): void {
    // While something is wrong, what is missing may be any file.
    if (this.#isWell && !this.#isKnown(path)) return;
    this.#changed.add(path);
    this.#wake();
  }

  #isKnown(path: string): boolean {
    return [...this.#check.definitions, ...this.#check.code].includes(path);
  }

  /** Without those that an editor has written beside the ones that it changes, and removed. */
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

  /** Loads it in a process of its own, and checks its types. */
  async look(): Promise<Look> {
    // Editors write files beside those that they change, and remove them.
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
      child.once('exit', (code) => {
        const fault = `expected a project that can be loaded; it has ended the process (code ${code})`;
        resolve({ fault, definitions: [], code: [] });
      });
    });
  }
}
