/** What is seen when: cards, cuts between the parts of a scene, shots, the narrator's boards. No picture is drawn. */
import type { Language } from 'playhead';
import { describe, expect, test } from 'vitest';
import { type ClipPlan, cameraAt, sceneEnd, sceneStart } from '../../media/clip-plan.ts';
import { planClip } from '../../media/clip-planning.ts';
import { planMotion } from '../../media/drawing/pose.ts';
import { planFilm } from '../../media/film.ts';
import { speakScene } from '../../media/scene-speech.ts';
import { parseScript } from '../../media/script.ts';
import { createMetronome } from './metronome.ts';

async function plansOf(script: string, language: Language = 'en'): Promise<ClipPlan[]> {
  const film = planFilm(parseScript(script), null, language, []);
  const options = {
    ...{ provider: createMetronome(12), signal: new AbortController().signal },
    ...{ onSpoken: () => {}, warn: () => {} },
  };
  const plans: ClipPlan[] = [];
  for (const [index, scene] of film.scenes.entries()) {
    plans.push(planClip(film, index, scene, await speakScene(film, scene, options)));
  }
  return plans;
}

const TALK = Array.from(
  { length: 10 },
  (_, index) => `${'AB'[index % 2]}nna: This is line ${index} of a scene.`,
);

describe('a scene that takes several clips', () => {
  test('is one scene to the eye: no card, no fade and no pause in it, and nobody moves', async () => {
    const [first, second, third] = await plansOf(`# T\n## One\n${TALK.join('\n')}\n## Two\nAnna: Bye.`);
    expect(first).toMatchObject({ opensBright: true, endsBright: true });
    expect(second).toMatchObject({ opensBright: true, endsBright: false, heading: '' });
    expect(third).toMatchObject({ opensBright: false, endsBright: false });
    expect(second?.figures).toEqual(first?.figures);
    const tail = (first?.frames ?? 0) - (first?.turns.at(-1)?.to ?? 0);
    expect(tail + (second?.turns[0]?.from ?? 0)).toBe(7);
  });

  test('is cut to another size where the clips meet', async () => {
    const [first, second] = await plansOf(TALK.join('\n').replaceAll('Bnna', 'Anna'));
    expect(second?.shots[0]?.camera.zoom).not.toBe(first?.shots.at(-1)?.camera.zoom);
  });
});

test('a film opens with light and ends with a card that names who played', async () => {
  const plans = await plansOf('## One\nAnna: Hi.\n## Two\nBen: Ho.');
  expect(plans[0]).toMatchObject({ opensBright: true, titleCard: null });
  expect(plans[0]?.endCard).toBeUndefined();
  expect(plans[1]?.endCard).toMatchObject({ text: 'The End', cast: ['Anna', 'Ben'] });
  const [last] = (await plansOf('지수: 안녕.', 'ko')).slice(-1);
  expect(last?.endCard?.text).toBe('끝');
  expect(last && sceneEnd(last)).toBe((last?.frames ?? 0) - (last?.endCard?.frames ?? 0));
  expect(last?.shots.at(-1)?.to).toBe(last && sceneEnd(last));
});

const SPEECH = Array.from(
  { length: 8 },
  (_, index) => `Sentence number ${'abcdefgh'[index]} is about as long as this.`,
);

describe('somebody who speaks alone', () => {
  test('is filmed in changing sizes, cut between sentences, and the camera moves', async () => {
    const [plan] = await plansOf(`Anna: ${SPEECH.join(' ')}`);
    const shots = plan?.shots ?? [];
    expect(new Set(shots.map(({ camera }) => camera.zoom.toFixed(1))).size).toBeGreaterThan(2);
    expect(shots[0]?.from).toBe(plan && sceneStart(plan));
    for (const [index, shot] of shots.entries()) {
      expect(shot.from).toBe(shots[index - 1]?.to ?? 0);
      expect(shot.to - shot.from).toBeLessThan(10 * 25);
      expect(shot.visible).toEqual([0]);
      expect(cameraAt(shot, shot.from).zoom).not.toBe(cameraAt(shot, shot.to).zoom);
    }
  });

  test('blinks, looks about and uses both hands; who is silent keeps them down', async () => {
    const [plan] = await plansOf(`Anna: ${SPEECH.join(' ')}`);
    if (plan === undefined) return expect.unreachable();
    const poses = Array.from({ length: plan.frames }, (_, frame) => planMotion(plan).pose(0, frame));
    expect(poses.filter(({ blink }) => blink > 0.9).length).toBeGreaterThan(3);
    expect(new Set(poses.map(({ gazeX }) => gazeX.toFixed(1))).size).toBeGreaterThan(5);
    for (const hand of [0, 1] as const)
      expect(Math.max(...poses.map(({ hands }) => hands[hand].raise))).toBeGreaterThan(0.9);
    const silent = planMotion({ ...plan, turns: [] });
    expect(silent.pose(0, 100).hands).toEqual([
      { raise: 0, swing: 0 },
      { raise: 0, swing: 0 },
    ]);
  });
});

