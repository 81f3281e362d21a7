/** An earlier run at any moment, as far as its record tells. Pure. */
import type { RunRecord, RunSoFar } from '../progress/run-so-far.ts';

/** A step that had not done half after this share of its time reported nothing before its end. */
const SILENT = 0.95;

/**
 * The run as it stood when `elapsed` seconds had passed.
 * @param names the names of the steps that count, in the order of the table
 */
export function replayRun(record: RunRecord, names: readonly string[], elapsed: number): RunSoFar {
  const finished: Record<string, number> = {};
  const so = { elapsedSeconds: elapsed, finished, skipped: [], size: record.size };
  let passed = 0;
  for (const step of names) {
    const seconds = record.steps[step] ?? 0;
    const inside = elapsed - passed;
    if (seconds > inside) {
      const current = { step, elapsedSeconds: inside, share: shareAt(record, step, inside) };
      return { ...so, current, progress: 0 };
    }
    finished[step] = seconds;
    passed += seconds;
  }
  return { ...so, current: null, progress: 1 };
}

/**
 * What an earlier run's step reported after this many seconds: evenly up to its half, and evenly after it, as far as is known.
 */
function shareAt({ steps, halves }: RunRecord, step: string, inside: number): number {
  const seconds = steps[step] ?? 0;
  const half = halves?.[step];
  if (halves === undefined) return inside / seconds;
  if (half === undefined || half >= SILENT * seconds) return 0;
  return inside < half ? (0.5 * inside) / half : 0.5 + (0.5 * (inside - half)) / (seconds - half);
}
