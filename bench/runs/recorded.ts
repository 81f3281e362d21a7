/** The recorded runs for replay: one JSON line each, gzipped. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Workflow } from '../../src/progress/steps.ts';

export interface RecordedRun {
  readonly workflow: Workflow;
  /** When it was requested, in ms since the epoch. */
  readonly at: number;
  readonly status: 'COMPLETED' | 'FAILED';
  /** What was known about its size: characters (of the input), scenes, seconds (of the speech), tries. */
  readonly sizes: Readonly<Record<string, number>>;
  /**
   * Its progress events: ms since the attempt began, index of the step (-1 before the first) and the job's progress in
   * millionths. The last one marks the end of the job.
   */
  readonly events: readonly (readonly [timeMs: number, step: number, progress: number])[];
  /** For a batch item: the number of the batch, and when the item began, in ms since the batch was requested. */
  readonly batch?: number;
  readonly begunMs?: number;
  /** For runs in BUSY_FILE: the load average over the last minute when the run ended, and the number of busy threads. */
  readonly load?: number;
  readonly busy?: number;
}

/** Runs on an idle machine, one after another. */
export const RUNS_FILE = new URL('./runs.jsonl.gz', import.meta.url);
/** Runs and batches on a machine with other work. */
export const BUSY_FILE = new URL('./busy.jsonl.gz', import.meta.url);
/** How many jobs a worker runs concurrently in BUSY_FILE. */
export const BUSY_SLOTS = 2;

/** Reads the runs, in the order in which they ran. */
export function readRecordedRuns(file: URL = RUNS_FILE): RecordedRun[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  // The file is written only by record.ts.
  return lines.map((line) => JSON.parse(line) as RecordedRun);
}

/** Above this, more than two processes were ready for each of the two cores. */
const BUSY_LOAD = 4;

/** Whether the machine had much other work. */
export function isBusy({ busy = 0, load = 0 }: RecordedRun): boolean {
  return busy > 0 || load > BUSY_LOAD;
}

/** Number of a workflow's runs, or batches, in a stretch from each file; the stretches alternate. */
const IDLE_STRETCH = 5;
const BUSY_STRETCH = 4;
/** Number of runs on an idle machine before the first of the others. */
const IDLE_FIRST = 20;
/** Time between two runs. */
const PAUSE_MS = 20_000;

/**
 * The runs of a workflow in both files as if one machine had alternated between idle and busy: in successive stretches, until
 * those of one file are used up. `at` gives the time, from 0.
 */
export function readMixedRuns(workflow: Workflow): readonly RecordedRun[] {
  const isOwn = (run: RecordedRun): boolean => run.workflow === workflow;
  const idle = readRecordedRuns(RUNS_FILE).filter(isOwn);
  const busy = unitsOf(readRecordedRuns(BUSY_FILE).filter(isOwn));
  const units = idle.splice(0, IDLE_FIRST).map((run) => [run]);
  while (idle.length > 0 && busy.length > 0) {
    units.push(...busy.splice(0, BUSY_STRETCH), ...idle.splice(0, IDLE_STRETCH).map((run) => [run]));
  }
  let now = 0;
  return units.flatMap((unit) => {
    const at = now;
    now += PAUSE_MS + Math.max(...unit.map(({ begunMs = 0, events }) => begunMs + (events.at(-1)?.[0] ?? 0)));
    return unit.map((run) => ({ ...run, at }));
  });
}

/** Groups the runs: each single run by itself, and the items of a batch together. */
function unitsOf(runs: readonly RecordedRun[]): RecordedRun[][] {
  const units: RecordedRun[][] = [];
  for (const run of runs) {
    const last = units.at(-1);
    if (run.batch !== undefined && last?.[0]?.batch === run.batch) last.push(run);
    else units.push([run]);
  }
  return units;
}
