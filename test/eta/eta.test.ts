import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../bench/runs/inputs.ts';
import { createModel, estimate, steady } from '../../src/eta/eta.ts';
import type { RunRecord, RunSoFar, WorkSize } from '../../src/progress/run-so-far.ts';

const STEPS = ['load', 'work', 'save'];
const seconds = fc.double({ min: 0, max: 10_000, noNaN: true });
const size: fc.Arbitrary<WorkSize> = fc.record(
  { characters: fc.nat(100_000), clips: fc.nat(50), seconds },
  { requiredKeys: [] },
);
const record: fc.Arbitrary<RunRecord> = fc.record({
  steps: fc.record({ load: seconds, work: seconds, save: seconds }, { requiredKeys: [] }),
  halves: fc.record({ load: seconds, work: seconds }, { requiredKeys: [] }),
  size,
});
const soFar: fc.Arbitrary<RunSoFar> = fc.record({
  elapsedSeconds: seconds,
  finished: fc.record({ load: seconds, work: seconds }, { requiredKeys: [] }),
  skipped: fc.subarray(STEPS),
  current: fc.option(
    fc.record({
      step: fc.constantFrom(...STEPS, 'other'),
      elapsedSeconds: seconds,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  ),
  size,
  progress: fc.double({ min: 0, max: 1, noNaN: true }),
});

const START: RunSoFar = {
  elapsedSeconds: 0,
  finished: {},
  skipped: [],
  current: null,
  size: {},
  progress: 0,
};

/** Ordinary runs: `work` takes 0.01 s per character, give or take a tenth. */
function ordinary(count: number): RunRecord[] {
  const random = createRandom(1);
  return Array.from({ length: count }, (_, index) => {
    const characters = 100 + 90 * ((index * 7) % 50);
    const noise = 0.9 + 0.2 * random();
    return { steps: { load: 1, work: characters * 0.01 * noise, save: 2 }, size: { characters } };
  });
}

describe('estimate', () => {
  test('is finite, 0 or more, and in order, whatever is known', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), soFar, (history, run) => {
        const made = estimate(createModel(history, STEPS), run);
        if (made === null) {
          expect(history).toHaveLength(0);
          return;
        }
        const { lowSeconds, remainingSeconds, highSeconds } = made;
        expect(Number.isFinite(highSeconds)).toBe(true);
        expect(lowSeconds).toBeGreaterThanOrEqual(0);
        expect(remainingSeconds).toBeGreaterThanOrEqual(lowSeconds);
        expect(highSeconds).toBeGreaterThanOrEqual(remainingSeconds);
      }),
    );
  });

  test('says nothing when there is neither an earlier run nor progress', () => {
    expect(estimate(createModel([], STEPS), START)).toBeNull();
  });

  test('says nothing of a run without earlier ones that told of much at once', () => {
    const begun = { ...START, elapsedSeconds: 0.02, progress: 0.4 };
    expect(estimate(createModel([], STEPS), begun)).toBeNull();
  });

  test('extrapolates with a wide interval when there is no earlier run', () => {
    const made = estimate(createModel([], STEPS), { ...START, elapsedSeconds: 10, progress: 0.25 });
    expect(made).toEqual({ remainingSeconds: 30, lowSeconds: 3, highSeconds: 240 });
  });

  test('scales by the size', () => {
    const model = createModel(ordinary(60), STEPS);
    const small = estimate(model, { ...START, size: { characters: 200 } });
    const large = estimate(model, { ...START, size: { characters: 4_000 } });
    expect(small?.remainingSeconds).toBeCloseTo(5, 0);
    expect(large?.remainingSeconds).toBeGreaterThan(38);
    expect(large?.remainingSeconds).toBeLessThan(48);
  });

  test.each([
    ['took longer for more work', ordinary(60)],
    [
      'took less for more work',
      ordinary(60).map(({ steps, size: { characters = 0 } }) => ({
        steps,
        size: { characters: 5_000 - characters },
      })),
    ],
  ])('never says less for more work, where earlier runs %s', (_, history) => {
    const model = createModel(history, STEPS);
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), (one, other) => {
        const [less = 0, more = 0] = [Math.min(one, other), Math.max(one, other)].map(
          (characters) => estimate(model, { ...START, size: { characters } })?.remainingSeconds,
        );
        expect(more).toBeGreaterThanOrEqual(less);
      }),
    );
  });

  test('grows with the unit of time: runs that all took so many times as long leave so many times as much', () => {
    const slower = (factor: number): RunRecord[] =>
      ordinary(40).map(({ steps, size: known }) => ({
        steps: Object.fromEntries(Object.entries(steps).map(([name, taken]) => [name, taken * factor])),
        size: known,
      }));
    const run = (factor: number): RunSoFar => ({
      ...{ ...START, elapsedSeconds: 6 * factor, finished: { load: factor }, size: { characters: 1_000 } },
      current: { step: 'work', elapsedSeconds: 5 * factor, share: 0.4 },
    });
    const one = estimate(createModel(slower(1), STEPS), run(1));
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 1_000, noNaN: true }), (factor) => {
        const made = estimate(createModel(slower(factor), STEPS), run(factor));
        for (const name of ['lowSeconds', 'remainingSeconds', 'highSeconds'] as const)
          expect((made?.[name] ?? 0) / factor).toBeCloseTo(one?.[name] ?? 0, 6);
      }),
      { numRuns: 20 },
    );
  });

  test('follows the run’s own speed, the more the further it is', () => {
    const model = createModel(ordinary(60), STEPS);
    // Half as fast as usual: 2 + 40 + 4 s instead of 1 + 20 + 2.
    const at = (share: number): number => {
      const current = { step: 'work', elapsedSeconds: 40 * share, share };
      const run = { ...START, elapsedSeconds: 2 + 40 * share, finished: { load: 2 }, current };
      return estimate(model, { ...run, size: { characters: 2_000 } })?.remainingSeconds ?? 0;
    };
    const errors = [0.1, 0.3, 0.6, 0.9].map((share) => Math.abs(at(share) - (40 * (1 - share) + 4)));
    expect(errors).toEqual(errors.toSorted((one, other) => other - one));
    // 16 s of the step and 4 s of the next are left of a run that has outrun every earlier one, which leave it nothing.
    expect(at(0.6)).toBeGreaterThan(13);
    expect(at(0.6)).toBeLessThan(21);
  });

  test('is hardly moved by a few runs that took a hundred times as long', () => {
    const runs = ordinary(60);
    const slept = runs.map((run, index) =>
      index % 7 === 0 ? { ...run, steps: { ...run.steps, work: (run.steps['work'] ?? 0) * 100 } } : run,
    );
    const run = { ...START, size: { characters: 2_000 } };
    const usual = estimate(createModel(runs, STEPS), run)?.remainingSeconds ?? 0;
    const moved = estimate(createModel(slept, STEPS), run)?.remainingSeconds ?? 0;
    expect(Math.abs(moved / usual - 1)).toBeLessThan(0.1);
  });
});

