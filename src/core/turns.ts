/** Calls back once the event loop has gone round so many times (1 or more): behind all that has come in meanwhile. */
export function afterTurns(turns: number, run: () => void): void {
  setImmediate(turns > 1 ? () => afterTurns(turns - 1, run) : run);
}
