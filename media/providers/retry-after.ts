/** The longest wait that is accepted; a job is not postponed for longer. */
const LIMIT_SECONDS = 86_400;

/**
 * Reads a Retry-After header (RFC 9110, section 10.2.3): whole seconds or an HTTP date. Fractions are also accepted.
 * @param nowMs milliseconds since the Unix epoch
 * @returns seconds, more than 0 and at most a day; undefined when missing, unreadable or past
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - nowMs) / 1_000;
  return seconds > 0 ? Math.min(seconds, LIMIT_SECONDS) : undefined;
}
