/** The browser's timing functions; tests supply their own. */
export interface FrameClock {
  /** Milliseconds. */
  now(): number;
  /** Calls `show` before the next paint. */
  beforePaint(show: () => void): void;
  after(run: () => void, ms: number): void;
}

const browserClock: FrameClock = {
  now: () => performance.now(),
  beforePaint: (show) => void requestAnimationFrame(show),
  after: (run, ms) => void setTimeout(run, ms),
};

/** Rendering takes at most this share of the main thread; the rest is for incoming data and the user. */
const MAX_SHARE = 0.25;
/** The slowest pace: a background page's timers fire late, whatever rendering costs. */
const SLOWEST_MS = 1_000;

/**
 * Calls back before a paint: at once after a pause, and at most once per `leastMs`, or less often when rendering (many cards, a
 * slow machine) would take more than MAX_SHARE of the main thread.
 */
export function createFrames(leastMs: number, clock: FrameClock = browserClock): (show: () => void) => void {
  let last = Number.NEGATIVE_INFINITY;
  let pace = leastMs;
  let costMs = 0;
  return (show) => {
    const frame = (): void => {
      last = clock.now();
      show();
      // Runs after the resulting style, layout and paint work.
      clock.after(() => {
        const before = costMs;
        costMs = clock.now() - last;
        // A single slow frame, such as the first ones of a page, does not slow the pace.
        pace = Math.min(SLOWEST_MS, Math.max(leastMs, Math.min(costMs, before) / MAX_SHARE));
      }, 0);
    };
    const wait = last + pace - clock.now();
    if (wait <= 0) clock.beforePaint(frame);
    else clock.after(() => clock.beforePaint(frame), wait);
  };
}
