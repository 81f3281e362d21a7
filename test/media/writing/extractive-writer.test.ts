import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseScript } from '../../../media/script.ts';
import { scriptInputSchema } from '../../../media/workflows/director/input.ts';
import { briefInputSchema } from '../../../media/workflows/writer/input.ts';
import { PlayheadError } from '../../../src/core/errors.ts';
import { writeFrom } from './write.ts';

const ARTICLE = `# Volcanoes

Volcanoes are openings in the crust through which molten rock escapes. Magma collects in a chamber below the surface.
The pressure of the magma builds until the rock above it breaks.

## Eruptions

In 1980, Mt. St. Helens (in Washington State) erupted and killed 57 people [3]. Dr. David Johnston, a volcanologist, was
among them. Why did it erupt so suddenly? See https://example.org/helens for more.

- **Ash** fell in [eleven states](https://example.org/ash)
- cools the climate for years
`;
const KOREAN = `화산은 지각의 틈으로 마그마가 분출하는 곳이다. 마그마는 지하의 마그마방에 모인다. 압력이 높아지면 위의 암석이 깨진다.

1980년 세인트헬렌스 화산이 폭발하여 57명이 사망했다. 화산재는 열한 개 주에 떨어졌다.`;

test('an article becomes a dialogue of its own sentences, cleaned of markup, under its own headings', async () => {
  const { text } = await writeFrom({ brief: ARTICLE, scenes: 2 });
  expect(text).toBe(`# Volcanoes

## Openings
MIRA: What do we know about volcanoes?
THEO: Volcanoes are openings in the crust through which molten rock escapes.
MIRA: Magma collects in a chamber below the surface.
THEO: And what about the pressure?
MIRA: The pressure of the magma builds until the rock above it breaks.

## Eruptions
MIRA: Can you tell me about Washington State?
THEO: In 1980, Mt. St. Helens, in Washington State, erupted and killed 57 people.
MIRA: Dr. David Johnston, a volcanologist, was among them.
THEO: What is there to say about ash?
MIRA: Ash fell in eleven states.
THEO: Cools the climate for years.
`);
});

test('a Korean brief becomes a Korean dialogue', async () => {
  const { text, input } = await writeFrom({ brief: KOREAN });
  expect(input.language).toBe('ko');
  expect(text).toContain(
    '지수: 화산에 대해 무엇을 알 수 있나요?\n민호: 화산은 지각의 틈으로 마그마가 분출하는 곳이다.',
  );
  expect(text.match(/[A-Za-z]/)).toBeNull();
});

const words = fc.constantFrom(
  ...'magma rock ash volcano pressure crust gas lava heat water steam dome Iceland Etna melts rises breaks cools deep hot'.split(
    ' ',
  ),
);
const koreanWords = fc.constantFrom(
  ...'화산이 마그마를 압력은 암석의 가스가 용암은 지각을 높아진다 모인다 뜨거운'.split(' '),
);
const sentenceOf = (word: fc.Arbitrary<string>) =>
  fc.tuple(
    fc.array(word, { minLength: 4, maxLength: 12 }),
    fc.constantFrom('.', '!', '?', ' (so they say).', ', and more.'),
  );
const briefOf = (word: fc.Arbitrary<string>) =>
  fc
    .array(fc.tuple(sentenceOf(word), fc.constantFrom(' ', '\n', '\n\n', '\n- ', '\n## Part\n')), {
      minLength: 1,
      maxLength: 60,
    })
    .map((parts) => parts.map(([[text, end], gap]) => text.join(' ') + end + gap).join(''));

function contentWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

describe.each([
  ['English', briefOf(words)],
  ['Korean', briefOf(koreanWords)],
])('from any %s notes', (_, briefs) => {
  test('every statement is made of the brief’s words in the brief’s order, the Director takes the script, and it is the same every time', async () => {
    await fc.assert(
      fc.asyncProperty(briefs, fc.option(fc.integer({ min: 1, max: 20 })), async (brief, scenes) => {
        const written = await writeFrom({ brief, scenes }).catch((error: unknown) => error);
        if (written instanceof PlayheadError) {
          expect(written.code).toBe('INVALID_INPUT');
          return;
        }
        const script = written as Awaited<ReturnType<typeof writeFrom>>;
        const source = contentWords(script.input.brief);
        let from = 0;
        for (const statement of script.statements) {
          const said = contentWords(statement);
          const at = source.findIndex(
            (_word, index) => index >= from && said.every((word, offset) => source[index + offset] === word),
          );
          expect(at, statement).toBeGreaterThanOrEqual(from);
          from = at + 1;
        }
        expect(scriptInputSchema.safeParse({ script: script.text }).success).toBe(true);
        expect(parseScript(script.text).scenes).toHaveLength(script.scenes.length);
        expect(script.scenes.length).toBeLessThanOrEqual(scenes ?? 8);
        expect((await writeFrom({ brief, scenes })).text).toBe(script.text);
      }),
      { numRuns: 60 },
    );
  });
});

