/** The recorded runs that are replayed: one JSON line each, gzipped. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Workflow } from '../../src/progress/steps.ts';

export interface RecordedRun {
  readonly workflow: Workflow;
  /** When it was asked for, ms since the epoch. */
  readonly at: number;
  readonly status: 'COMPLETED' | 'FAILED';
  /** What was known of its size: characters (of the input), scenes, seconds (of the speech), tries. */
  readonly sizes: Readonly<Record<string, number>>;
  /**
   * Its progress events: ms since the attempt began, index of the step (-1 before the first) and the job's progress in
   * millionths. The last one is the end of the job.
   */
  readonly events: readonly (readonly [timeMs: number, step: number, progress: number])[];
  /** Of an item of a batch: the number of the batch, and when the item began, ms since the batch was asked for. */
  readonly batch?: number;
  readonly begunMs?: number;
  /** Of runs in BUSY_FILE: the machine's load average over the last minute when the run ended, and threads that were made to compute. */
  readonly load?: number;
  readonly busy?: number;
}

/** Runs on an idle machine, one after the other. */
export const RUNS_FILE = new URL('./runs.jsonl.gz', import.meta.url);
/** Runs and batches on a machine with other work. */
export const BUSY_FILE = new URL('./busy.jsonl.gz', import.meta.url);
/** What a worker runs at the same time in BUSY_FILE. */
export const BUSY_SLOTS = 2;

/** In the order in which they ran. */
export function readRecordedRuns(file: URL = RUNS_FILE): RecordedRun[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  // Written by record.ts alone.
  return lines.map((line) => JSON.parse(line) as RecordedRun);
}

/** More than two processes were ready for each of the two cores. */
const BUSY_LOAD = 4;

/** Whether the machine had much else to do. */
export function isBusy({ busy = 0, load = 0 }: RecordedRun): boolean {
  return busy > 0 || load > BUSY_LOAD;
}

/** Runs of a workflow, or batches, in a stretch of one file and in one of the other, by turns. */
const IDLE_STRETCH = 5;
const BUSY_STRETCH = 4;
/** Runs on an idle machine before the first of the others. */
const IDLE_FIRST = 20;
/** Between two runs. */
const PAUSE_MS = 20_000;

/**
 * The runs of a workflow in both files as if one machine had been idle and busy by turns: in stretches, one after the other, until
 * those of one file are used up. `at` tells when, from 0.
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

/** Runs that stand alone, and the items of batches together. */
function unitsOf(runs: readonly RecordedRun[]): RecordedRun[][] {
  const units: RecordedRun[][] = [];
  for (const run of runs) {
    const last = units.at(-1);
    if (run.batch !== undefined && last?.[0]?.batch === run.batch) last.push(run);
    else units.push([run]);
  }
  return units;
}
