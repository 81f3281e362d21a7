/** Calls back once the event loop has gone round this many times (1 or more), after everything that has come in meanwhile. */
export function afterTurns(turns: number, run: () => void): void {
  setImmediate(turns > 1 ? () => afterTurns(turns - 1, run) : run);
}
