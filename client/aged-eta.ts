/** Ages a prediction that is shown some time after it was received. */

/** Seconds, 0 or more, in order. */
interface Range {
  readonly remainingSeconds: number;
  readonly lowSeconds: number;
  readonly highSeconds: number;
}

/** A late job may still take this many times as long as it is late. */
const LATENESS = 3;

/**
 * What is left of the prediction after this many seconds without a new one. Every value shrinks by that much, to no less than
 * 0; but a job past its likely end will probably take as long again as it is late, and may take three times as long. The server
 * counts the same way.
 * @param passedSeconds 0 or more
 */
export function agedRange(
  { remainingSeconds, lowSeconds, highSeconds }: Range,
  passedSeconds: number,
): Range {
  const left = (seconds: number): number => Math.max(0, seconds - passedSeconds);
  // When nothing is left, this was the last event before the end.
  const late = highSeconds > 0 ? Math.max(0, passedSeconds - remainingSeconds) : 0;
  return {
    remainingSeconds: Math.max(left(remainingSeconds), late),
    lowSeconds: left(lowSeconds),
    highSeconds: Math.max(left(highSeconds), LATENESS * late),
  };
}
