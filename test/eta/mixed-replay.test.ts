/**
 * Recorded runs and batches, on a machine that is idle and busy by turns, as clients would have been told of them: the range
 * holds what was left in 85 to 95 % of the predictions. Nothing is timed.
 */
import { expect, test } from 'vitest';
import { isBusy, readMixedRuns } from '../../bench/runs/recorded.ts';
import { figuresOf, toldOf } from '../../bench/runs/told.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

const replayed = await Promise.all([...WORKFLOWS.keys()].map((workflow) => toldOf(readMixedRuns(workflow))));
const alone = replayed.flatMap((told) => told.alone);
const batches = replayed.flatMap((told) => told.batches);
const busy = alone.filter(({ run }) => isBusy(run));
const idle = alone.filter(({ run }) => !isBusy(run));

test.each([
  ['all runs', alone],
  ['runs on the busy machine', busy],
  ['runs on the idle machine', idle],
  ['runs in their first third', alone.filter(({ passed }) => passed < 1 / 3)],
  ['all batches', batches],
] as const)('%s', (_, told) => {
  const { count, held } = figuresOf(told);
  expect(count).toBeGreaterThan(100);
  expect(held).toBeGreaterThanOrEqual(0.85);
  expect(held).toBeLessThanOrEqual(0.95);
});

test('half of the ranges are narrower than one and a half times what a run takes, and three times what a batch does', () => {
  expect(figuresOf(alone).width).toBeLessThan(1.5);
  expect(figuresOf(batches).width).toBeLessThan(3);
});
