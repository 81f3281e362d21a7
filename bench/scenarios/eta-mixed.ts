/**
 * How often the range of the predicted remaining time holds the actual time, and how wide it is, for runs and batches on a
 * machine that alternates between idle and busy: replays the recordings of both (bench/runs), as clients would have seen them.
 * Nothing is started and nothing is random, so the figures are the same on every machine.
 */
import { WORKFLOWS } from '../../test/setup/workflows.ts';
import type { Row, Section } from '../driver.ts';
import { isBusy, readMixedRuns } from '../runs/recorded.ts';
import { figuresOf, type Told, toldOf } from '../runs/told.ts';

/** Thirds of the time that a run or batch takes. */
const THIRDS = ['first', 'second', 'last'];

export async function etaMixed(): Promise<Section> {
  const rows: Row[] = [];
  const runs: Told[] = [];
  const batches: Told[] = [];
  for (const workflow of WORKFLOWS.keys()) {
    const told = await toldOf(readMixedRuns(workflow));
    const [busy = [], idle = []] = [true, false].map((is) =>
      told.alone.filter(({ run }) => isBusy(run) === is),
    );
    rows.push(describe(`${workflow}, idle machine`, idle), describe(`${workflow}, busy machine`, busy));
    if (told.batches.length > 0) rows.push(describe(`batches of ${workflow}`, told.batches));
    runs.push(...told.alone);
    batches.push(...told.batches);
  }
  for (const [name, told] of [
    ['runs', runs],
    ['batches', batches],
  ] as const) {
    for (const [third, word] of THIRDS.entries()) {
      const part = told.filter(({ passed }) => Math.floor(passed * THIRDS.length) === third);
      rows.push(describe(`all ${name}, in their ${word} third`, part));
    }
    rows.push(withGoal(`all ${name}`, told));
  }
  const figures = Object.fromEntries(rows.map(({ what, value }) => [what, value]));
  return { name: 'eta-mixed', rows, figures };
}

function describe(what: string, told: readonly Told[]): Row {
  const { count, held, width } = figuresOf(told);
  return {
    what: `${what}: low..high holds what is left (${count} predictions; median width ${width.toFixed(2)} of the whole time)`,
    value: `${(100 * held).toFixed(1)} %`,
  };
}

function withGoal(what: string, told: readonly Told[]): Row {
  const { held } = figuresOf(told);
  return { ...describe(what, told), goal: '85-95 %', met: held >= 0.85 && held <= 0.95 };
}
