/**
 * How far predictions are off: by split conformal prediction, the interval is that which held the truth for nine in ten of the
 * earlier runs, each predicted by a model that had not seen it. It assumes nothing about how durations are distributed, only
 * that the next run is one like the earlier ones. V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World",
 * 2005; J. Lei and others, "Distribution-free predictive inference for regression", JASA 113, 2018. Pure.
 */
import { fitSteps, type Prediction, predictRemaining, type StepModels } from './eta-prediction.ts';
import type { RunRecord, RunSoFar } from './run-so-far.ts';
import { quantile } from './step-duration.ts';

/** Of one phase of a run: the interval around the remaining time, as shares of the predicted total. */
export interface Band {
  /** 0..1: elapsed share of the predicted total, up to which it holds. */
  readonly until: number;
  readonly low: number;
  readonly high: number;
}

/** Shares of the truths that lie below low and above high. */
const TAIL = 0.05;
/** Every run is held out once, with a fifth of the others. */
const FOLDS = 5;
/** Fewer runs say nothing about how far one is off. */
const LEAST_RUNS = 10;
const PHASES = 8;
/** Points per run and phase. */
const POINTS = 16;

/** @param runs oldest first; none, when they are too few */
export function learnBands(runs: readonly RunRecord[], stepNames: readonly string[]): readonly Band[] {
  if (runs.length < LEAST_RUNS) return [];
  const misses: number[][] = Array.from({ length: PHASES }, () => []);
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const others = fitSteps(
      runs.filter((_, index) => index % FOLDS !== fold),
      stepNames,
    );
    for (const [index, record] of runs.entries()) {
      if (index % FOLDS === fold) collectMisses(misses, others, record);
    }
  }
  return misses.map((found, phase) => bandFrom(found, (phase + 1) / PHASES));
}

/** The band of a run's present phase; null when there are none. */
export function bandOf(bands: readonly Band[], { remaining, total }: Prediction): Band | null {
  const share = total > 0 ? 1 - remaining / total : 0;
  return bands.find(({ until }) => share <= until) ?? bands.at(-1) ?? null;
}

function bandFrom(found: readonly number[], until: number): Band {
  const sorted = found.toSorted((one, other) => one - other);
  return { until, low: Math.min(0, quantile(sorted, TAIL)), high: Math.max(0, quantile(sorted, 1 - TAIL)) };
}

function collectMisses(misses: number[][], models: StepModels, record: RunRecord): void {
  const names = [...models.keys()];
  const truth = names.reduce((sum, name) => sum + (record.steps[name] ?? 0), 0);
  for (let point = 0; point < POINTS; point += 1) {
    const elapsed = (truth * point) / POINTS;
    const predicted = predictRemaining(models, replay(record, names, elapsed));
    if (!(predicted.total > 0)) continue;
    const share = 1 - predicted.remaining / predicted.total;
    const phase = Math.min(PHASES - 1, Math.max(0, Math.ceil(share * PHASES) - 1));
    misses[phase]?.push((truth - elapsed - predicted.remaining) / predicted.total);
  }
}

/** An earlier run as it stood when `elapsed` seconds had passed. */
function replay(record: RunRecord, names: readonly string[], elapsed: number): RunSoFar {
  const finished: Record<string, number> = {};
  let passed = 0;
  for (const step of names) {
    const seconds = record.steps[step] ?? 0;
    if (passed + seconds > elapsed) {
      const current = { step, elapsedSeconds: elapsed - passed, share: (elapsed - passed) / seconds };
      return {
        ...{ elapsedSeconds: elapsed, finished, skipped: [], current },
        size: record.size,
        progress: 0,
      };
    }
    finished[step] = seconds;
    passed += seconds;
  }
  return { elapsedSeconds: elapsed, finished, skipped: [], current: null, size: record.size, progress: 1 };
}
