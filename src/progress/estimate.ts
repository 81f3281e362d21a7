/** Seconds, 0 or more; low is at most remaining, remaining at most high. */
export interface Estimate {
  readonly remainingSeconds: number;
  readonly lowSeconds: number;
  readonly highSeconds: number;
}

/** An estimate as a screen shows it. */
export interface ShownEstimate extends Estimate {
  /** Milliseconds since the epoch. */
  readonly finishesAt: number;
}
