/** How fast runs are beside what is usual, and what follows for the next one. */
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../bench/runs/inputs.ts';
import { ageEta } from '../../src/eta/aged-eta.ts';
import { createModel, estimate, type Model } from '../../src/eta/eta.ts';
import type { Estimate } from '../../src/progress/estimate.ts';
import type { RunRecord, RunSoFar } from '../../src/progress/run-so-far.ts';

const STEPS = ['load', 'work', 'save'];
/** 2, 18 and 4 s. */
const USUAL = { load: 2, work: 18, save: 4 };

/** Runs of 24 s, each so many times as long, give or take a tenth in each step. */
function runs(paces: readonly number[], seed = 1): RunRecord[] {
  const random = createRandom(seed);
  return paces.map((pace) => ({
    steps: Object.fromEntries(
      Object.entries(USUAL).map(([name, seconds]) => [name, seconds * pace * (0.9 + 0.2 * random())]),
    ),
    size: {},
  }));
}

const times = (count: number, pace: number): number[] => Array.from({ length: count }, () => pace);

/** A run of 24 s at a pace, after a share of its time. */
function soFar(pace: number, share: number): RunSoFar {
  const elapsed = 24 * pace * share;
  const finished: Record<string, number> = {};
  let passed = 0;
  for (const [step, usual] of Object.entries(USUAL)) {
    const seconds = usual * pace;
    const inside = elapsed - passed;
    const common = { elapsedSeconds: elapsed, finished, skipped: [], size: {}, progress: share };
    if (inside < seconds) {
      return { ...common, current: { step, elapsedSeconds: inside, share: inside / seconds } };
    }
    finished[step] = seconds;
    passed += seconds;
  }
  throw new Error('expected a share below 1');
}

function told(model: Model, run: RunSoFar): Estimate {
  const made = estimate(model, run);
  if (made === null) throw new Error('expected an estimate');
  return made;
}

function holds({ lowSeconds, highSeconds }: Estimate, left: number): boolean {
  return lowSeconds <= left && left <= highSeconds;
}

describe('what the latest runs tell of the next one', () => {
  test('a pace that runs keep is expected of the next', () => {
    const model = createModel(
      runs([...times(20, 1), ...times(10, 3), ...times(10, 1), ...times(10, 3)]),
      STEPS,
    );
    const start = told(model, soFar(3, 0));
    expect(start.remainingSeconds).toBeGreaterThan(60);
    expect(start.remainingSeconds).toBeLessThan(80);
    expect(start.highSeconds - start.lowSeconds).toBeLessThan(100);
  });

  test('noise is not', () => {
    const random = createRandom(5);
    const paces = Array.from({ length: 40 }, () => 0.8 + 0.4 * random());
    const start = told(createModel(runs([...paces, 1.2, 1.2, 1.2]), STEPS), soFar(1, 0));
    expect(start.remainingSeconds).toBeGreaterThan(22);
    expect(start.remainingSeconds).toBeLessThan(26.5);
  });

  test('a change of the pace makes the range wider until the next ones keep it', () => {
    const known = [...times(20, 1), ...times(10, 3), ...times(10, 1), ...times(10, 3), ...times(10, 1)];
    const widths = [0, 1, 6].map((more) => {
      const start = told(createModel(runs([...known, ...times(more, 3)]), STEPS), soFar(1, 0));
      return (start.highSeconds - start.lowSeconds) / start.remainingSeconds;
    });
    const [before = 0, at = 0, after = 0] = widths;
    expect(at).toBeGreaterThan(1.3 * before);
    expect(after).toBeLessThan(at);
  });
});

describe('a run that leaves the pace of all earlier ones', () => {
  const idle = createModel(runs(times(60, 1)), STEPS);

  test('which takes 96 s where all took 24: the range holds what is left from a sixth of it on', () => {
    expect(told(idle, soFar(4, 0)).highSeconds).toBeLessThan(40);
    for (const share of [0.15, 0.2, 0.3, 0.5, 0.7, 0.9]) {
      expect(holds(told(idle, soFar(4, share)), 96 * (1 - share)), `at ${share}`).toBe(true);
    }
  });

  test('which takes 2 min where all took 7', () => {
    const busy = createModel(runs(times(60, 17.5)), STEPS);
    for (const share of [0.2, 0.3, 0.5, 0.7, 0.9]) {
      expect(holds(told(busy, soFar(5, share)), 120 * (1 - share)), `at ${share}`).toBe(true);
    }
  });

  test('the range is narrow again near its end', () => {
    const width = (share: number): number => {
      const { highSeconds, lowSeconds } = told(idle, soFar(4, share));
      return highSeconds - lowSeconds;
    };
    expect(width(0.95)).toBeLessThan(width(0.3) / 3);
  });

  test('a run at the usual pace has no wider range for it', () => {
    const { highSeconds, lowSeconds } = told(idle, soFar(1, 0.5));
    expect(highSeconds - lowSeconds).toBeLessThan(6);
  });
});

test('a job of which 3 s were told and that is silent for 57: the range holds that from a third on', () => {
  const eta = { remainingSeconds: 3, lowSeconds: 1, highSeconds: 6, finishesAt: 3_000 };
  for (const passed of [20, 30, 50, 56]) {
    expect(holds(ageEta(eta, passed * 1_000), 57 - passed), `after ${passed} s`).toBe(true);
  }
});
