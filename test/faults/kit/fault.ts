/** What is needed to repeat a fault. */
export interface FaultOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Number of concurrent subscribers, if the fault supports any number. */
  readonly clients: number;
}
