import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { castSpeaker, loadCast } from '../../media/cast.ts';
import { planFilm } from '../../media/film.ts';
import { parseScript } from '../../media/script.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playhead-cast-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the built-in cast has six characters or more, each with a look of its own', async () => {
  const cast = await loadCast(undefined);
  expect(cast.length).toBeGreaterThanOrEqual(6);
  expect(new Set(cast.map(({ look }) => JSON.stringify(look))).size).toBe(cast.length);
});

test('a cast file is found by name and alias, without regard to case', async () => {
  await cp('examples/cast.json', join(folder, 'cast.json'));
  const cast = await loadCast(folder);
  expect(castSpeaker('ROSA', cast)).toMatchObject({ name: 'ROSA', look: { top: { colour: '#27496d' } } });
  expect(castSpeaker('pip', cast).voice.pitch).toBe(1.24);
  expect(castSpeaker('지수', cast).look.hair.style).toBe('bun');
});

test('unknown names get looks of their own', () => {
  const looks = new Set(
    ['Ann', 'Bob', 'Cem', 'Dag', 'Eve', 'Fay'].map((name) => JSON.stringify(castSpeaker(name, []).look)),
  );
  expect(looks.size).toBe(6);
});

test.each([
  ['no JSON', '{', /broken\.json: expected JSON/],
  ['no characters', '{"characters":[]}', /characters/],
  [
    'a colour in words',
    '{"characters":[{"name":"A","voice":{"name":"slt"},"look":{"skin":"red"}}]}',
    /#2f6f6b[\s\S]*skin/,
  ],
])('a cast file with %s is an error that names file and field', async (_, content, message) => {
  const broken = await mkdtemp(join(tmpdir(), 'playhead-cast-'));
  await writeFile(join(broken, 'broken.json'), content);
  await expect(loadCast(broken)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(message),
  });
  await rm(broken, { recursive: true });
});

test('long scenes and long lines are cut into clips of bounded length', () => {
  const script = parseScript(
    `## Long\n${'A: A short line.\n'.repeat(20)}B: ${'Many words in it. '.repeat(200)}`,
  );
  const { scenes } = planFilm(script, null, 'en', []);
  expect(scenes.length).toBeGreaterThan(5);
  for (const { lines } of scenes) {
    expect(lines.length).toBeLessThanOrEqual(8);
    expect(lines.flatMap(({ sentences }) => sentences).join(' ').length).toBeLessThan(1200);
  }
  expect(scenes.map(({ heading }) => heading).filter(Boolean)).toEqual(['Long']);
});
