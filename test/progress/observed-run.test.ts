/** What the estimator is told of a run. */

import { expect, test } from 'vitest';
import { nextStart, recordOf, runSoFar, runToCome } from '../../src/progress/observed-run.ts';
import { type JobState, newJob } from '../../src/progress/state.ts';
import { tableOf } from '../setup/workflows.ts';

const queued = newJob({
  id: 'job',
  projectId: 'project',
  workflow: 'DIRECTOR',
  taskName: 'video_generation',
  table: tableOf('DIRECTOR'),
  maxAttempts: 3,
  createdAt: 0,
});
const size = { clips: 4 };
/** The first step done before this attempt, the second in it, the third under way. */
const running: JobState = {
  ...queued,
  size,
  step: 'generate_videos',
  progress: 0.225,
  steps: {
    start: { status: 'COMPLETED', startedAt: 1_000, finishedAt: 2_500, halfAt: 1_500 },
    load_character: { status: 'COMPLETED', startedAt: 10_000, finishedAt: 14_000 },
    generate_videos: { status: 'RUNNING', startedAt: 14_000, finishedAt: null },
  },
};

test('of a run that goes on: what it has done itself, and how far its step has come', () => {
  const start = { at: 9_000, skipped: ['start'] };
  expect(runSoFar(running, start, 20_000)).toEqual({
    elapsedSeconds: 11,
    finished: { load_character: 4 },
    skipped: ['start'],
    // From 0.1 to 0.6 of the job.
    current: { step: 'generate_videos', elapsedSeconds: 6, share: 0.25 },
    size,
    progress: 0.225,
  });
});

test('how long work took is asked of the one who knows when a machine slept', () => {
  const asked: (readonly [number, number])[] = [];
  const run = runSoFar(running, { at: 9_000, skipped: [] }, 20_000, (from, to) => {
    asked.push([from, to]);
    return 500;
  });
  expect(asked).toHaveLength(4);
  expect(run).toMatchObject({
    elapsedSeconds: 0.5,
    finished: { start: 0.5, load_character: 0.5 },
    current: { elapsedSeconds: 0.5 },
  });
});

test('a clock that was set back makes no time negative, and a share stays in 0..1', () => {
  expect(runSoFar(running, { at: 9_000, skipped: [] }, 1_000)).toMatchObject({
    elapsedSeconds: 0,
    current: { elapsedSeconds: 0 },
  });
  const shareAt = (progress: number, step = 'generate_videos'): number | undefined => {
    const steps = { [step]: { status: 'RUNNING', startedAt: 0, finishedAt: null } } as const;
    return runSoFar({ ...running, progress, step, steps }, { at: 0, skipped: [] }, 1).current?.share;
  };
  expect([0, 0.1, 0.6, 0.9].map((progress) => shareAt(progress))).toEqual([0, 0, 1, 1]);
  // Without width.
  expect(shareAt(0.5, 'parse_script')).toBe(0);
});

test('nothing is current between two steps, nor before the first', () => {
  const between = {
    ...running,
    step: 'load_character',
    steps: { load_character: { status: 'COMPLETED', startedAt: 0, finishedAt: 1 } },
  } as const;
  expect(runSoFar(between, { at: 0, skipped: [] }, 1).current).toBeNull();
  expect(runSoFar({ ...running, step: null }, { at: 0, skipped: [] }, 1).current).toBeNull();
});

test('of a run that has not begun: what it will skip', () => {
  expect(nextStart(running, 5)).toEqual({ at: 5, skipped: ['start', 'load_character'] });
  expect(runToCome(running)).toEqual({
    elapsedSeconds: 0,
    finished: {},
    skipped: ['start', 'load_character'],
    current: null,
    size,
    progress: 0,
  });
});

test('a completed run leaves what each step and its first half took, in seconds', () => {
  expect(recordOf(running)).toEqual({
    steps: { start: 1.5, load_character: 4 },
    halves: { start: 0.5 },
    size,
  });
});
