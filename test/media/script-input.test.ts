import { expect, test } from 'vitest';
import { scriptInputSchema } from '../../media/workflows/director/input.ts';

const script = 'MIRA: Hello.';

test.each([
  ['no script', {}, 'script', 'expected the script as text'],
  ['null for a script', { script: null }, 'script', 'expected the script as text'],
  ['an empty script', { script: '' }, 'script', 'expected a script that is not empty'],
  ['a blank script', { script: ' \n\t \n' }, 'script', 'expected a script that is not empty'],
  ['no spoken line', { script: '# T\n## S\n[rain]' }, 'script', /expected at least one spoken line/],
  [
    'over 100,000 characters',
    { script: 'a'.repeat(100_001) },
    'script',
    'expected at most 100,000 characters',
  ],
  ['over 500 lines', { script: 'A: x\n'.repeat(501) }, 'script', 'expected at most 500 spoken lines'],
  ['a null character', { script: 'A: x\u0000' }, 'script', /expected no control characters/],
  ['an escape character', { script: 'A: \u001b[31m' }, 'script', /expected no control characters/],
  ['a C1 control character', { script: 'A: \u0085' }, 'script', /expected no control characters/],
  ['half a surrogate pair', { script: 'A: \ud83d' }, 'script', /expected well-formed Unicode/],
  [
    'an unknown language',
    { script, language: 'fr' },
    'language',
    'expected one of en, en-US, en-GB, ko, ko-KR',
  ],
  [
    'a title over 200 characters',
    { script, title: 't'.repeat(201) },
    'title',
    'expected at most 200 characters',
  ],
  ['an unknown format', { script, format: 'docx' }, 'format', /expected one of plain, markdown/],
  ['nothing but marks', { script: '---\n\u200b' }, 'script', /expected at least one spoken line/],
  [
    'a screenplay without dialogue',
    { script: 'INT. HOUSE\n\nRain.\n' },
    'script',
    /expected at least one spoken line/,
  ],
  ['a title of two lines', { script, title: 'a\nb' }, 'title', 'expected no control characters'],
])('%s is refused', (_, input, field, expected) => {
  const { error } = scriptInputSchema.safeParse(input);
  expect(error?.issues.map(({ path }) => path)).toEqual([[field]]);
  expect(error?.issues[0]?.message).toMatch(expected);
});

test.each([
  ['nothing else', { script }, { title: null, language: 'en', format: null }],
  [
    'null for what is left out',
    { script, title: null, language: null },
    { title: null, language: 'en', format: null },
  ],
  ['a title', { script, title: ' My film ' }, { title: 'My film', language: 'en', format: null }],
  ['English by region', { script, language: 'en-GB' }, { title: null, language: 'en', format: null }],
  ['a format', { script, format: 'plain' }, { title: null, language: 'en', format: 'plain' }],
  ['Korean', { script, language: 'ko-KR' }, { title: null, language: 'ko', format: null }],
])('a script with %s is accepted', (_, input, expected) => {
  expect(scriptInputSchema.parse(input)).toEqual({ script, music: 'none', ...expected });
});

test('limits are inclusive and line ends become one kind', () => {
  expect(scriptInputSchema.parse({ script: 'A: x\r\n'.repeat(500) }).script).toBe('A: x\n'.repeat(500));
  expect(scriptInputSchema.safeParse({ script: `A: ${'a'.repeat(99_997)}` }).success).toBe(true);
});

test('what it returns parses to itself', () => {
  const parsed = scriptInputSchema.parse({ script: 'A: x\r\nB: y', title: 'T', language: 'ko' });
  expect(scriptInputSchema.parse(parsed)).toEqual(parsed);
});
