/** What a fault needs to know to be repeated. */
export interface FaultOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Subscribers at the same time, where the fault has any number of them. */
  readonly clients: number;
}
