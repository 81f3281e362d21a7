import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrateRanges, MIN_RUNS_TO_CALIBRATE } from '../../src/eta/calibration.ts';
import type { RunRecord } from '../../src/progress/run-so-far.ts';
import type { StepRange } from '../../src/progress/steps.ts';
import { tableOf, WORKFLOWS } from '../setup/workflows.ts';

const AUDIO: readonly StepRange[] = tableOf('AUDIO');

/** Runs of AUDIO, each `scale` times as long. */
function runs(steps: Record<string, number>, scales: readonly number[]): RunRecord[] {
  return scales.map((scale) => ({
    steps: Object.fromEntries(Object.entries(steps).map(([name, seconds]) => [name, seconds * scale])),
    size: {},
  }));
}

/** Every step had done half in the middle of its time, but one reported nothing before its end. */
function halvesOf({ steps }: RunRecord, silent: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(steps).map(([name, seconds]) => [name, name === silent ? seconds : seconds / 2]),
  );
}

const SCALES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100];
const USUAL = {
  start: 1,
  tts_generation: 2,
  stt_verification: 5,
  similarity_check: 0,
  retry_loop: 0,
  save_file: 2,
};

describe('calibrateRanges', () => {
  test('gives each step its share of the time', () => {
    const ranges = calibrateRanges(runs(USUAL, SCALES), AUDIO);
    expect(ranges).toEqual([
      { name: 'start', from: 0, to: 0.1 },
      { name: 'normalize_text', from: 0.1, to: 0.1 },
      { name: 'tts_generation', from: 0.1, to: 0.3 },
      { name: 'stt_verification', from: 0.3, to: 0.8 },
      { name: 'similarity_check', from: 0.8, to: 0.801 },
      { name: 'retry_loop', from: 0.801, to: 0.802 },
      { name: 'save_file', from: 0.802, to: 1 },
    ]);
  });

  test('is not moved by a few runs in which one step took very long', () => {
    const many = runs(USUAL, [...SCALES, ...SCALES, ...SCALES]);
    const odd = runs({ ...USUAL, retry_loop: 1_000 }, [1]);
    const usual = calibrateRanges(many, AUDIO) ?? [];
    for (const [index, { to }] of (calibrateRanges([...many, ...odd], AUDIO) ?? []).entries())
      expect(to).toBeCloseTo(usual[index]?.to ?? 0, 1);
  });

  test('lets a step that reports nothing stand nearer to the middle of its time than to its start', () => {
    const silent = runs(USUAL, SCALES).map((run) => ({ ...run, halves: halvesOf(run, 'stt_verification') }));
    const ranges = calibrateRanges(silent, AUDIO);
    const hearing = ranges?.find(({ name }) => name === 'stt_verification');
    // It runs from 0.3 to 0.8 of the time.
    expect(hearing?.from).toBeGreaterThan(0.425);
    expect(hearing?.from).toBeLessThanOrEqual(0.55);
  });

  test('proposes nothing from too few runs', () => {
    expect(calibrateRanges(runs(USUAL, SCALES.slice(0, MIN_RUNS_TO_CALIBRATE - 1)), AUDIO)).toBeNull();
    expect(calibrateRanges(runs({}, SCALES), AUDIO)).toBeNull();
  });

  test('goes from 0 to 1 in the order of the table without gaps, whatever was measured', () => {
    const seconds = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }));
    const measured = fc.constantFrom(...[...WORKFLOWS.keys()]).chain((workflow) => {
      const table: readonly StepRange[] = tableOf(workflow);
      const steps = fc.tuple(...table.map(() => seconds)).map((all) => {
        return Object.fromEntries(table.map(({ name }, index) => [name, all[index] ?? 0]));
      });
      return fc.record({ table: fc.constant(table), all: fc.array(steps, { minLength: 10, maxLength: 30 }) });
    });
    fc.assert(
      fc.property(measured, ({ table, all }) => {
        const ranges = calibrateRanges(
          all.map((steps) => ({ steps, size: {} })),
          table,
        );
        if (ranges === null) return;
        expect(ranges.map(({ name }) => name)).toEqual(table.map(({ name }) => name));
        expect(ranges[0]?.from).toBe(0);
        expect(ranges.at(-1)?.to).toBe(1);
        for (const [index, { from, to }] of ranges.entries()) {
          const before = table[index];
          expect(from).toBe(index === 0 ? 0 : ranges[index - 1]?.to);
          // Zero-width steps stay so, and no other becomes one.
          expect(to > from).toBe((before?.to ?? 0) > (before?.from ?? 0));
        }
      }),
    );
  });
});
