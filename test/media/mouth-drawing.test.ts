/** Mouths are laid over pictures that are held for two frames: no frame is without a mouth, and none has two. */
import { expect, test } from 'vitest';
import { castSpeaker, loadCast } from '../../media/cast.ts';
import { type ClipPlan, pictureFrame } from '../../media/clip-plan.ts';
import { planMotion } from '../../media/drawing/pose.ts';
import { planBoxes } from '../../media/mouth-drawing.ts';
import { planHead } from '../../media/talking-head/head-clip.ts';
import { range } from '../setup/harness.ts';

const FRAMES = 101;

/** Two who speak in turn, one of them also while the other alone is seen; nothing begins or ends with a picture. */
async function planDialogue(): Promise<ClipPlan> {
  const cast = await loadCast(undefined);
  const [mira, theo] = ['Mira', 'Theo'].map((name) => planHead(castSpeaker(name, cast), FRAMES, []));
  const figures = [mira, theo].flatMap((plan) => plan?.figures ?? []);
  const phonemes = [{ symbol: 'aa', startSeconds: 0, endSeconds: 4 }];
  const camera = { x: 640, y: 360, zoom: 1 };
  return {
    ...(mira as ClipPlan),
    figures,
    shots: [
      { from: 0, to: 33, camera, visible: [0, 1] },
      { from: 33, to: FRAMES, camera: { ...camera, zoom: 1.4 }, visible: [1] },
    ],
    turns: [
      { from: 5, to: 20, figure: 0, phonemes },
      { from: 20, to: 27, figure: 1, phonemes },
      { from: 29, to: 41, figure: 0, phonemes },
      { from: 41, to: FRAMES, figure: 1, phonemes },
    ],
  };
}

test('a mouth is laid over exactly the frames whose picture leaves it out', async () => {
  const plan = await planDialogue();
  const motion = planMotion(plan);
  const boxes = planBoxes(plan, motion);
  for (const frame of range(0, FRAMES - 1)) {
    const picture = pictureFrame(frame);
    const shot = plan.shots.find(({ to }) => picture < to);
    const leftOut = shot?.visible.filter((figure) => motion.speakingTurn(figure, picture) >= 0);
    const laid = boxes.filter(({ from, to }) => frame >= from && frame < to).map(({ figure }) => figure);
    expect([frame, laid]).toEqual([frame, leftOut]);
  }
});
