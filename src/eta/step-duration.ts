/**
 * How long one step takes, learned from earlier runs: robust against outliers, scaled by the work's size where the size
 * explains anything. Pure.
 *
 * The line is Theil's and Sen's: the slope is the median of the slopes between pairs of runs, so that up to 29 % of the runs
 * may be anything at all (a machine that slept, a provider that hung) without moving it much. H. Theil, "A rank-invariant
 * method of linear and polynomial regression analysis", 1950; P. K. Sen, "Estimates of the regression coefficient based on
 * Kendall's tau", JASA 63, 1968. Pairs far apart in size weigh more (L. A. Jaeckel, Annals of Mathematical Statistics 43, 1972).
 */

import type { WorkSize } from '../progress/run-so-far.ts';

type Measure = keyof WorkSize;
export const MEASURES = ['seconds', 'clips', 'characters'] as const satisfies readonly Measure[];

/** What one step of one run took. */
interface StepSample {
  readonly seconds: number;
  /** When it reported half of its progress; undefined: it did not. */
  readonly half: number | undefined;
  readonly size: WorkSize;
}

interface Line {
  /** Seconds at size 0; 0 or more. */
  readonly base: number;
  /** None: the duration does not depend on the size. Seconds per unit are 0 or more, so that more work never takes less. */
  readonly terms: readonly { readonly measure: Measure; readonly perUnit: number }[];
}

export interface StepModel {
  /** Lines of at most two terms each, the best first; the last one needs no size. */
  readonly lines: readonly Line[];
  /** Taken / predicted of the earlier runs, ascending. */
  readonly ratios: readonly number[];
  /** 0..1: the share of its time that has usually passed when it reports half of its progress. */
  readonly half: number;
}

/** Fewer runs say nothing about size. */
const MIN_FOR_LINE = 5;
/** A term must explain at least this share of what is left without it. */
const MIN_GAIN = 0.05;
/** About how many pairs are compared; more are thinned out evenly. */
const MAX_PAIRS = 1_000;
/** Sizes closer to each other, or to 0, count as the same. */
const MIN_STEP = 1e-6;
/** Ratios are taken of nothing shorter (seconds): the clock's millisecond. */
export const SHORTEST = 0.001;

/** @param samples of at least one run, in any order */
export function fitStep(samples: readonly StepSample[]): StepModel {
  const constant: Line = { base: median(samples.map(({ seconds }) => seconds)), terms: [] };
  const singles = better(samples, constant);
  const doubles = singles.flatMap(({ line }) => better(samples, line));
  const lines = [...singles, ...doubles].sort((one, other) => one.rest - other.rest).map(({ line }) => line);
  const model = { lines: [...lines, constant], ratios: [], half: usualHalf(samples) };
  const ratios = samples.map(({ seconds, size }) => {
    return Math.max(seconds, SHORTEST) / Math.max(predictStep(model, size), SHORTEST);
  });
  return { ...model, ratios: ratios.sort((one, other) => one - other) };
}

/**
 * The share of its time that a step has usually taken when it reports this share of its progress: work inside a step need not
 * be even, and a step reports what it counts, not time.
 * @param half as in StepModel
 */
export function timeShare(half: number, share: number): number {
  return share <= 0.5 ? 2 * half * share : half + (1 - half) * (2 * share - 1);
}

/** Seconds, 0 or more; never less for more work of the same kind. */
export function predictStep(model: StepModel, size: WorkSize): number {
  const line = model.lines.find(({ terms }) => terms.every(({ measure }) => size[measure] !== undefined));
  return line === undefined ? 0 : at(line, size);
}

/** The median; 0 without values. */
export function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((one, other) => one - other),
    0.5,
  );
}

/**
 * A quantile by linear interpolation; 0 without values.
 * @param sorted ascending
 * @param share 0..1
 * @param from the values before this place do not count; default 0
 */
export function quantile(sorted: readonly number[], share: number, from = 0): number {
  const place = from + (sorted.length - 1 - from) * Math.min(1, Math.max(0, share));
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/** The place of the first value above a limit. @param sorted ascending */
export function placeAbove(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

function at({ base, terms }: Line, size: WorkSize): number {
  return terms.reduce((sum, { measure, perUnit }) => sum + perUnit * (size[measure] ?? 0), base);
}

/** The line with one more term, for each measure with which it explains more. */
function better(samples: readonly StepSample[], line: Line) {
  const bar = spread(samples, line) * (1 - MIN_GAIN);
  return MEASURES.filter((measure) => !line.terms.some((term) => term.measure === measure))
    .map((measure) => withTerm(samples, line, measure))
    .filter((longer) => longer !== null)
    .map((longer) => ({ line: longer, rest: spread(samples, longer) }))
    .filter(({ rest }) => rest < bar);
}

function usualHalf(samples: readonly StepSample[]): number {
  const known = samples.flatMap(({ half, seconds }) => {
    return half !== undefined && seconds > SHORTEST ? [Math.min(1, half / seconds)] : [];
  });
  return known.length === 0 ? 0.5 : median(known);
}

/** Typical distance of the runs from the line, seconds. */
function spread(samples: readonly StepSample[], line: Line): number {
  const known = samples.filter(({ size }) => line.terms.every(({ measure }) => size[measure] !== undefined));
  return median(known.map(({ seconds, size }) => Math.abs(seconds - at(line, size))));
}

/** A term fitted to what the line leaves. Null: the measure explains nothing of it. */
function withTerm(samples: readonly StepSample[], line: Line, measure: Measure): Line | null {
  const points = samples.flatMap(({ seconds, size }) => {
    const x = size[measure];
    return x === undefined ? [] : [{ x, y: seconds - at(line, size) + line.base }];
  });
  // A measure that only some runs have would compare the others with nothing.
  if (points.length < MIN_FOR_LINE || points.length * 2 < samples.length) return null;
  const slopes: Weighted[] = [];
  const stride = Math.max(1, Math.ceil((points.length * (points.length - 1)) / 2 / MAX_PAIRS));
  for (let gap = 1; gap < points.length; gap += stride) {
    for (let first = 0; first + gap < points.length; first += 1) {
      const one = points[first];
      const other = points[first + gap];
      if (one === undefined || other === undefined || Math.abs(one.x - other.x) < MIN_STEP) continue;
      slopes.push({ value: (other.y - one.y) / (other.x - one.x), weight: Math.abs(other.x - one.x) });
    }
  }
  const perUnit = weightedMedian(slopes);
  if (perUnit === null || perUnit <= 0) return null;
  const base = median(points.map(({ x, y }) => y - perUnit * x));
  if (base >= 0) return { base, terms: [...line.terms, { measure, perUnit }] };
  // The line is steeper than the work can be: put it through zero instead.
  const rates = points.filter(({ x }) => x >= MIN_STEP).map(({ x, y }) => ({ value: y / x, weight: x }));
  const rate = Math.max(0, weightedMedian(rates) ?? 0);
  return { base: 0, terms: [...line.terms, { measure, perUnit: rate }] };
}

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

/** The value with half of the weight on either side; null without values. */
export function weightedMedian(values: readonly Weighted[]): number | null {
  const sorted = values.toSorted((one, other) => one.value - other.value);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let passed = 0;
  for (const { value, weight } of sorted) {
    passed += weight;
    if (passed >= half) return value;
  }
  return null;
}
