/** What the estimator is told of a run, from the job's state. Pure. */
import type { RunRecord, RunSoFar } from './eta.ts';
import { stepRange } from './mapper.ts';
import { finishedSteps, type JobState, rangesOf } from './state.ts';

/** When an attempt began (ms since the epoch), and which steps it found done. */
export interface AttemptStart {
  readonly at: number;
  readonly skipped: readonly string[];
}

/** The start of an attempt that has yet to begin: everything that is finished will be skipped. */
export function nextStart({ steps }: Pick<JobState, 'steps'>, now: number): AttemptStart {
  return { at: now, skipped: Object.keys(finishedSteps(steps)) };
}

/** A run that has not begun. */
export function runToCome({ size, steps }: Pick<JobState, 'size' | 'steps'>): RunSoFar {
  const { skipped } = nextStart({ steps }, 0);
  return { elapsedSeconds: 0, finished: {}, skipped, current: null, size, progress: 0 };
}

/** The run of a job's present attempt. */
export function runSoFar(state: JobState, { at, skipped }: AttemptStart, now: number): RunSoFar {
  const { progress, size, step, steps } = state;
  const open = step === null ? undefined : steps[step];
  return {
    elapsedSeconds: secondsBetween(at, now),
    finished: durationsOf(state, skipped),
    skipped,
    current:
      step === null || open?.status !== 'RUNNING'
        ? null
        : {
            step,
            elapsedSeconds: secondsBetween(open.startedAt, now),
            share: shareOf(state, step),
          },
    size,
    progress,
  };
}

/** What a completed run leaves for those to come. */
export function recordOf(state: JobState): RunRecord {
  const halves = Object.entries(finishedSteps(state.steps)).flatMap(([name, { startedAt, halfAt }]) => {
    return halfAt === undefined ? [] : [[name, secondsBetween(startedAt, halfAt)] as const];
  });
  return { steps: durationsOf(state, []), halves: Object.fromEntries(halves), size: state.size };
}

function durationsOf({ steps }: JobState, skipped: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(finishedSteps(steps))
      .filter(([name]) => !skipped.includes(name))
      .map(([name, { startedAt, finishedAt }]) => [name, secondsBetween(startedAt, finishedAt ?? startedAt)]),
  );
}

/** 0..1 of the step, from the job's progress. A step without width tells nothing. */
function shareOf(state: JobState, step: string): number {
  const { from, to } = stepRange(state.workflow, step, rangesOf(state));
  return to > from ? Math.min(1, Math.max(0, (state.progress - from) / (to - from))) : 0;
}

/** 0 when the clock was set back. */
function secondsBetween(from: number, to: number): number {
  return Math.max(0, to - from) / 1_000;
}
