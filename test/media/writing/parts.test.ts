/** Input, length estimate, ranking, messages. */
import { expect, test } from 'vitest';
import { briefInputSchema } from '../../../media/workflows/writer/input.ts';
import { MESSAGES, message } from '../../../media/workflows/writer/messages.ts';
import { estimateScriptSeconds, estimateSpeechSeconds } from '../../../media/writing/duration.ts';
import { rankSentences } from '../../../media/writing/text-rank.ts';

test.each([
  [{}, ['brief'], 'expected the brief as text'],
  [{ brief: ' \n' }, ['brief'], 'expected a brief with words in it'],
  [{ brief: '!?' }, ['brief'], 'expected a brief with words in it'],
  [{ brief: 'a\u0007b' }, ['brief'], 'expected no control characters other than line ends and tabs'],
  [{ brief: 'x'.repeat(20_001) }, ['brief'], 'expected at most 20,000 characters'],
  [{ brief: 'x', scenes: 0 }, ['scenes'], 'expected a whole number from 1 to 20'],
  [{ brief: 'x', scenes: 21 }, ['scenes'], 'expected a whole number from 1 to 20'],
  [{ brief: 'x', scenes: 1.5 }, ['scenes'], 'expected a whole number from 1 to 20'],
  [{ brief: 'x', language: 'fr' }, ['language'], 'expected one of en, en-US, en-GB, ko, ko-KR'],
  [{ brief: 'x', title: 'a\nb' }, ['title'], 'expected no control characters'],
])('the input %j is refused at %j', (input, path, text) => {
  const [issue] = briefInputSchema.safeParse(input).error?.issues ?? [];
  expect(issue).toMatchObject({ path, message: text });
});

test.each([
  [{ brief: ' a\r\nb ' }, { brief: 'a\nb', title: null, language: 'en', scenes: null }],
  [{ brief: '화산 volcano 이야기' }, { language: 'en' }],
  [{ brief: '화산은 뜨겁다. OK' }, { language: 'ko' }],
  [{ brief: '화산은 뜨겁다', language: 'en-GB' }, { language: 'en' }],
  [
    { brief: 'x', title: '  ', scenes: 20, language: null },
    { title: null, scenes: 20, language: 'en' },
  ],
])('the input %j is read', (input, expected) => {
  expect(briefInputSchema.parse(input)).toMatchObject(expected);
});

test('what was parsed parses again to the same, since a worker does so', () => {
  const once = briefInputSchema.parse({ brief: '화산은 뜨겁다', scenes: 3 });
  expect(briefInputSchema.parse(once)).toEqual(once);
});

test('150 English words and 270 Korean syllables take a minute each', () => {
  expect(estimateSpeechSeconds('well, '.repeat(150))).toBeCloseTo(60);
  expect(estimateSpeechSeconds('화산 '.repeat(135))).toBeCloseTo(60);
  expect(estimateSpeechSeconds('')).toBe(0);
  const line = { speaker: 'MIRA', text: '화산 two' };
  expect(estimateScriptSeconds([{ heading: '', lines: [line, line] }])).toBe(1.7);
});

test('TextRank puts the sentence that all others share words with first, and one that shares none last', () => {
  const scores = rankSentences([
    ['a', 'b', 'c', 'd'],
    ['a', 'x', 'y'],
    ['b', 'z', 'w'],
    ['c', 'q', 'v'],
    ['m', 'n'],
  ]);
  expect(scores.indexOf(Math.max(...scores))).toBe(0);
  expect(scores[4]).toBeCloseTo(0.15);
  expect(scores[1]).toBeCloseTo(scores[2] ?? 0, 4);
});

test('TextRank gives what the paper’s formula gives for two sentences', () => {
  const scores = rankSentences([
    ['a', 'b'],
    ['a', 'c'],
  ]);
  expect(scores[0]).toBeCloseTo(1, 6);
  expect(rankSentences([])).toEqual([]);
  expect(rankSentences([['a'], ['a'], []])).toHaveLength(3);
});

test('every message has the same values in both languages', () => {
  for (const [key, { en, ko }] of Object.entries(MESSAGES)) {
    const values = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();
    expect(values(ko), key).toEqual(values(en));
    // What joins values alone has no words of its own.
    const hasWords = /\p{L}/u.test(ko.replaceAll(/\{\w+\}/g, ''));
    if (hasWords) expect(ko, key).toMatch(/\p{Script=Hangul}/u);
    expect(en, key).not.toMatch(/\p{Script=Hangul}/u);
  }
});

test('a message has its values set in', () => {
  expect(message('en', 'writer.draftScene', { scene: 2, total: 3 })).toBe('Drafting scene 2/3');
  expect(message('ko', 'writer.draftScene', { scene: 2, total: 3 })).toBe('장면 초안을 쓰는 중 (2/3)');
});
