import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MultiStepProgressCalculator } from '../../src/progress/calculator.ts';

test('gives the weighted mean of the steps', () => {
  const calculator = new MultiStepProgressCalculator({ speech: 1, drawing: 3 });
  expect(calculator.progress).toBe(0);
  expect(calculator.update('speech', 1)).toBe(0.25);
  expect(calculator.update('drawing', 0.5)).toBe(0.625);
});

test('a step may be reported again, lower too', () => {
  const calculator = new MultiStepProgressCalculator({ one: 1, two: 1 });
  calculator.update('one', 0.8);
  expect(calculator.update('one', 0.4)).toBe(0.2);
  expect(calculator.update('one', 0)).toBe(0);
});

test('is exactly 1 when all steps are done, and only then', () => {
  const weight = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  const weights = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), weight, { minKeys: 1, maxKeys: 12 });
  fc.assert(
    fc.property(weights, (shares) => {
      const calculator = new MultiStepProgressCalculator(shares);
      const steps = Object.keys(shares);
      for (const step of steps.slice(1)) calculator.update(step, 1);
      expect(calculator.update(steps[0] ?? '', 1 - 1e-12)).toBeLessThan(1);
      expect(calculator.update(steps[0] ?? '', 1)).toBe(1);
    }),
  );
});

describe('errors', () => {
  test('no steps', () => {
    expect(() => new MultiStepProgressCalculator({})).toThrow(/at least one step/);
  });
  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('the weight %d', (weight) => {
    expect(() => new MultiStepProgressCalculator({ step: weight })).toThrow(/positive finite number/);
  });
  test('an unknown step', () => {
    const calculator = new MultiStepProgressCalculator({ one: 1, two: 1 });
    expect(() => calculator.update('three', 0.5)).toThrow('expected one of one, two, received three');
  });
  test.each([-0.1, 1.1, Number.NaN])('the progress %d', (progress) => {
    const calculator = new MultiStepProgressCalculator({ one: 1 });
    expect(() => calculator.update('one', progress)).toThrow(/expected 0\.\.1/);
  });
});
