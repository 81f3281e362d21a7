/** Waits on conditions, so that no test sleeps. */

/** Ends a wait that hangs. No test is judged by its time, even if both cores are busy with something else. */
export const PATIENCE_MS = 90_000;

interface DeadlineOptions {
  /** In milliseconds; default 90,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between checks; default: 10, then 100 after two seconds, which leaves the CPU to others. */
  readonly everyMs?: number;
  /** What is waited for, for the error message. */
  readonly what?: string;
}

/**
 * Calls the condition until it returns a value that is not false, null or undefined, and returns that value.
 * A condition that throws is called again; its last error becomes the cause.
 * @throws Error when the time is up
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
 * @throws Error when the time is up; the promise itself continues
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
