/**
 * `npm run playhead -- calibrate`: proposes step ranges from the durations of steps in earlier runs, for the server's operator.
 * It talks to Redis directly, with the server's own settings, so it runs where the server does.
 */
import { parseArgs } from 'node:util';
import type { Redis } from 'ioredis';
import { systemClock } from '../core/clock.ts';
import { isMain } from '../core/is-main.ts';
import { silentLogger } from '../core/logger.ts';
import { calibrateRanges, MIN_RUNS_TO_CALIBRATE } from '../eta/calibration.ts';
import { Durations } from '../eta/durations.ts';
import { RangeStore } from '../eta/range-store.ts';
import { LOCAL_SETUP } from '../eta/run-predictor.ts';
import type { StepRange, StepTables, Workflow } from '../progress/steps.ts';
import type { Keys } from '../redis/keys.ts';
import { loadWorkflows } from '../workflow/project.ts';
import { runOperator, UsageError } from './operator.ts';

const USAGE = `Proposes step ranges from how long the steps of earlier runs took.

  calibrate [--setup NAME]   shows them; NAME: the providers of the runs, joined by + (clips, speech, recognition,
                             chat), default ${LOCAL_SETUP}
  calibrate --save           keeps them too: servers with PLAYHEAD_PROGRESS=calibrated give them to new jobs
  calibrate --clear          forgets them: new jobs have the tables' again
`;

/**
 * Runs the command.
 * @returns what to print
 * @throws UsageError
 */
export async function runCalibrate(
  redis: Redis,
  keys: Keys,
  argv: readonly string[],
  workflows: StepTables,
): Promise<string> {
  const { save = false, clear = false, setup = LOCAL_SETUP } = parse(argv);
  const store = new RangeStore(redis, keys, systemClock);
  if (clear) {
    if (save) throw new UsageError('expected --save or --clear, received both');
    await store.clear();
    return 'cleared: new jobs get the ranges of the tables\n';
  }
  const durations = new Durations({ redis, keys, clock: systemClock, logger: silentLogger, workflows });
  const parts: string[] = [];
  let saved = 0;
  for (const [workflow, { steps }] of workflows) {
    const runs = await durations.history(workflow, setup);
    const ranges = calibrateRanges(runs, steps);
    if (ranges !== null && save) {
      await store.save(workflow, ranges);
      saved += 1;
    }
    parts.push(describe(workflow, steps, { runs: runs.length, ranges }));
  }
  if (save) parts.push(`saved for ${saved} of ${workflows.size} workflows\n`);
  return parts.join('\n');
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { save: { type: 'boolean' }, clear: { type: 'boolean' }, setup: { type: 'string' } },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function describe(
  workflow: Workflow,
  table: readonly StepRange[],
  { runs, ranges }: { readonly runs: number; readonly ranges: readonly StepRange[] | null },
): string {
  const title = `${workflow}, ${runs} runs`;
  if (ranges === null) return `${title}: at least ${MIN_RUNS_TO_CALIBRATE} are needed\n`;
  const width = Math.max(...table.map(({ name }) => name.length));
  const lines = ranges.map(({ name, from, to }, index) => {
    const before = table[index];
    const tables = before === undefined ? '' : `tables ${span(before.from, before.to)}`;
    return `  ${name.padEnd(width)}  ${span(from, to)}   ${tables}\n`;
  });
  return `${title}\n${lines.join('')}`;
}

function span(from: number, to: number): string {
  return `${from.toFixed(3)} to ${to.toFixed(3)}`;
}

if (isMain(import.meta)) {
  process.exitCode = await runOperator(USAGE, process.argv.slice(2), async (...args) =>
    runCalibrate(...args, await loadWorkflows()),
  );
}
