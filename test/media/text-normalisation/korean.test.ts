import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseText } from '../../../media/text-normalisation/normalisation.ts';
import { readCases } from './cases.ts';

/** Neither spaces nor marks are heard. */
function sounds(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

test.each(readCases('korean.txt'))('$written', ({ written, spoken }) => {
  expect(spoken.map(sounds)).toContain(sounds(normaliseText(written, 'ko')));
});

test('plain text stays as it is', () => {
  const text = '아무것도 바꿀 것이 없다. "정말?" 하고 물었다…';
  expect(normaliseText(text, 'ko')).toBe(text);
});

test('a particle stays at its word', () => {
  expect(normaliseText('3명이 2번 버스를 탔다.', 'ko')).toBe('세 명이 이 번 버스를 탔다.');
});

test('no digit is left, whatever stands around it', () => {
  const piece = fc.constantFrom(
    ...[
      '12',
      '3.5',
      '₩',
      '$',
      '%',
      '-',
      '~',
      '/',
      ':',
      ' ',
      'km',
      '월',
      '개',
      '시',
      '만',
      '번',
      '대',
      '1/2',
      '#',
      '·',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      expect(normaliseText(pieces.join(''), 'ko')).not.toMatch(/\d/);
    }),
  );
});
