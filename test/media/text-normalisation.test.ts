import { expect, test } from 'vitest';
import { compareTexts } from '../../media/text-normalisation/comparison.ts';
import { normaliseText } from '../../media/text-normalisation/normalisation.ts';

test.each([
  ['I have 3 cats and 1,204 stars.', /three cats and one thousand,? two hundred (and )?four stars/],
  ['It costs $4.50.', /four dollars (and )?fifty cents/],
  ['Dr. Lee lives at 5 km.', /doctor lee lives at five kilometers/],
  ['That is 20% more.', /twenty percent more/],
  ['The 3rd try, on 2026-11-24.', /third try.*november.*twenty.?fourth.*twenty.?twenty.?six/],
  ['At 10:30 am & later.', /ten thirty (am|a m|a\.m\.) and later/],
])('%s is written out in words', (text, words) => {
  expect(normaliseText(text, 'en').toLowerCase()).toMatch(words);
});

test('what needs no writing out stays as it is', () => {
  expect(normaliseText('Nothing to do here.', 'en')).toBe('Nothing to do here.');
});

test('equal texts are alike, however they are written; a wrong word counts in both measures', () => {
  expect(compareTexts('Three cats!', 'three cats', 'en')).toEqual({ similarity: 1, wordErrorRate: 0 });
  const { similarity, wordErrorRate } = compareTexts('the cat sat down', 'the cat sat town', 'en');
  expect(similarity).toBeGreaterThan(0.9);
  expect(similarity).toBeLessThan(1);
  expect(wordErrorRate).toBe(0.25);
  expect(compareTexts('one two', '', 'en')).toEqual({ similarity: 0, wordErrorRate: 1 });
});
