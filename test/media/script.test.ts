import { expect, test } from 'vitest';
import { parseScript } from '../../media/script.ts';

/** Lines as `speaker|text`; the narrator has no name. */
function linesOf(source: string): string[] {
  return parseScript(source).scenes.flatMap((scene) =>
    scene.lines.map(({ speaker, text }) => `${speaker ?? ''}|${text}`),
  );
}

test.each([
  ['a speaker and a text', 'MIRA: Hello there.', ['Mira|Hello there.']],
  ['a name in mixed case as written', 'McKay: Aye.', ['McKay|Aye.']],
  ['a name of two words', 'OLD TOM: Well.', ['Old Tom|Well.']],
  ['a Korean name', '지수: 안녕하세요.', ['지수|안녕하세요.']],
  ['a full-width colon', '민호： 네.', ['민호|네.']],
  ['no space behind the colon', 'MIRA:Hello', ['Mira|Hello']],
  ['plain text for the narrator', 'The sun rises.', ['|The sun rises.']],
  ['lines of one paragraph joined', 'The sun\nrises slowly.', ['|The sun rises slowly.']],
  ['paragraphs apart', 'One.\n\nTwo.', ['|One.', '|Two.']],
  ['plain text behind a line for the narrator', 'MIRA: Hi.\nShe waves.', ['Mira|Hi.', '|She waves.']],
  ['a paragraph below a name alone', 'MIRA:\nHello\nthere.\n\nDone.', ['Mira|Hello there.', '|Done.']],
  ['directions cut out', 'MIRA: [laughs] Hi (softly) there.', ['Mira|Hi there.']],
  ['a direction behind the name', 'MIRA (whispering): Hi.', ['Mira|Hi.']],
  ['a direction in front of the name', '(aside) MIRA: Hi.', ['Mira|Hi.']],
  ['nested directions', 'MIRA: a [b (c) d] e', ['Mira|a e']],
  ['a line of nothing but directions', '[Birds.]\n(Silence.)\nMIRA: Hi.', ['Mira|Hi.']],
  ['a speaker who only laughs', 'MIRA: [laughs]\nShe laughs.', ['|She laughs.']],
  ['a bracket that is never closed as text', 'MIRA: a [b c', ['Mira|a [b c']],
  ['a smiley as text', 'MIRA: fine :)', ['Mira|fine :)']],
  ['a web address as no speaker', 'https://example.com is up', ['|https://example.com is up']],
  ['a time as no speaker', '10:30 is early', ['|10:30 is early']],
  ['a time behind a word as no speaker', 'At 10:30 we left', ['|At 10:30 we left']],
  ['a path as no speaker', 'C:\\films is full', ['|C:\\films is full']],
  [
    'a long sentence with a colon as no speaker',
    'He then said one more thing: go',
    ['|He then said one more thing: go'],
  ],
  ['a sentence with a colon as no speaker', 'There is one rule: be kind.', ['|There is one rule: be kind.']],
  ['a label as no speaker', 'Note: it is late.', ['|Note: it is late.']],
  ['a call to the listener as no speaker', 'Listen: an owl.', ['|Listen: an owl.']],
  ['a word of order as no speaker', 'Next: we open an office.', ['|Next: we open an office.']],
  ['a Korean sentence with a colon as no speaker', '규칙은 하나: 친절.', ['|규칙은 하나: 친절.']],
  ['a name with a small word in it', 'Tom and Ann: Hi.', ['Tom and Ann|Hi.']],
  ['words about the film as unspoken', 'Setting: a kitchen\nMUSIC: soft\nMIRA: Hi.', ['Mira|Hi.']],
  ['brackets of a sentence as spoken', 'The tower (which is old) fell.', ['|The tower (which is old) fell.']],
  [
    'an abbreviation in brackets as spoken',
    'MIRA: The UN (United Nations) met.',
    ['Mira|The UN (United Nations) met.'],
  ],
  ['a bracket inside a word as spoken', 'MIRA: A 401(k) plan.', ['Mira|A 401(k) plan.']],
  ['what somebody does as unspoken', 'MIRA: Hi. (She waves.) Bye.', ['Mira|Hi. Bye.']],
  ['a Korean direction as unspoken', '지수: 안녕(웃으며) 하세요.', ['지수|안녕 하세요.']],
  ['a line of marks as none', 'MIRA: Hi.\n\n---\n\n\u200b', ['Mira|Hi.']],
  ['a name over 40 characters as no speaker', `${'N'.repeat(41)}: hi`, [`|${'N'.repeat(41)}: hi`]],
  ['Windows line ends', 'MIRA: a\r\nTHEO: b\r\n', ['Mira|a', 'Theo|b']],
  ['a hash without a space as text', '#hashtag', ['|#hashtag']],
])('a script reads %s', (_, source, expected) => {
  expect(linesOf(source)).toEqual(expected);
});

test('headings make a title and scenes, and scenes without lines are dropped', () => {
  const script = parseScript(
    '# The Film\n## One\nA: x\n## Empty\n[nobody]\n## Two\nB: y\n# Part three\nC: z',
  );
  expect(script.title).toBe('The Film');
  expect(script.scenes.map(({ heading, lines }) => [heading, lines.length])).toEqual([
    ['One', 1],
    ['Two', 1],
    ['Part three', 1],
  ]);
});

test('a line remembers where it stands', () => {
  const [line] = parseScript('# T\n\n[x]\nMIRA: Hi.').scenes[0]?.lines ?? [];
  expect(line?.sourceLine).toBe(4);
});

test('hundred thousand characters of brackets, colons or spaces are read in one pass', () => {
  for (const unit of [
    '[',
    '(]',
    ': ',
    '[(',
    ' ',
    'a:',
    '# ',
    '\n',
    '- a\n',
    '|a|',
    '**',
    '1\n00:',
    '/*',
    '(a) ',
  ]) {
    const source = unit.repeat(100_000 / unit.length);
    expect(parseScript(source).scenes.length).toBeLessThan(2);
  }
});
