/** When a failed delivery is retried, and when it is given up. Pure. */

const FIRST_WAIT_MS = 5_000;
const GROWTH = 3;
/** The longest wait, whatever a receiver asks for. */
const MAX_WAIT_MS = 4 * 3_600_000;
/** How long a delivery is tried, counted from its first attempt. */
export const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/**
 * The wait before the next attempt: 5 s, 15 s, 45 s … up to 4 h, the upper half of which is random; or what the receiver asked
 * for if that is longer, but at most 4 h.
 * @param attempts made so far, 1 or more
 * @param random 0..1
 * @returns ms
 */
export function retryWait(
  attempts: number,
  retryAfterMs: number | undefined,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * GROWTH ** (attempts - 1));
  const own = Math.round(ceiling * (0.5 + random() / 2));
  return Math.max(own, Math.min(retryAfterMs ?? 0, MAX_WAIT_MS));
}

/** What a Retry-After header asks for, in ms; undefined when it is missing or invalid. */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  // An HTTP date begins with the day of the week; Date.parse alone would accept almost anything.
  const at = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
