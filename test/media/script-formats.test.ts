/** Scripts as people have them. Samples after the syntax pages of Fountain, SRT and WebVTT, and after what chat models write. */
import { expect, test } from 'vitest';
import { planClip } from '../../media/clip-planning.ts';
import { planFilm } from '../../media/film.ts';
import { parseScript, type ScriptFormat } from '../../media/script.ts';
import { detectFormat } from '../../media/script-formats/detect.ts';

/** Lines as `number speaker|text`; the narrator has no name. */
function linesOf(source: string, format: ScriptFormat | null = null): string[] {
  return parseScript(source, format).scenes.flatMap(({ lines }) =>
    lines.map(({ sourceLine, speaker, text }) => `${sourceLine} ${speaker ?? ''}|${text}`),
  );
}

const FOUNTAIN = `Title:
    _**BRICK & STEEL**_
    _**FULL RETIRED**_
Credit: Written by
Author: Stu Maschwitz

EXT. BRICK'S PATIO - DAY

A gorgeous day. The sun is shining.

STEEL
Beer's ready!

BRICK ^
Are they cold?

STEEL (CONT'D)
(sotto)
Does a *bear* live in
the woods? [[a note]]

/* cut
this */

@McAVOY
Oy, vay.

> FADE OUT.

SMASH CUT TO:

INT. TRAILER HOME - DAY #12#

JACK (O.S.)
I see.

> **THE END** <
`;

test('a screenplay: dialogue is spoken, everything else is not', () => {
  const script = parseScript(FOUNTAIN);
  expect(script.title).toBe('BRICK & STEEL FULL RETIRED');
  expect(script.scenes.map(({ heading }) => heading)).toEqual([
    "EXT. BRICK'S PATIO - DAY",
    'INT. TRAILER HOME - DAY',
  ]);
  expect(linesOf(FOUNTAIN)).toEqual([
    "12 Steel|Beer's ready!",
    '15 Brick|Are they cold?',
    '19 Steel|Does a bear live in the woods?',
    '26 McAVOY|Oy, vay.',
    '35 Jack|I see.',
  ]);
  expect(script.scenes[0]?.directions.map(({ text }) => text)).toContain('sotto');
});

test('a comment that never ends is read, with a warning', () => {
  expect(parseScript('INT. HOUSE\n\nANN\nHi /* there.\n').warnings).toEqual([
    { sourceLine: 4, kind: 'unclosed' },
  ]);
});

const CHAT = `Sure! Here's a 2-minute script about cats:

# Why Cats Purr

---

**Scene 1: The kitchen**

*[Anna enters with a cup]*

**Anna:** Why do cats purr? *(smiling)*
**Ben**: It's a *vibration* in the throat.
- **Anna:** Really?

> A quote that the narrator reads.

| Animal | Speed |
| --- | --- |
| Cat | 48 km/h |

| Speaker | Line |
|---|---|
| Anna | Bye! |

\`\`\`js
console.log(1)
\`\`\`

See [the site](https://x.org) for more.

Let me know if you'd like changes!`;

test('Markdown of a chat model: marks go, tables are said, code and chatter are left out with a warning', () => {
  const script = parseScript(CHAT);
  expect(script.title).toBe('Why Cats Purr');
  expect(script.scenes.map(({ heading }) => heading)).toEqual(['Scene 1: The kitchen']);
  expect(linesOf(CHAT)).toEqual([
    '11 Anna|Why do cats purr?',
    "12 Ben|It's a vibration in the throat.",
    '13 Anna|Really?',
    '15 |A quote that the narrator reads.',
    '19 |Cat, Speed 48 km/h.',
    '23 Anna|Bye!',
    '29 |See the site for more.',
  ]);
  expect(script.warnings.toSorted((a, b) => a.sourceLine - b.sourceLine)).toEqual([
    { sourceLine: 1, kind: 'chatter' },
    { sourceLine: 25, kind: 'code' },
    { sourceLine: 31, kind: 'chatter' },
  ]);
});

