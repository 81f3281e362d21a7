import { describe, expect, test } from 'vitest';
import {
  areFirstSteps,
  type StepRange,
  stepsFingerprint,
  stepsOf,
  workflowNames,
} from '../../src/progress/steps.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

/** Steps of equal shares. */
function table(...names: readonly string[]): readonly StepRange[] {
  return names.map((name, at) => ({ name, from: at / names.length, to: (at + 1) / names.length }));
}

test('there are jobs of every workflow of this process, and tracked ones', () => {
  expect(workflowNames(WORKFLOWS)).toEqual([...WORKFLOWS.keys(), 'TRACKED']);
});

test('a workflow that this process does not know has no steps', () => {
  expect(stepsOf(WORKFLOWS, 'LIPSYNC')).toBe(WORKFLOWS.get('LIPSYNC')?.steps);
  expect(stepsOf(WORKFLOWS, 'NEXT_YEAR')).toEqual([]);
});

describe('the fingerprint of steps', () => {
  test('is written into jobs, so it is the same in every version', () => {
    // The beginning of: printf '["load","draw","save"]' | openssl dgst -sha256 -binary | base64 | tr +/ -_
    expect(stepsFingerprint(table('load', 'draw', 'save'))).toBe('0HCN6etbED7B');
  });

  test('is of the names in their order, whatever their shares', () => {
    const steps = table('load', 'draw', 'save');
    const own = stepsFingerprint(steps);
    expect(stepsFingerprint(steps)).toBe(own);
    const [load, draw, save] = steps as [StepRange, StepRange, StepRange];
    expect(stepsFingerprint([{ ...load, to: 0.9 }, { ...draw, from: 0.9 }, save])).toBe(own);
    expect(stepsFingerprint([load, save, draw])).not.toBe(own);
    expect(stepsFingerprint([load, draw])).not.toBe(own);
    expect(stepsFingerprint([load, draw, { ...save, name: 'store' }])).not.toBe(own);
  });

  test('is none where there are no steps', () => {
    expect(stepsFingerprint([])).toBeNull();
  });
});

test.each<[string, readonly string[]]>([
  ['none', []],
  ['the first one', ['load']],
  ['the first two, in another order', ['draw', 'load']],
  ['all', ['load', 'draw', 'save']],
])('of the steps of a table, %s are its first', (_, walked) => {
  expect(areFirstSteps(walked, table('load', 'draw', 'save'))).toBe(true);
});

test.each<[string, readonly string[]]>([
  ['one behind the first', ['draw']],
  ['the first and one behind the second', ['load', 'save']],
  ['the first and one that the table lacks', ['load', 'paint']],
  ['all and one more', ['load', 'draw', 'save', 'paint']],
])('%s: not the first steps of a table', (_, walked) => {
  expect(areFirstSteps(walked, table('load', 'draw', 'save'))).toBe(false);
});
