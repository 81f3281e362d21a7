/**
 * How fast runs are compared with the usual, and what the latest ones predict for the next. A busy machine, or a slow provider,
 * stays so for many runs in a row; how much of their pace carries over is learned from the earlier runs (least squares). Pure.
 */

import type { RunRecord } from '../progress/run-so-far.ts';
import { predictStep, SHORTEST, type StepModel, weightedMedian } from './step-duration.ts';

/** What is expected of a run before it has begun. */
export interface Expectation {
  /** Taken / usual. */
  readonly pace: number;
  /** By what factor that was wrong for the latest runs, as a natural logarithm: 0 or more. */
  readonly doubt: number;
}

/** No run is believed to be faster or slower than usual by more than this factor. */
export const PACE_LIMIT = 16;
/** How many runs count as the latest: more would notice a change too late. */
const LATEST = 2;

export class Pace {
  /** Natural logarithms of taken / usual, in the order in which the runs ended. */
  readonly #logs: readonly number[];
  /** 0..1: how much of the latest runs' pace the next one keeps. */
  readonly kept: number;
  /** 0..1: the correlation of the paces of two runs in a row. It is less than `kept`, since a mean of several has less noise. */
  readonly alike: number;

  /** @param runs in the order in which they ended */
  constructor(runs: readonly RunRecord[], steps: ReadonlyMap<string, StepModel>) {
    this.#logs = runs.map((run) => Math.log(paceOf(run, steps)));
    let products = 0;
    let squares = 0;
    for (const [index, log] of this.#logs.entries()) {
      const before = this.#meanBefore(index);
      products += before * log;
      squares += before ** 2;
    }
    this.kept = squares > 0 ? Math.min(1, Math.max(0, products / squares)) : 0;
    this.alike = this.kept / (this.kept + LATEST * (1 - this.kept));
  }

  /** What the runs before a run suggest for it. @param index default: the run that comes next */
  before(index = this.#logs.length): Expectation {
    let doubt = 0;
    for (let at = Math.max(0, index - LATEST); at < index; at += 1) {
      doubt += Math.abs((this.#logs[at] ?? 0) - this.kept * this.#meanBefore(at)) / LATEST;
    }
    return { pace: Math.exp(this.kept * this.#meanBefore(index)), doubt };
  }

  #meanBefore(index: number): number {
    const latest = this.#logs.slice(Math.max(0, index - LATEST), index);
    return latest.length === 0 ? 0 : latest.reduce((sum, log) => sum + log, 0) / latest.length;
  }
}

/** The median of a run's step paces, each weighted by the step's usual duration. */
function paceOf({ steps, size }: RunRecord, models: ReadonlyMap<string, StepModel>): number {
  const paces = [...models].flatMap(([name, model]) => {
    const usual = predictStep(model, size);
    const taken = steps[name];
    if (taken === undefined || usual < SHORTEST) return [];
    return [{ value: Math.max(taken, SHORTEST) / usual, weight: usual }];
  });
  return clampPace(weightedMedian(paces) ?? 1);
}

/** Within PACE_LIMIT. */
export function clampPace(pace: number): number {
  return Math.min(PACE_LIMIT, Math.max(1 / PACE_LIMIT, pace));
}
