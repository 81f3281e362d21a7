/** The shapes that the prediction of the remaining time is made from. Pure. */

/** How much work a run is, as far as it is known; every measure is 0 or more. */
export interface WorkSize {
  /** The length of the input's text. */
  readonly characters?: number;
  /** The number of clips, or scenes. */
  readonly clips?: number;
  /** The length of the audio. */
  readonly seconds?: number;
}

/** A run that was completed at its first attempt. */
export interface RunRecord {
  /** Seconds that each step took. */
  readonly steps: Readonly<Record<string, number>>;
  /** Seconds after which each step had reported half of its progress; at its end, when it reported nothing before. */
  readonly halves?: Readonly<Record<string, number>>;
  readonly size: WorkSize;
}

/** The present run, as far as it has come. */
export interface RunSoFar {
  /** How long the attempt has run; 0 or more. */
  readonly elapsedSeconds: number;
  /** Steps that this attempt has finished, with the seconds that each took. */
  readonly finished: Readonly<Record<string, number>>;
  /** Steps whose output an earlier attempt left. */
  readonly skipped: readonly string[];
  readonly current: {
    readonly step: string;
    readonly elapsedSeconds: number;
    /** How much of the step is done, 0..1. */
    readonly share: number;
  } | null;
  readonly size: WorkSize;
  /** How much of the job is done, 0..1. */
  readonly progress: number;
}
