/**
 * What a step says while it runs: the lines of its own log, and those of the programs and providers that it waits for. They
 * find their step through the chain of calls (AsyncLocalStorage), so that a tool needs no reference to its job.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export const LINE_LEVELS = ['info', 'warn', 'error'] as const;
export type LineLevel = (typeof LINE_LEVELS)[number];

/** One line, as the step says it. */
export interface StepLine {
  readonly level: LineLevel;
  /** The program or provider that it is about; null: it is the step's own. */
  readonly source: string | null;
  /** May be empty if `source` and `durationMs` say everything. */
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
