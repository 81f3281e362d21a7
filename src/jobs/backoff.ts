/** How long to wait between a failed attempt and the next. Pure. */

const BASE_MS = 1_000;
const MAX_MS = 60_000;

/**
 * Exponential from 1 s to 60 s, with the upper half drawn at random so that jobs that failed together do not come back
 * together; or exactly the time that the failed party asked for.
 * @param tries attempts made so far, 1 or more
 * @param random 0..1
 * @returns ms
 */
export function backoff(
  tries: number,
  retryAfterSeconds: number | undefined,
  random: () => number = Math.random,
): number {
  if (retryAfterSeconds !== undefined) return Math.ceil(retryAfterSeconds * 1000);
  const ceiling = Math.min(MAX_MS, BASE_MS * 2 ** (tries - 1));
  return Math.round(ceiling * (0.5 + random() / 2));
}
