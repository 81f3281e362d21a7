/** The recorded runs that `npm run bench -- eta` replays: one JSON line each, gzipped. */
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
}

export const RUNS_FILE = new URL('./runs.jsonl.gz', import.meta.url);

/** In the order in which they ran. */
export function readRecordedRuns(file: URL = RUNS_FILE): readonly RecordedRun[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  // Written by record.ts alone.
  return lines.map((line) => JSON.parse(line) as RecordedRun);
}
