/**
 * How good the predicted remaining time is: replays recorded runs (bench/runs), each predicted only from earlier ones, and
 * compared with the three usual methods. Nothing is started or random, so the figures are the same on every machine.
 */

import { calibrateRanges } from '../../src/eta/calibration.ts';
import { createModel, estimate, steady } from '../../src/eta/eta.ts';
import type { ShownEstimate } from '../../src/progress/estimate.ts';
import type { StepRange, Workflow } from '../../src/progress/steps.ts';
import { WORKFLOWS } from '../../test/setup/workflows.ts';
import { type Bench, median, type Row, type Section } from '../driver.ts';
import { type RecordedRun, readRecordedRuns } from '../runs/recorded.ts';
import { type Replay, replayOf, soFarAt } from '../runs/replay.ts';

/** The number of runs that only serve as history. */
const WARM_UP = 10;
/** Moments of a run at which the interval is compared with the truth, as shares of its duration. */
const MOMENTS = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95];
/** The number of moments at which progress is compared with the elapsed share. */
const POINTS = 40;
/** A shown finish time that moves by more than this share of the run's shown duration has jumped. */
const JUMP = 0.2;

interface Figures {
  runs: number;
  /** Absolute errors of the predicted total at the half-way point, as shares of the truth. */
  readonly ours: number[];
  readonly linear: number[];
  readonly mean: number[];
  readonly last: number[];
  covered: number;
  asked: number;
  coveredHalfWay: number;
  /** Per run: how often the shown finish time jumped. */
  readonly jumps: number[];
  /** The same, only for runs that did not have to repeat any work. */
  readonly normalJumps: number[];
  /** Per run: mean distance of the progress from the elapsed share, with the tables and with ranges from earlier runs. */
  readonly byTables: number[];
  readonly calibrated: number[];
}

export async function eta({ quick }: Bench): Promise<Section> {
  const runs = readRecordedRuns();
  const rows: Row[] = [];
  const figures: Record<string, unknown> = {};
  for (const workflow of [...WORKFLOWS.keys()]) {
    const completed = runs.filter((run) => run.workflow === workflow && run.status === 'COMPLETED');
    const found = measure(completed, quick ? 4 : 1);
    rows.push(...describe(workflow, found));
    figures[workflow] = summarise(found);
  }
  return { name: 'eta', rows, figures };
}

/** @param every one run in this many is predicted, from all before it */
function measure(runs: readonly RecordedRun[], every: number): Figures {
  const replays = runs.map(replayOf);
  const found: Figures = {
    ...{ runs: 0, ours: [], linear: [], mean: [], last: [], covered: 0, asked: 0, coveredHalfWay: 0 },
    ...{ jumps: [], normalJumps: [], byTables: [], calibrated: [] },
  };
  for (const [index, replay] of replays.entries()) {
    if (index < WARM_UP || index % every !== 0) continue;
    found.runs += 1;
    const earlier = replays.slice(0, index);
    const model = createModel(
      earlier.map(({ record }) => record),
      replay.table.map(({ name }) => name),
    );
    compareHalfWay(found, model, replay, earlier);
    for (const share of MOMENTS) {
      const at = share * replay.totalSeconds;
      const made = estimate(model, soFarAt(replay, at));
      if (made === null) continue;
      found.asked += 1;
      if (holds(made, replay.totalSeconds - at)) found.covered += 1;
    }
    const jumps = countJumps(model, replay);
    found.jumps.push(jumps);
    if ((replay.run.sizes['tries'] ?? 1) === 1) found.normalJumps.push(jumps);
    compareProgress(found, replay, earlier);
  }
  return found;
}

function compareProgress(found: Figures, replay: Replay, earlier: readonly Replay[]): void {
  const history = earlier.map(({ record }) => record);
  const ranges = calibrateRanges(history, replay.table);
  if (ranges === null) return;
  found.byTables.push(distance(replay, replay.table));
  found.calibrated.push(distance(replay, ranges));
}

