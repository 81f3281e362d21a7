import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { escapeAss, layOutCaptions } from '../../../media/captions/ass.ts';
import { placeCaptionFonts, widenCharacterMap } from '../../../media/captions/caption-fonts.ts';
import { formatTime, writeWebVtt } from '../../../media/captions/webvtt.ts';
import { FONT_FILES, findUndrawable } from '../../../media/drawing/fonts.ts';
import { wrapText } from '../../../media/drawing/text-layout.ts';
import { splitSentences } from '../../../media/sentence.ts';
import { scriptInputSchema } from '../../../media/workflows/director/input.ts';

const cue = { startSeconds: 1, endSeconds: 2.5, speaker: 'Mira', colour: '#ffb199' };

test.each([
  ['an override block', '{\\an8}top', /^\\\{\\\u2060an8\\\}top$/],
  ['a line break command', 'a\\Nb\\hc', /^a\\\u2060Nb\\\u2060hc$/],
  ['a drawing', '{\\p1}m 0 0', /^\\\{\\\u2060p1\\\}m 0 0$/],
])('%s in a caption is literal', (_, text, expected) => {
  expect(escapeAss(text, 32)).toMatch(expected);
});

test('every brace of a text is escaped, only our own blocks open', () => {
  const { ass } = layOutCaptions({ cues: [{ ...cue, lines: ['{\\pos(0,0)\\fs200}hi} {{'] }] });
  const texts = ass.split('\n').filter((line) => line.includes(',Text,'));
  for (const line of texts) {
    const own = line
      .replaceAll('\\{', '')
      .replaceAll('\\}', '')
      .match(/\{[^}]*\}/g);
    expect(own).toHaveLength(1);
  }
});

test('a line end in a caption cannot begin another event', () => {
  const text = 'a\nDialogue: 0,0:00:00.00,9:00:00.00,Text,,0,0,0,,b';
  const { ass } = layOutCaptions({ cues: [{ ...cue, lines: [text] }] });
  expect(ass.split('\n').filter((line) => line.startsWith('Dialogue: 0'))).toHaveLength(1);
});

test('what the main font lacks is set in the font that has it, at the same size', () => {
  const main = '{\\fnNoto Sans KR\\fs14.5}';
  expect(escapeAss('ok 🚀🎬!', 10)).toBe(`ok {\\fnNoto Emoji\\fs14.5}🚀🎬${main}!`);
  expect(escapeAss('Ναί, ναί', 10)).toContain('{\\fnNoto Sans\\fs13.6}');
  expect(escapeAss('这里', 10)).toBe('{\\fnNoto Sans SC\\fs14.5}这里');
  expect(escapeAss('漢字와 한글', 10)).toBe('漢字와 한글');
  const { ass } = layOutCaptions({ cues: [{ ...cue, lines: ['a 👩🏽‍🚀 \u202eb\u200f ❤️'] }] });
  expect(ass.replaceAll(/\\fs[\d.]+/g, '')).toContain(
    'a {\\fnNoto Emoji}👩🚀 {\\fnNoto Sans KR}b {\\fnNoto Emoji}❤',
  );
});

test.each([
  ['Latin', 'Zażółć gęślą jaźń, ğüşİ, Đặng Văn Ý ß œ ÿ'],
  ['Greek', 'Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία'],
  ['Cyrillic', 'Съешь же ещё этих французских булок; їжак, ђак, қазақ'],
  ['Hangul', '키스의 고유조건은 입술끼리 만나야 하고'],
  ['Kana', 'いろはにほへと チリヌルヲ ｶﾅ'],
  ['Han', '天地玄黃宇宙洪荒 汉语 这里 発売 駅 龘'],
])('%s can be drawn', (_, text) => {
  expect(findUndrawable(text)).toBeUndefined();
});

