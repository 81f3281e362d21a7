/**
 * What a step says while it runs: the lines of its own log, and what the programs and providers that it waits for have said.
 * They find their step by the chain of calls (AsyncLocalStorage), so that a tool needs no way to its job.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export const LINE_LEVELS = ['info', 'warn', 'error'] as const;
export type LineLevel = (typeof LINE_LEVELS)[number];

/** One line, as the step says it. */
export interface StepLine {
  readonly level: LineLevel;
  /** The program or provider that it is about; null: the step itself has said it. */
  readonly source: string | null;
  /** May be empty where `source` and `durationMs` say all. */
  readonly text: string;
  /** How long the program or call took, in ms; null: it is about none. */
  readonly durationMs: number | null;
}

type KeepLine = (line: StepLine) => void;

const keeper = new AsyncLocalStorage<KeepLine>();

/** Runs work whose lines are given to `keep`, which must not throw. */
export function withLines<T>(keep: KeepLine, work: () => T): T {
  return keeper.run(keep, work);
}

/** Keeps a line with the job whose step is under way here; outside of any step it is dropped. */
export function keepLine(line: StepLine): void {
  keeper.getStore()?.(line);
}
