import { expect, test } from 'vitest';
import { compareTexts } from '../../../media/text-normalisation/comparison.ts';
import { DEFAULT_MIN_SIMILARITY } from '../../../media/workflows/audio/input.ts';

test('equal texts are alike, however they are written; a wrong word counts in both measures', () => {
  expect(compareTexts('Three cats!', 'three cats', 'en')).toEqual({ similarity: 1, wordErrorRate: 0 });
  const { similarity, wordErrorRate } = compareTexts('the cat sat down', 'the cat sat town', 'en');
  expect(similarity).toBeGreaterThan(0.9);
  expect(similarity).toBeLessThan(1);
  expect(wordErrorRate).toBe(0.25);
  expect(compareTexts('one two', '', 'en')).toEqual({ similarity: 0, wordErrorRate: 1 });
});

test.each([
  ['Their knight knew.', 'there night new'],
  ['The FBI asked.', 'the f b i asked'],
  ['We use SQL.', 'we use s q l'],
  ['He paid $4 for it.', 'he paid four dollars four it'],
  ['See github.com now.', 'see github dot com now'],
])('%j sounds like %j', (written, heard) => {
  expect(compareTexts(written, heard, 'en').similarity).toBe(1);
});

test.each([
  ['a changed number', 'The road is sixty kilometers long.', 'the road is thirty kilometers long'],
  ['a changed amount', 'It costs $12.', 'it costs fifteen dollars'],
  ['a lost word', 'The teacher wrote a question on the board.', 'the teacher wrote a on the board'],
  ['a lost negation', 'You must not swim in this cold lake today.', 'you must swim in this cold lake today'],
  ['gibberish', 'Good morning, everybody.', 'purple elbows argue'],
])('%s is below what Audio asks for', (_, written, heard) => {
  expect(compareTexts(written, heard, 'en').similarity).toBeLessThan(DEFAULT_MIN_SIMILARITY);
});

test.each([
  ['an article for another', 'We planted a tree in the garden.', 'we planted the tree in a garden'],
  ['a voiced sound for its neighbour', 'He bought a new pair of shoes.', 'he bought a new bear of shoes'],
  ['a vowel for another', 'The cat slept on the warm chair.', 'the cat slipped on the worm chair'],
  [
    'a name the dictionary does not have',
    'Jisoo lives in Seoul with her sister.',
    'jee sue lives in soul with her sister',
  ],
])('%s passes', (_, written, heard) => {
  expect(compareTexts(written, heard, 'en').similarity).toBeGreaterThanOrEqual(DEFAULT_MIN_SIMILARITY);
});