test('the interval holds the truth in about nine of ten further runs', () => {
  const runs = ordinary(400);
  const model = createModel(runs.slice(0, 200), STEPS);
  const held = runs.slice(200).map(({ steps, size }) => {
    const truth = Object.values(steps).reduce((sum, one) => sum + one, 0);
    const made = estimate(model, { ...START, size });
    return made !== null && made.lowSeconds <= truth && truth <= made.highSeconds;
  });
  const share = held.filter(Boolean).length / held.length;
  expect(share).toBeGreaterThanOrEqual(0.85);
  expect(share).toBeLessThanOrEqual(0.97);
});

test('knows that a step reports half of its progress late, where earlier runs did', () => {
  const runs = ordinary(60).map((run) => ({ ...run, halves: { work: (run.steps['work'] ?? 0) * 0.8 } }));
  const model = createModel(runs, STEPS);
  // The step's own speed, twice as slow as usual, and what was learned of it differ.
  const at = (elapsedSeconds: number, share: number): RunSoFar => ({
    ...{ ...START, elapsedSeconds: elapsedSeconds + 1, finished: { load: 1 }, size: { characters: 2_000 } },
    current: { step: 'work', elapsedSeconds, share },
  });
  const even = createModel(ordinary(60), STEPS);
  // Of the 40 s of the step a fifth is left, then a tenth, and behind it the last step of 2 s.
  for (const run of [at(32, 0.5), at(36, 0.75)]) {
    const expected = 42 - run.elapsedSeconds + 1;
    expect(estimate(model, run)?.remainingSeconds).toBeLessThan(expected + 2);
    expect(estimate(even, run)?.remainingSeconds).toBeGreaterThan(expected + 2);
  }
});

describe('steady', () => {
  test('keeps the finish time while new estimates agree with it', () => {
    const first = steady(null, { remainingSeconds: 100, lowSeconds: 80, highSeconds: 130 }, 0);
    expect(first.finishesAt).toBe(100_000);
    const kept = steady(first, { remainingSeconds: 95, lowSeconds: 80, highSeconds: 120 }, 10_000);
    expect(kept).toEqual({ remainingSeconds: 90, lowSeconds: 80, highSeconds: 120, finishesAt: 100_000 });
    const moved = steady(kept, { remainingSeconds: 150, lowSeconds: 120, highSeconds: 190 }, 20_000);
    expect(moved.finishesAt).toBe(170_000);
  });
});
