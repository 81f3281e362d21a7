/** A prediction that is shown later than it was told. */

/** Seconds, 0 or more, in order. */
interface Range {
  readonly remainingSeconds: number;
  readonly lowSeconds: number;
  readonly highSeconds: number;
}

/** How many times as long as it is late a job may still take. */
const LATENESS = 3;

/**
 * What is left of it after so many seconds without a new one. All of it is as much less, never less than 0; but a job that is
 * past its likely end will likely take as long again as it is late, and may take three times as long. The server counts in the
 * same way.
 * @param passedSeconds 0 or more
 */
export function agedRange(
  { remainingSeconds, lowSeconds, highSeconds }: Range,
  passedSeconds: number,
): Range {
  const left = (seconds: number): number => Math.max(0, seconds - passedSeconds);
  // Nothing left is the last event before the end.
  const late = highSeconds > 0 ? Math.max(0, passedSeconds - remainingSeconds) : 0;
  return {
    remainingSeconds: Math.max(left(remainingSeconds), late),
    lowSeconds: left(lowSeconds),
    highSeconds: Math.max(left(highSeconds), LATENESS * late),
  };
}
