/** Notices when this machine or process stood still: a suspended laptop, a stopped process, a blocked event loop. */
import type { Clock } from '../core/clock.ts';

const BEAT_MS = 1_000;
/** A busy event loop lags by less than this. */
const GAP_MS = 5_000;
/** More than an attempt meets. */
const MAX_GAPS = 100;

export class ClockGaps {
  readonly #clock: Clock;
  readonly #timer: NodeJS.Timeout;
  #beatAt: number;
  /** The gaps in which the clock went on, the latest last. */
  #gaps: readonly { readonly at: number; readonly ms: number }[] = [];
  /** When the latest gap was over. */
  #gapAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beatAt = clock.now();
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    this.#timer.unref();
  }

  /**
   * How long work took between two moments (ms since the epoch), not counting gaps: 0 or more. A clock that was put forward
   * meanwhile does not make it longer.
   */
  between(from: number, to: number): number {
    this.#beat();
    const gaps = this.#gaps.filter(({ at }) => from < at && at <= to);
    return Math.max(0, to - from - gaps.reduce((sum, { ms }) => sum + ms, 0));
  }

  /**
   * Whether work that has gone on since then (ms since the epoch) was held up by a gap of more than 5 s, or the clock was set
   * meanwhile: its duration then says nothing about the work.
   */
  since(time: number): boolean {
    this.#beat();
    return this.#gapAt > time || this.#clock.now() < time;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const now = this.#clock.now();
    const passed = now - this.#beatAt;
    if (passed > BEAT_MS + GAP_MS || passed < -GAP_MS) this.#gapAt = now;
    if (passed > BEAT_MS + GAP_MS) this.#gaps = [...this.#gaps, { at: now, ms: passed }].slice(-MAX_GAPS);
    this.#beatAt = now;
  }
}