test('any text is either refused with a reason or becomes a script that the Director reads as it was meant', async () => {
  const pieces = fc.constantFrom(
    ...[
      '# ',
      '## ',
      '- ',
      '1. ',
      '\n',
      '\n\n',
      '```',
      '[x](y)',
      '(',
      ')',
      '[',
      ']',
      ':',
      'NAME: ',
      '**',
      '_',
      '. ',
      '? ',
      '"',
      '|',
      '---',
      '…',
    ],
    ...['Rocks melt when hot', 'It is 10:30', 'C:\\x', 'Dr. No', '🌋', '화산은 뜨겁다', 'e.g. lava', '\t'],
  );
  const anything = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (brief) => {
      if (!briefInputSchema.safeParse({ brief }).success) return;
      const written = await writeFrom({ brief }).catch((error: unknown) => error);
      if (written instanceof PlayheadError) {
        expect(written.code).toBe('INVALID_INPUT');
        return;
      }
      const { text, scenes } = written as Awaited<ReturnType<typeof writeFrom>>;
      expect(scriptInputSchema.safeParse({ script: text }).success).toBe(true);
      const parsed = parseScript(text).scenes.map(({ lines }) => lines.map((line) => line.text));
      expect(parsed).toEqual(scenes.map(({ lines }) => lines.map((line) => line.text)));
    }),
    { numRuns: 300 },
  );
});

test.each([
  'volcanoes',
  'The history of the Roman Empire',
  'Write a funny script about volcanoes.',
  'A short video about how volcanoes work.',
  'Explain photosynthesis to children.',
  'Why do volcanoes erupt?',
])('the topic %j is refused with what to do', async (brief) => {
  await expect(writeFrom({ brief })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(/^brief: expected at least one.*PLAYHEAD_CHAT_URL/) as string,
  });
});

test.each(['화산', '화산에 대한 영상을 만들어 줘', '화산은 왜 폭발하나요?'])(
  'the Korean topic %j too, in Korean',
  async (brief) => {
    await expect(writeFrom({ brief })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('주제만 받았습니다') as string,
    });
  },
);

test('of a long brief the central sentences are kept, the asides are not', async () => {
  const central = Array.from(
    { length: 20 },
    (_, index) => `Magma pressure breaks volcano rock at depth ${index}.`,
  );
  const asides = ['My uncle Bob likes tea.', 'Tuesday was rainy again.', 'Somebody lost their umbrella.'];
  const mixed = central.flatMap((text, index) => [text, ...asides.slice(index, index + 1)]);
  const { statements } = await writeFrom({ brief: mixed.join(' ') });
  expect(statements).toHaveLength(15);
  for (const aside of asides) expect(statements).not.toContain(aside);
});

test('a scene has at least one statement, however many scenes are asked for', async () => {
  const { scenes } = await writeFrom({ brief: 'Rocks melt at depth. Gas rises through rock.', scenes: 20 });
  expect(scenes).toHaveLength(2);
});

test('the given title is taken over the brief’s', async () => {
  expect((await writeFrom({ brief: ARTICLE, title: 'Fire below' })).text).toMatch(/^# Fire below\n/);
});

test('the longest brief stays within the Director’s limits', async () => {
  const brief = Array.from({ length: 2_000 }, (_, index) => `Rock ${index % 37} melts ${index}.`)
    .join(' ')
    .slice(0, 20_000);
  const { text, scenes } = await writeFrom({ brief });
  expect(scriptInputSchema.safeParse({ script: text }).success).toBe(true);
  expect(scenes).toHaveLength(8);
});

test.each([
  'Write a 2 minute script about why cats purr. Make it funny.',
  'Please make a short video about tides.\nUse simple words. It should be for children. Tone: warm.',
  '고양이에 대한 영상을 만들어 주세요. 재미있게 해 주세요.',
])('%j tells the writer what to do and states nothing, so it is refused', async (brief) => {
  await expect(writeFrom({ brief })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('instructions beside the matter are not said', async () => {
  const { statements } = await writeFrom({
    brief: `Write a funny script about cats. Make it short. ${ARTICLE.split('\n\n')[1]}`,
  });
  expect(statements.join(' ')).toMatch(/Volcanoes are openings/);
  expect(statements.join(' ')).not.toMatch(/funny|Make it/);
});

test('a table is said row by row, an interview without its labels, a repeated sentence once', async () => {
  const { statements } = await writeFrom({
    brief: `| Animal | Speed | Weight |
| --- | --- | --- |
| Cat | 48 km/h | 4 kg |

Interviewer: Why do cats purr?
Dr. Park: Purring comes from small muscles in the throat.
Cats also purr when they are hurt or afraid.
Cats also purr, when they are hurt or afraid.`,
  });
  expect(statements).toEqual([
    'Cat: speed 48 km/h, weight 4 kg.',
    'Purring comes from small muscles in the throat.',
    'Cats also purr when they are hurt or afraid.',
  ]);
});