test('a letter that no font has is found, and a script with it is refused before anything is enqueued', () => {
  expect(findUndrawable('a ა 🚀')).toBe('ა');
  const refused = scriptInputSchema.safeParse({ script: 'MIRA: Hello.\nTHEO: გამარჯობა' });
  expect(refused.error?.issues[0]).toMatchObject({
    path: ['script'],
    message: expect.stringMatching(/^expected Latin, .*received გ \(U\+10D2\) in line 2$/),
  });
});

test('only the fonts that captions use are laid beside them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-fonts-'));
  const place = async (name: string, line: string): Promise<string[]> => {
    await placeCaptionFonts(join(folder, name), layOutCaptions({ cues: [{ ...cue, lines: [line] }] }).ass);
    return (await readdir(join(folder, name))).map((file) => file.replace('_700Bold.ttf', ''));
  };
  expect(await place('latin', 'Hello')).toEqual(['NotoSansKR']);
  expect(await place('han', '这里 🚀')).toEqual(['NotoEmoji', 'NotoSansKR', 'NotoSansSC']);
  await rm(folder, { recursive: true });
});

test('the emoji font gives libass every emoji, not only those below U+10000', async () => {
  const path = FONT_FILES.find(({ family }) => family === 'Noto Emoji')?.path ?? '';
  const font = await readFile(path);
  const widened = widenCharacterMap(font);
  const changed = widened.reduce((sum, byte, index) => sum + (byte === font[index] ? 0 : 1), 0);
  expect(changed).toBeGreaterThan(0);
  expect(changed).toBeLessThanOrEqual(4);
  expect(widenCharacterMap(widened)).toEqual(widened);
});

test('WebVTT keeps markup and arrows as text', () => {
  const vtt = writeWebVtt([{ ...cue, speaker: 'A>B', lines: ['<b>1 --> 2</b>', '& more'] }], 'en');
  expect(vtt).toContain(
    '00:00:01.000 --> 00:00:02.500\n<v A&gt;B>&lt;b&gt;1 --&gt; 2&lt;/b&gt;\n&amp; more</v>',
  );
  expect(vtt.startsWith('WEBVTT\n\n')).toBe(true);
});

test('a line of wide letters is set smaller, so that it fits', () => {
  const { ass } = layOutCaptions({ cues: [{ ...cue, lines: ['W'.repeat(42), 'i'.repeat(42)] }] });
  const sizes = [...ass.matchAll(/\\fs([\d.]+)\}/g)].map(([, size]) => Number(size));
  expect(sizes).toHaveLength(2);
  expect(sizes[0]).toBe(sizes[1]);
  expect(sizes[0]).toBeLessThan(46);
});

test('times have hours, minutes, seconds and thousandths', () => {
  expect(formatTime(3661.0605)).toBe('01:01:01.061');
  expect(formatTime(59.9996)).toBe('00:01:00.000');
});

test.each([
  ['one. Two! Three?', ['one.', 'Two!', 'Three?']],
  ['Dr. Noor met J. Smith.', ['Dr. Noor met J. Smith.']],
  ['3.5 is v1.2.3.', ['3.5 is v1.2.3.']],
  ['안녕. 반가워!', ['안녕.', '반가워!']],
])('%j splits into sentences', (text, expected) => {
  expect(splitSentences(text)).toEqual(expected);
});

test('no piece of a text is over the limit, and nothing is lost', () => {
  const text = `${'x'.repeat(700)} ${'some words, '.repeat(80)}😀`.repeat(3);
  const pieces = splitSentences(text);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(240);
  expect(pieces.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
});

test('wrapped lines fit and are even', () => {
  const measure = (text: string): number => text.length;
  expect(wrapText('aaa bbb ccc ddd', 12, measure)).toEqual(['aaa bbb', 'ccc ddd']);
  expect(wrapText('abcdefgh', 3, measure)).toEqual(['abc', 'def', 'gh']);
  expect(wrapText('', 3, measure)).toEqual(['']);
});
