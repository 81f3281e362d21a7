/** MultiStepProgressCalculator: a weighted average over named steps. Pure. */

/**
 * Keeps the progress of named steps and gives their weighted average.
 * @example
 * const calculator = new MultiStepProgressCalculator({ speech: 1, drawing: 3 });
 * calculator.update('speech', 1); // 0.25
 */
export class MultiStepProgressCalculator {
  readonly #weights: ReadonlyMap<string, number>;
  readonly #progress = new Map<string, number>();
  readonly #totalWeight: number;

  /**
   * @param weights relative share of each step, positive; they need not add up to 1
   * @throws RangeError without steps, or for a weight that is not a positive finite number
   */
  constructor(weights: Readonly<Record<string, number>>) {
    this.#weights = new Map(Object.entries(weights));
    if (this.#weights.size === 0) {
      throw new RangeError('weights: expected at least one step, received none');
    }
    let total = 0;
    for (const [step, weight] of this.#weights) {
      if (!(weight > 0 && Number.isFinite(weight))) {
        throw new RangeError(`weight of ${step}: expected a positive finite number, received ${weight}`);
      }
      total += weight;
    }
    this.#totalWeight = total;
  }

  /**
   * Sets a step's progress (0..1) and returns the overall progress.
   * @throws RangeError for an unknown step, or a progress outside 0..1
   */
  update(step: string, progress: number): number {
    if (!this.#weights.has(step)) {
      const names = [...this.#weights.keys()].join(', ');
      throw new RangeError(`step: expected one of ${names}, received ${step}`);
    }
    if (!(progress >= 0 && progress <= 1)) {
      throw new RangeError(`progress of ${step}: expected 0..1, received ${progress}`);
    }
    this.#progress.set(step, progress);
    return this.progress;
  }

  /** 0..1; exactly 1 when every step is done. */
  get progress(): number {
    let sum = 0;
    let done = true;
    for (const [step, weight] of this.#weights) {
      const progress = this.#progress.get(step) ?? 0;
      sum += weight * progress;
      done &&= progress === 1;
    }
    return done ? 1 : Math.min(sum / this.#totalWeight, 1 - Number.EPSILON);
  }
}
