/** What the browser offers; tests bring their own. */
export interface FrameClock {
  /** Milliseconds. */
  now(): number;
  /** Calls back before the next paint. */
  beforePaint(show: () => void): void;
  after(run: () => void, ms: number): void;
}

const browserClock: FrameClock = {
  now: () => performance.now(),
  beforePaint: (show) => void requestAnimationFrame(show),
  after: (run, ms) => void setTimeout(run, ms),
};

/** What is shown takes at most this share of the main thread; the rest is for what comes in and for whoever uses the page. */
const MAX_SHARE = 0.25;
/** A background page's timers come late, whatever showing costs. */
const SLOWEST_MS = 1_000;

/**
 * Calls back before a paint, at once after a rest, and at most once in `leastMs`; less often when showing costs so much
 * (many cards, a slow machine) that it would take more than MAX_SHARE of the main thread.
 */
export function createFrames(leastMs: number, clock: FrameClock = browserClock): (show: () => void) => void {
  let last = Number.NEGATIVE_INFINITY;
  let pace = leastMs;
  let costMs = 0;
  return (show) => {
    const frame = (): void => {
      last = clock.now();
      show();
      // Behind the styles, the layout and the paint that follow from it.
      clock.after(() => {
        const before = costMs;
        costMs = clock.now() - last;
        // One that is slow alone, as the first ones of a page are, holds up none.
        pace = Math.min(SLOWEST_MS, Math.max(leastMs, Math.min(costMs, before) / MAX_SHARE));
      }, 0);
    };
    const wait = last + pace - clock.now();
    if (wait <= 0) clock.beforePaint(frame);
    else clock.after(() => clock.beforePaint(frame), wait);
  };
}