function compareHalfWay(
  found: Figures,
  model: ReturnType<typeof createModel>,
  replay: Replay,
  earlier: readonly Replay[],
): void {
  const truth = replay.totalSeconds;
  const half = truth / 2;
  const run = soFarAt(replay, half);
  const made = estimate(model, run);
  const miss = (total: number): number => Math.abs(total - truth) / truth;
  const totals = earlier.map(({ totalSeconds }) => totalSeconds);
  // Each of the usual methods at least knows that the run has not ended yet.
  const atLeast = (total: number): number => Math.max(half, total);
  found.ours.push(made === null ? 1 : miss(half + made.remainingSeconds));
  if (made !== null && holds(made, truth - half)) found.coveredHalfWay += 1;
  found.linear.push(run.progress > 0 ? miss(half / run.progress) : 1);
  found.mean.push(miss(atLeast(totals.reduce((sum, total) => sum + total, 0) / totals.length)));
  found.last.push(miss(atLeast(totals.at(-1) ?? 0)));
}

function holds(
  { lowSeconds, highSeconds }: { lowSeconds: number; highSeconds: number },
  truth: number,
): boolean {
  return truth >= lowSeconds - 1e-9 && truth <= highSeconds + 1e-9;
}

/** How often the shown finish time moved by more than JUMP of the shown duration since its last jump. */
function countJumps(model: ReturnType<typeof createModel>, replay: Replay): number {
  let shown: ShownEstimate | null = null;
  let anchor: number | null = null;
  let jumps = 0;
  for (const { seconds } of replay.moments.slice(0, -1)) {
    const made = estimate(model, soFarAt(replay, seconds));
    if (made === null) continue;
    shown = steady(shown, made, seconds * 1_000);
    anchor ??= shown.finishesAt;
    if (Math.abs(shown.finishesAt - anchor) <= JUMP * anchor) continue;
    jumps += 1;
    anchor = shown.finishesAt;
  }
  return jumps;
}

/** Mean distance of the shown progress from the elapsed share of the run's time, 0..1. */
function distance(replay: Replay, ranges: readonly StepRange[]): number {
  let sum = 0;
  for (let point = 0; point < POINTS; point += 1) {
    const share = (point + 0.5) / POINTS;
    const { current } = soFarAt(replay, share * replay.totalSeconds);
    const range = ranges.find(({ name }) => name === current?.step);
    const progress = range === undefined ? 0 : range.from + (range.to - range.from) * (current?.share ?? 0);
    sum += Math.abs(progress - share);
  }
  return sum / POINTS;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function shareOf(values: readonly number[], isSo: (value: number) => boolean): number {
  return values.filter(isSo).length / values.length;
}

function summarise(found: Figures) {
  const { runs, ours, linear, last, covered, asked, coveredHalfWay, jumps, normalJumps } = found;
  const isCalm = (count: number): boolean => count <= 2;
  return {
    runs,
    ours: median(ours),
    linear: median(linear),
    mean: median(found.mean),
    last: median(last),
    coverage: covered / asked,
    coverageHalfWay: coveredHalfWay / runs,
    normalRuns: normalJumps.length,
    calm: shareOf(normalJumps, isCalm),
    calmOfAll: shareOf(jumps, isCalm),
    distanceByTables: average(found.byTables),
    distanceCalibrated: average(found.calibrated),
  };
}

function describe(workflow: Workflow, found: Figures): Row[] {
  const figures = summarise(found);
  const { ours, linear, last, coverage, coverageHalfWay, calm, calmOfAll } = figures;
  const { distanceByTables, distanceCalibrated } = figures;
  const best = Math.min(linear, figures.mean, last);
  return [
    {
      what: `${workflow}: median error of the predicted total at half-way, ${figures.runs} runs`,
      value: percent(ours),
      goal: 'at most 15 %',
      met: ours <= 0.15,
    },
    {
      what: `${workflow}: beside linear ${percent(linear)}, mean ${percent(figures.mean)}, last ${percent(last)}`,
      value: `${(ours / best).toFixed(2)} of the best`,
      goal: 'at most 0.5',
      met: ours <= best / 2,
    },
    {
      what: `${workflow}: low..high holds the truth (half-way alone: ${percent(coverageHalfWay)})`,
      value: percent(coverage),
      goal: '85-95 %',
      met: coverage >= 0.85 && coverage <= 0.95,
    },
    {
      what: `${workflow}: normal runs whose finish time jumps at most twice (all runs: ${percent(calmOfAll)})`,
      value: percent(calm),
      goal: 'at least 95 %',
      met: calm >= 0.95,
    },
    {
      what: `${workflow}: distance of calibrated progress from elapsed share (tables: ${distanceByTables.toFixed(3)})`,
      value: distanceCalibrated.toFixed(3),
      goal: 'below the tables',
      met: distanceCalibrated < distanceByTables,
    },
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
