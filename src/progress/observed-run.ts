/** What the estimator is told about a run, from the job's state. Pure. */

import { stepRange } from './mapper.ts';
import type { RunRecord, RunSoFar } from './run-so-far.ts';
import { finishedSteps, type JobState, rangesOf } from './state.ts';

/** When an attempt began (ms since the epoch), and which steps it found done. */
export interface AttemptStart {
  readonly at: number;
  readonly skipped: readonly string[];
}

/** How long work took between two moments; all three in ms. */
export type MsBetween = (from: number, to: number) => number;

/** The start of an attempt that has yet to begin: everything that is finished will be skipped. */
export function nextStart({ steps }: Pick<JobState, 'steps'>, now: number): AttemptStart {
  return { at: now, skipped: Object.keys(finishedSteps(steps)) };
}

/** A run that has not begun. */
export function runToCome({ size, steps }: Pick<JobState, 'size' | 'steps'>): RunSoFar {
  const { skipped } = nextStart({ steps }, 0);
  return { elapsedSeconds: 0, finished: {}, skipped, current: null, size, progress: 0 };
}

/**
 * The run of a job's present attempt.
 * @param msBetween how long work took between two moments; default: as long as the clock says
 */
export function runSoFar(
  state: JobState,
  { at, skipped }: AttemptStart,
  now: number,
  msBetween: MsBetween = byClock,
): RunSoFar {
  const { progress, size, step, steps } = state;
  const open = step === null ? undefined : steps[step];
  return {
    elapsedSeconds: msBetween(at, now) / 1_000,
    finished: durationsOf(state, skipped, msBetween),
    skipped,
    current:
      step === null || open?.status !== 'RUNNING'
        ? null
        : {
            step,
            elapsedSeconds: msBetween(open.startedAt, now) / 1_000,
            share: shareOf(state, step),
          },
    size,
    progress,
  };
}

/** What a completed run leaves for later runs. */
export function recordOf(state: JobState): RunRecord {
  const halves = Object.entries(finishedSteps(state.steps)).flatMap(([name, { startedAt, halfAt }]) => {
    return halfAt === undefined ? [] : [[name, byClock(startedAt, halfAt) / 1_000] as const];
  });
  return { steps: durationsOf(state, [], byClock), halves: Object.fromEntries(halves), size: state.size };
}

function durationsOf(
  { steps }: JobState,
  skipped: readonly string[],
  msBetween: MsBetween,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(finishedSteps(steps))
      .filter(([name]) => !skipped.includes(name))
      .map(([name, { startedAt, finishedAt }]) => [
        name,
        msBetween(startedAt, finishedAt ?? startedAt) / 1_000,
      ]),
  );
}

/** How much of the step is done (0..1), from the job's progress. A step without width tells nothing. */
function shareOf(state: JobState, step: string): number {
  const { from, to } = stepRange(rangesOf(state), step);
  return to > from ? Math.min(1, Math.max(0, (state.progress - from) / (to - from))) : 0;
}

/** The time between two moments by the clock; 0 if the clock was set back. */
function byClock(from: number, to: number): number {
  return Math.max(0, to - from);
}
