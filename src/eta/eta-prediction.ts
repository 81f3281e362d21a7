/** The remaining time of a run from what was learned of its steps, and from its own speed so far. Pure. */
import type { RunRecord, RunSoFar } from '../progress/run-so-far.ts';
import { fitStep, predictStep, quantile, type StepModel, timeShare } from './step-duration.ts';

/** In the order of the table. */
export type StepModels = ReadonlyMap<string, StepModel>;

/** Seconds, 0 or more. */
export interface Prediction {
  readonly remaining: number;
  /** Elapsed and remaining. */
  readonly total: number;
}

/** How much of the predicted total counts as evidence for the usual speed, before the run's own speed is believed. */
const PACE_PRIOR = 1;
/** A run is not believed to be faster or slower than usual by more than this factor. */
const PACE_LIMIT = 4;
/** Less of a step says nothing. */
const MIN_SHARE = 1e-6;
/** What is left of a step that has taken longer than ever: this share of what it took. */
const OVERDUE = 0.1;
/** A step's own speed is believed by this power of the share that is done: while all earlier runs took longer, */
const USUAL_TRUST = 2;
/** and when none did. */
const OUTRUN_TRUST = 0.5;

/** @param runs sound ones, in any order */
export function fitSteps(runs: readonly RunRecord[], stepNames: readonly string[]): StepModels {
  const models = new Map<string, StepModel>();
  for (const name of stepNames) {
    const samples = runs.flatMap(({ steps, halves, size }) => {
      const seconds = steps[name];
      return seconds === undefined ? [] : [{ seconds, half: halves?.[name], size }];
    });
    if (samples.length > 0) models.set(name, fitStep(samples));
  }
  return models;
}

/** What is left of the present step, and all of those that are still to come, at the run's own pace. */
export function predictRemaining(steps: StepModels, run: RunSoFar): Prediction {
  const usual = new Map([...steps].map(([name, model]) => [name, predictStep(model, run.size)] as const));
  const pace = paceOf(usual, run);
  const skipped = new Set(run.skipped);
  let remaining = 0;
  for (const [name, seconds] of usual) {
    if (name === run.current?.step) remaining += restOfStep(steps.get(name), seconds * pace, run.current);
    else if (run.finished[name] === undefined && !skipped.has(name)) remaining += seconds * pace;
  }
  return { remaining, total: Math.max(0, run.elapsedSeconds) + remaining };
}

/** Taken / usual of the finished steps, drawn towards 1 as long as they are a small part of the whole. */
function paceOf(usual: ReadonlyMap<string, number>, { finished }: RunSoFar): number {
  let taken = 0;
  let predicted = 0;
  let total = 0;
  for (const [name, seconds] of usual) {
    total += seconds;
    const own = finished[name];
    if (own === undefined) continue;
    taken += Math.min(own, seconds * PACE_LIMIT);
    predicted += seconds;
  }
  const prior = PACE_PRIOR * total;
  if (prior <= 0) return 1;
  return Math.min(PACE_LIMIT, Math.max(1 / PACE_LIMIT, (taken + prior) / (predicted + prior)));
}

/**
 * What is left of the present step: from those earlier runs in which it took longer than it has by now, and from its own
 * speed, which counts the more, the further it is and the fewer such runs there are.
 */
function restOfStep(
  model: StepModel | undefined,
  usual: number,
  { elapsedSeconds, share }: NonNullable<RunSoFar['current']>,
): number {
  const ratios = model?.ratios ?? [];
  const longer = usual > 0 ? ratios.filter((ratio) => ratio * usual > elapsedSeconds) : [];
  const learned =
    longer.length > 0 ? quantile(longer, 0.5) * usual - elapsedSeconds : OVERDUE * elapsedSeconds;
  const passed = timeShare(model?.half ?? 0.5, Math.min(1, share));
  if (!(passed >= MIN_SHARE)) return learned;
  const own = (elapsedSeconds * (1 - passed)) / passed;
  // The fewer earlier runs took longer than this one already has, the less they say. Of a step that usually takes no time they
  // say nothing in any case.
  const support = usual > 0 && ratios.length > 0 ? longer.length / ratios.length : 1;
  const trust = passed ** (OUTRUN_TRUST + (USUAL_TRUST - OUTRUN_TRUST) * support);
  return (1 - trust) * learned + trust * own;
}
