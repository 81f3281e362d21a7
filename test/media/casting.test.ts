/** Who looks and sounds like whom: names, hints in the script, what its head says. */
import { describe, expect, test } from 'vitest';
import { identify } from '../../media/casting/casting.ts';
import { inventCharacter } from '../../media/casting/invented-character.ts';
import type { Person } from '../../media/casting/person.ts';
import { collectHints } from '../../media/casting/script-hints.ts';
import { characterSchema } from '../../media/character.ts';
import { planFilm } from '../../media/film.ts';
import { foldName } from '../../media/name.ts';
import { parseScript } from '../../media/script.ts';

/** Who a speaker of a script is taken for. */
function whoIs(name: string, source: string): Person {
  return identify(name, collectHints(parseScript(source)).get(foldName(name)));
}

test('names of women and men are told apart, and none is taken for the other', () => {
  const women =
    'Anna Sarah Eve Rose Grace Mei Priya Fatima Yuki Olga Elena Emma Olivia Sophia Ingrid Aisha Chloe Zoé Hermione Minji 김지은 서연 수아 민지 영희';
  const men =
    'Bob Ahmed Jose Ivan Tom Robert Liam Noah Kofi Henry Carlos Omar Lars Hiroshi Ravi Sven Theo Joshua Jack Will 민준 지훈 철수 준호 영호';
  for (const name of women.split(' ')) expect([name, identify(name).gender]).toEqual([name, 'female']);
  for (const name of men.split(' ')) expect([name, identify(name).gender]).toEqual([name, 'male']);
});

test.each([
  ['Grandma', { gender: 'female', age: 'old' }],
  ['Grandson', { gender: 'male' }],
  ['Stepmother', { gender: 'female' }],
  ['Landlord', { gender: 'male' }],
  ['Mr. Gray', { gender: 'male' }],
  ['Old Tom', { gender: 'male', age: 'old' }],
  ['Robot 7', { isRobot: true }],
  ['Dr. Anna Lee', { gender: 'female' }],
  ['할아버지', { gender: 'male', age: 'old' }],
  ['소녀', { gender: 'female', age: 'child' }],
  ['Doctor', {}],
])('the name %s says what it says', (name, person) => {
  expect(identify(name)).toEqual(person);
});

describe('the script says who somebody is', () => {
  test.each<[string, string, string, Person]>([
    ['a line of cast', 'Rowan', 'Cast: Rowan (female, 60); Lou: a boy', { gender: 'female', age: 'old' }],
    [
      'a section of cast',
      'Alex',
      '# T\n\n## Characters\n\n- **Alex**: woman with grey hair and glasses\n- **Ben**, 8\n\n## One\n',
      { gender: 'female', hairColour: '#b7b1aa', glasses: 'round' },
    ],
    ['brackets behind the name', 'Jordan', 'Jordan (female, 60): Hello.', { gender: 'female', age: 'old' }],
    ['an age in Korean', '하늘', '하늘 (여자, 9살): 안녕!', { gender: 'female', age: 'child' }],
    ['a direction', 'Alex', 'Alex: Hi. (She waves.) Bye.', { gender: 'female' }],
    ['the narrator', 'Sam', 'Sam came in late.\nShe took off her coat.', { gender: 'female' }],
    ['an introduction', 'Kim', '[KIM LEE (60s), a retired man, enters.]', { gender: 'male', age: 'old' }],
  ])('in %s', (_, name, head, person) => {
    expect(whoIs(name, `${head}\n\n${name}: Good morning.`)).toEqual(person);
  });

  test.each([
    ['somebody else’s pronouns', '[Anna looks at him. Ben takes his hat.]\nBen: Hm.'],
    ['one pronoun against a known name', '[Anna opens his letter.]'],
    ['what belongs to another', '[Anna, a man’s voice behind her, turns.]'],
  ])('and %s do not change a known name', (_, head) => {
    expect(whoIs('Anna', `${head}\nAnna: Hello.`).gender).toBe('female');
  });

  test('a Fountain title page has a cast too, and its introductions count', () => {
    const source =
      'Title: X\nCast: Rowan (female, 20s); Lou: an old man\n\nINT. HOUSE - DAY\n\nPAT, 9, a girl in red, runs in.\n\nROWAN\nHi.\n\nLOU\nHey.\n\nPAT (V.O.)\nWhat?';
    expect(whoIs('Rowan', source)).toEqual({ gender: 'female', age: 'adult' });
    expect(whoIs('Lou', source)).toEqual({ gender: 'male', age: 'old' });
    expect(whoIs('Pat', source)).toEqual({ gender: 'female', age: 'child' });
  });

  test('a cast list is not spoken, and ends at a blank line behind it', () => {
    const script = parseScript('## Cast\n\nAnna: female, 60\nBen: a boy\n\nAnna: Hello.\n\nCast: off.');
    expect(script.scenes).toHaveLength(1);
    expect(script.scenes[0]).toMatchObject({ heading: '', lines: [{ speaker: 'Anna', text: 'Hello.' }] });
  });
});

describe('an invented character', () => {
  test('of a woman has a woman’s voice and no beard; nor has anyone of whom nothing is known', () => {
    for (const name of 'Anna Eve Fay Ida Uma Vera Wanda Xenia Yara Zoe'.split(' ')) {
      const { voice, look } = inventCharacter(name, { gender: 'female' });
      expect([voice.name, look.beard]).toEqual(['slt', 'none']);
      expect(inventCharacter(name).look).toMatchObject({ beard: 'none', lipstick: false });
    }
  });

  test('of a man has a man’s voice, and some have a beard', () => {
    const men = 'Al Bo Cy Dan Ed Flo Gus Hal Ike Jon'
      .split(' ')
      .map((name) => inventCharacter(name, { gender: 'male' }));
    for (const { voice } of men) expect(['rms', 'awb']).toContain(voice.name);
    expect(new Set(men.map(({ look }) => look.beard)).size).toBeGreaterThan(1);
  });

  test('of any age and kind is one that a cast file could hold', () => {
    for (const age of ['child', 'adult', 'old'] as const) {
      for (const gender of ['female', 'male'] as const) {
        for (let index = 0; index < 40; index += 1)
          characterSchema.parse(inventCharacter(`N${index}`, { age, gender }));
      }
    }
    characterSchema.parse(inventCharacter('R', { isRobot: true }));
  });
});

test('looks and voices stay the same in every scene and film, whatever the case of the name', () => {
  const [first, second] = ['## A\nZELDA: One.\n## B\nBob: Two.\nZelda: Three.', 'Bob: Hi.\nzelda: Ho.'].map(
    (source) => planFilm(parseScript(source), null, 'en', []).characters,
  );
  const zelda = first?.find(({ name }) => name === 'Zelda');
  expect(first).toHaveLength(2);
  expect(second?.find(({ name }) => name === 'zelda')).toEqual({ ...zelda, name: 'zelda' });
});

test('what the script’s head says outweighs the cast of the operator', () => {
  const cast = [characterSchema.parse({ ...inventCharacter('Mira', { gender: 'female' }) })];
  const castOf = (source: string) => planFilm(parseScript(source), null, 'en', cast).characters[0];
  expect(castOf('MIRA: Hi.')?.voice.name).toBe('slt');
  expect(castOf('Cast: Mira (male)\n\nMIRA: Hi.')?.voice.name).not.toBe('slt');
});
