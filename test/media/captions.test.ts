import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { escapeAss, layOutCaptions } from '../../media/ass.ts';
import { cutCues, joinShort, readingSeconds } from '../../media/caption-cues.ts';
import { widenCharacterMap } from '../../media/caption-fonts.ts';
import { FONT_FILES } from '../../media/drawing/fonts.ts';
import { wrapText } from '../../media/drawing/text-layout.ts';
import { splitSentences } from '../../media/sentence.ts';
import { formatTime, writeWebVtt } from '../../media/webvtt.ts';

const cue = { startSeconds: 1, endSeconds: 2.5, speaker: 'Mira', colour: '#ffb199' };

test.each([
  ['an override block', '{\\an8}top', /^\\\{\\\u2060an8\\\}top$/],
  ['a line break command', 'a\\Nb\\hc', /^a\\\u2060Nb\\\u2060hc$/],
  ['a drawing', '{\\p1}m 0 0', /^\\\{\\\u2060p1\\\}m 0 0$/],
])('%s in a caption is literal', (_, text, expected) => {
  expect(escapeAss(text)).toMatch(expected);
});

test('every brace of a text is escaped, only our own blocks open', () => {
  const { ass } = layOutCaptions({ cues: [{ ...cue, text: '{\\pos(0,0)\\fs200}hi} {{' }] });
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
  const { ass } = layOutCaptions({ cues: [{ ...cue, text }] });
  expect(ass.split('\n').filter((line) => line.startsWith('Dialogue: 0'))).toHaveLength(1);
});

test('emoji are set in the emoji font', () => {
  expect(escapeAss('ok 🚀🎬!')).toBe('ok {\\fnNoto Emoji}🚀🎬{\\fnNoto Sans KR}!');
  const { ass } = layOutCaptions({ cues: [{ ...cue, text: 'a 👩🏽‍🚀 \u202eb\u200f ❤️' }] });
  expect(ass).toContain('a {\\fnNoto Emoji}👩🚀{\\fnNoto Sans KR} b {\\fnNoto Emoji}❤{');
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
  const vtt = writeWebVtt([{ ...cue, speaker: 'A>B', text: '<b>1 --> 2</b> & more' }], 'en');
  expect(vtt).toContain(
    '00:00:01.000 --> 00:00:02.500\n<v A&gt;B>&lt;b&gt;1 --&gt; 2&lt;/b&gt; &amp; more</v>',
  );
  expect(vtt.startsWith('WEBVTT\n\n')).toBe(true);
});

test('times have hours, minutes, seconds and thousandths', () => {
  expect(formatTime(3661.0605)).toBe('01:01:01.061');
  expect(formatTime(59.9996)).toBe('00:01:00.000');
});

test('a long sentence becomes several captions without gap or overlap', () => {
  const text = 'word '.repeat(60).trim();
  const cues = cutCues([{ text, startSeconds: 2, endSeconds: 20 }], 'Mira', '#ffffff');
  expect(cues.length).toBeGreaterThan(2);
  expect(cues.map((one) => one.text).join(' ')).toBe(text);
  expect(cues[0]?.startSeconds).toBe(2);
  expect(cues.at(-1)?.endSeconds).toBeCloseTo(20);
  for (const [index, one] of cues.slice(1).entries()) expect(one.startSeconds).toBe(cues[index]?.endSeconds);
});

test('short sentences share a caption', () => {
  const sentences = [
    { text: 'Hi.', startSeconds: 0, endSeconds: 1 },
    { text: 'Yes.', startSeconds: 1, endSeconds: 2 },
  ];
  expect(joinShort(sentences)).toEqual([{ text: 'Hi. Yes.', startSeconds: 0, endSeconds: 2 }]);
});

test('reading time has a floor and grows with the text', () => {
  expect(readingSeconds('hm')).toBe(1.4);
  expect(readingSeconds('가'.repeat(30))).toBe(4);
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