test('a long speech between two people is looked at from two sides', async () => {
  const [plan] = await plansOf(`Ben: Tell me.\nAnna: ${SPEECH.join(' ')}`);
  const during = plan?.shots.filter(({ from }) => from >= (plan.turns[1]?.from ?? 0) - 4) ?? [];
  expect(during.length).toBeGreaterThan(2);
  expect(new Set(during.map(({ visible }) => visible.length))).toEqual(new Set([1, 2]));
});

describe('a narrator', () => {
  test('is seen where nobody else speaks, and moves the lips', async () => {
    const [plan] = await plansOf('Once there was a fox. It slept.');
    expect(plan?.figures).toHaveLength(1);
    expect(plan?.turns[0]?.figure).toBe(0);
  });

  test('is only heard where others are seen', async () => {
    const [plan] = await plansOf('Once there was a fox.\n\nFox: Good morning.');
    expect(plan?.figures.map(({ name }) => name)).toEqual(['Fox']);
    expect(plan?.turns.map(({ figure }) => figure)).toEqual([null, 0]);
  });

  test('may be somebody else by the script’s head', async () => {
    const film = planFilm(
      parseScript('Cast: Narrator (female, 60)\n\nOnce there was a fox.'),
      null,
      'en',
      [],
    );
    expect(film.narrator).toMatchObject({ name: 'Narrator', voice: { name: 'slt' }, look: { age: 'old' } });
  });
});

/** Key points as `text|caption|share`, by board. */
function boardsOf(plan: ClipPlan | undefined): string[][] {
  return (plan?.boards ?? []).map(({ points }) =>
    points.map(({ text, caption, share }) => `${text}|${caption}${share === undefined ? '' : `|${share}`}`),
  );
}

describe('figures and key words are drawn as they are said', () => {
  test.each([
    ['A hive holds about 50,000 bees.', '50,000|bees'],
    ['Honey is only 18% water.', '18%|water|0.18'],
    ['About 75 percent of our crops need bees.', '75%|crops|0.75'],
    ['To make 1 kg of honey takes weeks.', '1 kg|honey'],
    ['Revenue grew to $3.2 million.', '$3.2 million|'],
    ['It began in 1969.', '1969|'],
    ['A forager visits the flowers.', 'Forager|'],
  ])('%s', async (script, point) => {
    const [plan] = await plansOf(script);
    expect(boardsOf(plan)).toEqual([[point]]);
  });

  test('in Korean too', async () => {
    const [plan] = await plansOf('벌집에는 50,000마리의 벌이 삽니다. 꿀은 18%만 물입니다.', 'ko');
    expect(
      boardsOf(plan)
        .flat()
        .map((point) => point.split('|')[0]),
    ).toEqual(['50,000마리', '18%']);
  });

  test('at the frame of their word, three at a time, each once', async () => {
    const [plan] = await plansOf(
      'We have 1 cat, yes. We have 2 dogs. We have 3 cows. We have 4 hens. We have 4 hens.',
    );
    expect(boardsOf(plan).map((points) => points.length)).toEqual([3, 1]);
    const [first, second] = plan?.boards ?? [];
    const froms = [...(first?.points ?? []), ...(second?.points ?? [])].map(({ from }) => from);
    expect(froms).toEqual(froms.toSorted((a, b) => a - b));
    expect(first?.to).toBe(second?.points[0]?.from);
    expect(froms[0]).toBeGreaterThan(plan?.turns[0]?.from ?? Number.POSITIVE_INFINITY);
  });

  test('and not where others speak', async () => {
    const [plan] = await plansOf('Anna: We have 50,000 bees.');
    expect(plan?.boards).toEqual([]);
  });
});
