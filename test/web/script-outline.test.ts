/** The page's outline of a script is what the Director reads in it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseScript } from '../../media/script.ts';
import { outlineScript } from '../../web/views/script.ts';

const PARTS = [
  ...[
    'MIRA: Hello.',
    'MIRA:',
    '**Anna:** Hi',
    'INT. HOUSE',
    'JACK',
    '00:01.000 --> 00:02.000',
    'McKay (aside): Aye [coughs]',
    '지수: 안녕',
    '민호： 네.',
    'MIRA: [laughs]',
    'OLD TOM: Well',
  ],
  ...['# Title', '## Scene', '#', '###### Deep', '####### Too deep', '#tag', '## '],
  ...[
    '',
    ' ',
    '[Birds.]',
    '(a [b) c]',
    'a [b (c) d] e',
    'a [b c',
    'fine :)',
    '10:30 is early',
    'https://a.b',
    'C:\\x',
  ],
  ...[
    'plain text',
    'a: b: c',
    `${'N'.repeat(41)}: hi`,
    'He then said one more thing: go',
    '123: no letters',
    '\t',
  ],
];

test('of any lines, in any order', () => {
  const line = fc.oneof(fc.constantFrom(...PARTS), fc.string({ unit: fc.constantFrom(...'aA1 :：[]()#/.') }));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
      const source = lines.join(end);
      expect(outlineScript(source)).toEqual(parseScript(source).scenes);
    }),
    { numRuns: 2_000 },
  );
});

test('of HTML there is none, and the server reads it', () => {
  expect(outlineScript('<p>Anna: Hi.</p>')).toBeNull();
});

test('a hundred thousand brackets are read in one pass', () => {
  for (const unit of ['[', '(]', '[(', ': ', 'a:', '# ']) {
    expect(outlineScript(unit.repeat(100_000 / unit.length))?.length).toBeLessThan(2);
  }
  expect(outlineScript(`${'('.repeat(50_000)}${')'.repeat(50_000)}`)).toEqual([]);
});
