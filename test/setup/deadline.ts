/** Waits on conditions, so that no test sleeps. */

/** Ends a wait that hangs. No test is judged by its time, also where both cores are busy with something else. */
export const PATIENCE_MS = 90_000;

interface DeadlineOptions {
  /** Milliseconds, default 90,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between two looks; default: 10, and 100 when it has waited for two seconds, which leaves the CPU to others. */
  readonly everyMs?: number;
  /** What was waited for, for the error. */
  readonly what?: string;
}

/**
 * Asks until the condition gives a value that is neither false, null nor undefined, and returns that value.
 * A condition that throws is asked again; its last error becomes the cause.
 * @throws Error when the time is over
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = PATIENCE_MS, everyMs, what = condition.toString() }: DeadlineOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const begun = performance.now();
  const deadline = begun + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await within(
        Promise.resolve(condition()),
        Math.max(1, deadline - performance.now()),
        what,
      );
      cause = undefined;
      if (value !== false && value !== null && value !== undefined) {
        return value as Exclude<T, false | null | undefined>;
      }
    } catch (error) {
      cause = error;
    }
    const pauseMs = everyMs ?? Math.min(100, Math.max(10, (performance.now() - begun) / 20));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  } while (performance.now() < deadline);
  throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause });
}

/**
 * Limits the wait for a promise.
 * @throws Error when the time is over; the promise itself goes on
 */
export async function within<T>(
  promise: Promise<T>,
  timeoutMs = PATIENCE_MS,
  what = 'a promise',
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${timeoutMs} ms: ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
