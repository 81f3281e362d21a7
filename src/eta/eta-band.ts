/**
 * How far predictions are off: by split conformal prediction, the interval is that which held the truth for nine in ten of the
 * earlier runs, each predicted by a model that had not seen it. It assumes nothing about how durations are distributed, only
 * that the next run is one like the earlier ones. V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World",
 * 2005; J. Lei and others, "Distribution-free predictive inference for regression", JASA 113, 2018. Errors are measured from
 * the least and the most that a run leaves by its own and by the expected pace (Y. Romano, E. Patterson, E. Candès, "Conformalized
 * quantile regression", NeurIPS 2019), and in a scale of each run's own, so that a run unlike the earlier ones has a wider
 * interval than they had. Pure.
 */

import type { RunRecord, WorkSize } from '../progress/run-so-far.ts';
import { fitSteps, type Prediction, predictRemaining, type StepModels } from './eta-prediction.ts';
import type { Expectation, Pace } from './pace.ts';
import { replayRun } from './run-replay.ts';
import { MEASURES, quantile } from './step-duration.ts';

/** Where the interval ends, in the prediction's scale. */
export interface Band {
  /** From the least that is left. */
  readonly low: number;
  /** From the most. */
  readonly high: number;
}

/** Errors of earlier runs in the same terms. */
interface Misses {
  readonly low: number[];
  readonly high: number[];
}

/**
 * Shares of the truths that lie below low and above high. A tail of 0.05 held 85-91 % of the truths of the recorded runs, not 90 %:
 * a machine's load drifts, and what steps report is less even than in a replay.
 */
const TAIL = 0.04;
/** Every run is held out once, with a fifth of the others. */
const FOLDS = 5;
/** With fewer runs, nothing can be said about how far off a prediction is. */
const MIN_RUNS = 10;
/**
 * A run's phase is the elapsed share of its predicted total: the less is left, the better it is known. Earlier phases are
 * shorter, since the first things that a run shows tell the most.
 */
const PHASES = 8;
/** The points at which each run is predicted, spaced likewise. */
const POINTS = 12;

/** Learns the bands on demand: one per phase, and per set of measures that a run knows by then. */
export class Bands {
  readonly #runs: readonly RunRecord[];
  readonly #stepNames: readonly string[];
  readonly #pace: Pace;
  #folds: readonly StepModels[] | null = null;
  readonly #learned = new Map<string, readonly Band[]>();

  /** @param runs sound runs, in the order in which they ended, as in `pace` */
  constructor(runs: readonly RunRecord[], stepNames: readonly string[], pace: Pace) {
    this.#runs = runs;
    this.#stepNames = stepNames;
    this.#pace = pace;
  }

  /** The band of a run at its present phase; null when there are too few earlier runs to tell. */
  find(size: WorkSize, made: Prediction): Band | null {
    if (this.#runs.length < MIN_RUNS) return null;
    const known = MEASURES.filter((measure) => size[measure] !== undefined);
    const name = known.join();
    let bands = this.#learned.get(name);
    if (bands === undefined) {
      bands = this.#learn(known);
      this.#learned.set(name, bands);
    }
    return bands[phaseOf(made)] ?? null;
  }

  #learn(known: readonly (keyof WorkSize)[]): readonly Band[] {
    this.#folds ??= Array.from({ length: FOLDS }, (_, fold) => {
      const others = this.#runs.filter((_run, index) => index % FOLDS !== fold);
      return fitSteps(others, this.#stepNames);
    });
    const misses: Misses[] = Array.from({ length: PHASES }, () => ({ low: [], high: [] }));
    for (const [index, run] of this.#runs.entries()) {
      const models = this.#folds[index % FOLDS];
      const size = Object.fromEntries(known.map((measure) => [measure, run.size[measure]]));
      if (models === undefined) continue;
      collectMisses(misses, models, { ...run, size }, this.#pace.before(index));
    }
    // The next run may be more extreme than all so far: with few runs, the band takes in the outermost.
    const level = Math.min(1, ((1 - TAIL) * (this.#runs.length + 1)) / this.#runs.length);
    return misses.map((found) => bandFrom(found, level));
  }
}

function phaseOf({ remaining, total }: Prediction): number {
  const share = total > 0 ? 1 - remaining / total : 0;
  return Math.min(PHASES - 1, Math.max(0, Math.ceil(Math.sqrt(Math.max(0, share)) * PHASES) - 1));
}

function bandFrom({ low, high }: Misses, level: number): Band {
  const ascending = (found: readonly number[]) => found.toSorted((one, other) => one - other);
  return { low: quantile(ascending(low), 1 - level), high: quantile(ascending(high), level) };
}

function collectMisses(
  misses: readonly Misses[],
  models: StepModels,
  record: RunRecord,
  expected: Expectation,
): void {
  const names = [...models.keys()];
  const truth = names.reduce((sum, name) => sum + (record.steps[name] ?? 0), 0);
  for (let point = 0; point < POINTS; point += 1) {
    const elapsed = truth * ((point + 0.5) / POINTS) ** 2;
    const made = predictRemaining(models, replayRun(record, names, elapsed), expected);
    if (made.scale <= 0) continue;
    const found = misses[phaseOf(made)];
    found?.low.push((truth - elapsed - made.least) / made.scale);
    found?.high.push((truth - elapsed - made.most) / made.scale);
  }
}
