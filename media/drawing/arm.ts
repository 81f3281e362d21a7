/** Draws a forearm and a hand raised in front of the body. Coordinates: px at scale 1 from the centre of the head. */
import type { Look } from '../character.ts';
import { type Brush, fillEllipse, strokeLine } from './canvas.ts';
import { darken, lighten } from './colour.ts';
import type { Gesture } from './pose.ts';

const SLEEVE_PX = 62;
/** A hand raised less than this is below the frame. */
const LEAST_RAISE = 0.04;

/** @param side -1 for the arm on the left of the picture, 1 for the right */
export function drawArm(brush: Brush, look: Look, side: -1 | 1, { raise, swing }: Gesture): void {
  if (raise < LEAST_RAISE) return;
  const { style, colour } = look.top;
  const elbow = { x: side * 196, y: 500 - raise * 30 };
  const wrist = { x: side * (168 - raise * 34 + swing * 16), y: 600 - raise * 262 + swing * 10 };
  const line = `M${elbow.x} ${elbow.y} L${wrist.x} ${wrist.y}`;
  const bare = style === 'tee';
  strokeLine(brush, darken(bare ? look.skin : colour, 0.42), SLEEVE_PX + 6, line);
  strokeLine(brush, bare ? look.skin : lighten(colour, 0.04), SLEEVE_PX, line);
  brush.save();
  brush.translate(wrist.x, wrist.y);
  brush.rotate(Math.atan2(wrist.y - elbow.y, wrist.x - elbow.x) + Math.PI / 2 + side * (0.1 - swing * 0.12));
  if (!bare) fillEllipse(brush, darken(colour, 0.18), 0, -14, SLEEVE_PX / 2 + 2, 17);
  drawHand(brush, look.skin, side);
  brush.restore();
}

const FINGERS: readonly (readonly [x: number, tipX: number, tipY: number])[] = [
  [-19, -27, -100],
  [-6, -9, -112],
  [7, 9, -109],
  [19, 26, -95],
];

/** An open hand that points up from the wrist. */
function drawHand(brush: Brush, skin: string, side: -1 | 1): void {
  const edge = darken(skin, 0.3);
  const thumb = `M${side * -20} -42 C${side * -36} -52 ${side * -46} -62 ${side * -48} -76`;
  const fingers = FINGERS.map(([x, tipX, tipY]) => `M${x} -58 L${tipX} ${tipY}`);
  for (const line of [...fingers, thumb]) strokeLine(brush, edge, 19, line);
  fillEllipse(brush, edge, 0, -46, 33, 37);
  for (const line of [...fingers, thumb]) strokeLine(brush, skin, 15, line);
  fillEllipse(brush, skin, 0, -46, 30.5, 34.5);
  fillEllipse(brush, lighten(skin, 0.18), 0, -48, 19, 21);
}
