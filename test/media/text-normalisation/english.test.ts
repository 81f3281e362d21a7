import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitSentences } from '../../../media/sentence.ts';
import { normaliseText } from '../../../media/text-normalisation/normalisation.ts';
import { readCases } from './cases.ts';

/** Words alone; articles and `and` do not tell right from wrong. */
function words(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .split(' ')
    .filter((word) => word !== 'the' && word !== 'and')
    .join(' ');
}

test.each(readCases('english.txt'))('$written', ({ written, spoken }) => {
  expect(spoken.map(words)).toContain(words(normaliseText(written, 'en')));
});

test('plain text stays as it is', () => {
  const text = 'Nothing to do here: she said "no", and I went (alone) — that’s all…';
  expect(normaliseText(text, 'en')).toBe(text);
});

test('no digit is left, whatever stands around it', () => {
  const piece = fc.constantFrom(
    ...[
      '12',
      '3.5',
      '$',
      '€',
      '%',
      '-',
      '–',
      '/',
      ':',
      ' ',
      'km',
      'pm',
      'th',
      'St.',
      'Jan',
      '1/2',
      '#',
      'x',
      '^',
      '°',
      ',',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      expect(normaliseText(pieces.join(''), 'en')).not.toMatch(/\d/);
    }),
  );
});

test.each([
  ['Dr. Lee met Sen. Warren on Jan. 5. He left.', ['Dr. Lee met Sen. Warren on Jan. 5.', 'He left.']],
  ['Nancy lived at 1428 Elm St. It was strange.', ['Nancy lived at 1428 Elm St.', 'It was strange.']],
  [
    'He flew to St. Louis at 5 p.m. The plane was late.',
    ['He flew to St. Louis at 5 p.m.', 'The plane was late.'],
  ],
  ['She has a Ph.D. in art, e.g. pots. I am glad.', ['She has a Ph.D. in art, e.g. pots.', 'I am glad.']],
  ['The U.S. Senate met. No. I do not.', ['The U.S. Senate met.', 'No.', 'I do not.']],
  [
    'See No. 5 and pp. 10-12. It was I. Then he came.',
    ['See No. 5 and pp. 10-12.', 'It was I.', 'Then he came.'],
  ],
  ['"Stop!" he said. "Why?" She sat.', ['"Stop!" he said.', '"Why?"', 'She sat.']],
])('%s ends its sentences where they end', (text, expected) => {
  expect(splitSentences(text)).toEqual(expected);
});
