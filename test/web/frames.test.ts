import { expect, onTestFinished, test, vi } from 'vitest';
import { createFrames, type FrameClock } from '../../web/state/frames.ts';

/** A browser whose time goes on when it has nothing to do, or when something costs. */
class SetBrowser implements FrameClock {
  #now = 0;
  readonly #tasks: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  beforePaint(show: () => void): void {
    this.after(show, 0);
  }

  after(run: () => void, ms: number): void {
    this.#tasks.push({ at: this.#now + ms, run });
  }

  spend(ms: number): void {
    this.#now += ms;
  }

  runAll(): void {
    for (;;) {
      this.#tasks.sort((one, other) => one.at - other.at);
      const task = this.#tasks.shift();
      if (task === undefined) return;
      this.#now = Math.max(this.#now, task.at);
      task.run();
    }
  }
}

/** @returns when each of so many showings began, one asked for as soon as the last is through */
function showings(count: number, costMs: (index: number) => number): number[] {
  const browser = new SetBrowser();
  const show = createFrames(200, browser);
  const begins: number[] = [];
  for (let index = 0; index < count; index += 1) {
    show(() => {
      begins.push(browser.now());
      browser.spend(costMs(index));
    });
    browser.runAll();
  }
  return begins;
}

test('what costs little is shown five times a second', () => {
  expect(showings(4, () => 20)).toEqual([0, 200, 400, 600]);
});

test('in a browser it is shown before a paint, at once after a rest, and not again before its time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  vi.stubGlobal('requestAnimationFrame', (paint: () => void) => setTimeout(paint, 16));
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  const begun = performance.now();
  const shown: number[] = [];
  const show = createFrames(200);
  const ask = (): void => show(() => void shown.push(performance.now() - begun));
  ask();
  expect(shown).toEqual([]);
  await vi.advanceTimersByTimeAsync(20);
  ask();
  await vi.advanceTimersByTimeAsync(1_000);
  ask();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shown).toEqual([16, 232, 1_036]);
});

test('what goes on costing much is shown less often, so that it takes a quarter of the time', () => {
  expect(showings(5, () => 120)).toEqual([0, 200, 680, 1_160, 1_640]);
});

test('but at least once a second', () => {
  expect(showings(4, () => 600)).toEqual([0, 600, 1_600, 2_600]);
});

test('one slow showing holds up none', () => {
  expect(showings(4, (index) => (index === 1 ? 150 : 20))).toEqual([0, 200, 400, 600]);
});