test('a fence around the whole script is a wrapping', () => {
  expect(linesOf('```markdown\n# T\n\n**Ann:** Hi.\n```')).toEqual(['4 Ann|Hi.']);
});

const SRT = `1
00:00:01,000 --> 00:00:03,500
<i>Hello there,</i>
how are you

2
00:00:03,600 --> 00:00:05,000
today?

3
00:00:09,000 --> 00:00:11,000
- ANNA: Fine.
- And you?

4
bad time
oops

5
00:00:12,000 --> 00:00:13,000
[music]
♪ la la ♪
`;

test('SRT: a sentence over several cues is one line, songs are not said, broken times are warned about', () => {
  expect(linesOf(SRT)).toEqual(['3 |Hello there, how are you today?', '12 Anna|Fine.', '13 |And you?']);
  expect(parseScript(SRT).warnings).toEqual([{ sourceLine: 15, kind: 'times' }]);
});

test('a subtitle waits for its time', () => {
  const film = planFilm(parseScript(SRT), null, 'en', []);
  const scene = film.scenes[0] ?? expect.fail('no scene');
  const spoken = scene.lines.map((line) => ({
    line,
    durationSeconds: 5,
    captions: [],
    words: [],
    phonemes: [],
    sounds: [],
    costUsd: 0,
  }));
  const [first, second, third] = planClip(film, 0, scene, spoken).turns.map(({ from }) => from);
  // The second is wished 8 s behind the first; the third at once with it, and comes as soon as there is room.
  expect((second ?? 0) - (first ?? 0)).toBe(8 * 25);
  expect((third ?? 0) - (second ?? 0)).toBe(5 * 25 + 7);
});

test('WebVTT: voices, notes, entities', () => {
  const vtt = `WEBVTT

NOTE hi

intro
00:01.000 --> 00:02.000
<v Anna>Hello &amp; welcome.

00:03.000 --> 00:04.000 align:start
<v Ben>(laughs) Thanks!</v>
`;
  expect(linesOf(vtt)).toEqual(['7 Anna|Hello & welcome.', '10 Ben|Thanks!']);
});

test('HTML: headings and blocks, and nothing of what a page hides', () => {
  const html = `<!DOCTYPE html><html><head><title>x</title><style>p{}</style></head><body>
<h1>My Film</h1>
<h2>Kitchen</h2>
<p><b>Anna:</b> Hello &amp; <i>welcome</i>.</p>
<p>The narrator
speaks.</p><ul><li>Ben: Hi!</li></ul><script>alert(1)</script></body></html>`;
  expect(parseScript(html).title).toBe('My Film');
  expect(linesOf(html)).toEqual(['4 Anna|Hello & welcome.', '5 |The narrator speaks.', '6 Ben|Hi!']);
});

test.each([
  ['MIRA: Hello.\nTHEO: Hi.', 'plain'],
  ['Once upon a time there was a fox.\n\nIt ran.', 'plain'],
  ['## Scene\nA: x', 'plain'],
  ['INT. HOUSE - DAY\n\nMary sits.\n\nMARY\nHello.', 'fountain'],
  ['JACK\nI see.\n\nJILL\nMe too.', 'fountain'],
  ['**Ann:** Hi.', 'markdown'],
  ['- Ann: Hi.\n- Ben: Yo.', 'markdown'],
  [FOUNTAIN, 'fountain'],
  [CHAT, 'markdown'],
  [SRT, 'srt'],
  ['WEBVTT\n\n00:01.000 --> 00:02.000\nHi', 'vtt'],
  ['<p>Ann: Hi.</p>', 'html'],
  ['<b>bold</b> is no page', 'plain'],
])('%j is %s', (text, format) => {
  expect(detectFormat(text)).toBe(format);
});

test('a format that is named is not detected', () => {
  expect(linesOf('**Ann:** Hi.', 'plain')).toEqual(['1 |**Ann:** Hi.']);
});
