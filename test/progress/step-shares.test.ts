/** Step tables, from shares of the time and from ranges of the progress. */
import { describe, expect, test } from 'vitest';
import { DefinitionError } from '../../src/core/definition-error.ts';
import { type StepShares, toStepRanges } from '../../src/progress/step-shares.ts';

/** Ranges with these names and ends, each from the end of the one before. */
function ranges(...ends: readonly (readonly [name: string, to: number])[]): StepShares {
  return ends.map(([name, to], at) => ({ name, from: ends[at - 1]?.[1] ?? 0, to }));
}

describe('shares', () => {
  test('of the time become ranges that join from 0 to 1, with 6 digits', () => {
    expect(toStepRanges({ probe: 1, encode: 2 }, 'steps')).toEqual([
      { name: 'probe', from: 0, to: 0.333333 },
      { name: 'encode', from: 0.333333, to: 1 },
    ]);
  });

  test('of 0 have no width', () => {
    expect(toStepRanges({ probe: 0, encode: 5, done: 0 }, 'steps')).toEqual([
      { name: 'probe', from: 0, to: 0 },
      { name: 'encode', from: 0, to: 1 },
      { name: 'done', from: 1, to: 1 },
    ]);
  });

  test.each<[string, Record<string, number>]>([
    ['are none', {}],
    ['are all 0', { probe: 0, encode: 0 }],
    ['have one below 0', { probe: -1, encode: 3 }],
    ['have one that is no number', { probe: Number.NaN, encode: 3 }],
    ['have one that is infinite', { probe: 1, encode: Number.POSITIVE_INFINITY }],
  ])('are refused when they %s', (_, shares) => {
    expect(() => toStepRanges(shares, 'FILM.steps')).toThrow(
      new DefinitionError('FILM.steps: expected shares of 0 or more, at least one above 0'),
    );
  });
});

describe('ranges', () => {
  test('that join from 0 to 1 are taken as they are, those without width too', () => {
    const steps = ranges(['probe', 0.25], ['wait', 0.25], ['encode', 1]);
    expect(toStepRanges(steps, 'steps')).toBe(steps);
  });

  test.each<[string, StepShares, string]>([
    [
      'begin behind 0',
      [{ name: 'probe', from: 0.1, to: 1 }],
      'probe goes from 0.1 to 1, and the one before it ends at 0',
    ],
    [
      'leave a gap',
      [
        { name: 'probe', from: 0, to: 0.2 },
        { name: 'encode', from: 0.3, to: 1 },
      ],
      'encode goes from 0.3 to 1, and the one before it ends at 0.2',
    ],
    [
      'go back',
      ranges(['probe', 0.5], ['wait', 0.2], ['encode', 1]),
      'wait goes from 0.5 to 0.2, and the one before it ends at 0.5',
    ],
    ['end before 1', ranges(['probe', 0.2], ['wait', 0.3], ['encode', 0.9]), 'the last ends at 0.9'],
    ['end behind 1', ranges(['probe', 1.5]), 'the last ends at 1.5'],
    ['are none', [], 'received none'],
  ])('are refused when they %s', (_, steps, reason) => {
    expect(() => toStepRanges(steps, 'FILM.steps')).toThrow(
      new DefinitionError(`FILM.steps: expected ranges that join from 0 to 1; ${reason}`),
    );
  });
});

describe('the names of steps', () => {
  test.each(['Encode', 'encode_2', 'e'])('may be “%s”', (name) => {
    expect(toStepRanges({ [name]: 1 }, 'steps')).toEqual([{ name, from: 0, to: 1 }]);
  });

  test.each(['', '2nd', '_encode', 'en-code', 'encode ', ' encode', 'größe'])('may not be “%s”', (name) => {
    const refused = new DefinitionError(
      `FILM.steps: expected names of letters, digits and _, received ${JSON.stringify(name)}`,
    );
    expect(() => toStepRanges({ probe: 1, [name]: 1 }, 'FILM.steps')).toThrow(refused);
    expect(() => toStepRanges(ranges([name, 1]), 'FILM.steps')).toThrow(refused);
  });

  test('are each there once', () => {
    expect(() => toStepRanges(ranges(['probe', 0.2], ['encode', 0.5], ['probe', 1]), 'FILM.steps')).toThrow(
      new DefinitionError('FILM.steps: expected each name once, received probe twice'),
    );
  });
});
