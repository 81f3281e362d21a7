/** Draws a mouth, in px of the head, with the centre of the mouth at (0, 0). */
import { Path2D } from '@napi-rs/canvas';
import type { Look } from '../character.ts';
import type { MouthShape } from '../mouth-shape.ts';
import { type Brush, fillEllipse, fillOutline, strokeLine } from './canvas.ts';
import { darken, fade, mix } from './colour.ts';

/** The place of the mouth in a face that looks straight ahead, from the centre of the head. */
export const MOUTH_Y = 61;
/** How far the mouth moves sideways when the face turns fully. */
export const MOUTH_TURN_PX = 19;
/** Half the space that any mouth takes up. */
export const MOUTH_REACH_X = 48;
export const MOUTH_REACH_Y = 44;

/** The colour of the lips for a look. */
function lipColour(look: Look): string {
  return mix(look.skin, look.lipstick ? '#b3263f' : '#a4453f', look.lipstick ? 0.72 : 0.45);
}

/**
 * Draws one mouth.
 * @param smile 0..1 lifts the corners
 * @param turn -1..1, narrows the far side
 */
export function drawMouth(brush: Brush, look: Look, shape: MouthShape, smile: number, turn: number): void {
  const half = 25 + shape.wide * 9 - shape.open * 3.5;
  const left = -half * (1 + Math.min(0, turn) * -0.1 - Math.max(0, turn) * 0.02);
  const right = half * (1 + Math.max(0, turn) * 0.1 + Math.min(0, turn) * 0.02);
  const gap = shape.open * 27;
  const corner = -smile * 6.5 * (1 - shape.open * 0.5) + shape.open * 3;
  const top = -gap * 0.26 - Math.max(0, -shape.wide) * 1.5;
  const bottom = gap * 0.86 - shape.tuck * 4;
  const lips = lipColour(look);
  if (gap < 2.2 && shape.tuck < 0.3) drawClosed(brush, lips, left, right, corner, shape.wide, look.lipstick);
  else drawOpen(brush, lips, shape, { left, right, corner, top, bottom }, look.lipstick);
}

function drawClosed(
  brush: Brush,
  lips: string,
  left: number,
  right: number,
  corner: number,
  wide: number,
  lipstick: boolean,
): void {
  const sag = 4.6 + wide * 1.2;
  if (lipstick) {
    fillOutline(
      brush,
      lips,
      `M${left + 5} ${corner * 0.7} C${left * 0.5} -5.5 -5 -6.5 0 -3.6 C5 -6.5 ${right * 0.5} -5.5 ${right - 5} ${corner * 0.7} C${right * 0.5} ${sag + 9} ${left * 0.5} ${sag + 9} ${left + 5} ${corner * 0.7}`,
    );
  } else fillEllipse(brush, fade(darken(lips, 0.25), 0.22), 0, sag + 9, half(left, right) * 0.42, 2.4);
  strokeLine(
    brush,
    darken(lips, 0.45),
    3.6,
    `M${left} ${corner} C${left * 0.45} ${sag} ${right * 0.45} ${sag} ${right} ${corner}`,
  );
}

function half(left: number, right: number): number {
  return (right - left) / 2;
}

interface Outline {
  readonly left: number;
  readonly right: number;
  readonly corner: number;
  readonly top: number;
  readonly bottom: number;
}

function drawOpen(brush: Brush, lips: string, shape: MouthShape, outline: Outline, lipstick: boolean): void {
  const { left, right, corner, top, bottom } = outline;
  const lower = bottom * 1.25 + 1;
  const inside = new Path2D(
    `M${left} ${corner} C${left * 0.7} ${top - 3} ${left * 0.32} ${top - 3} 0 ${top - 1} C${right * 0.32} ${top - 3} ${right * 0.7} ${top - 3} ${right} ${corner} C${right * 0.82} ${lower} ${right * 0.4} ${bottom + 2} 0 ${bottom + 2} C${left * 0.4} ${bottom + 2} ${left * 0.82} ${lower} ${left} ${corner}`,
  );
  brush.strokeStyle = lipstick ? lips : darken(lips, 0.12);
  brush.lineJoin = 'round';
  brush.lineWidth = lipstick ? 9 : 6.5;
  brush.stroke(inside);
  brush.save();
  brush.clip(inside);
  const depth = brush.createLinearGradient(0, top - 4, 0, bottom + 6);
  depth.addColorStop(0, '#3a0f1c');
  depth.addColorStop(1, '#7a2433');
  brush.fillStyle = depth;
  brush.fillRect(left - 10, top - 10, right - left + 20, bottom - top + 40);
  drawInside(brush, shape, outline);
  brush.restore();
  if (shape.tuck > 0.3) drawTuckedLip(brush, lips, outline);
}

function drawInside(brush: Brush, shape: MouthShape, { left, right, top, bottom }: Outline): void {
  const room = Math.max(3, bottom - top);
  const tongueLift = shape.tongue > 0.6 ? (shape.tongue - 0.6) * room * 0.9 : 0;
  const tongueY = bottom + room * 0.34 - shape.tongue * room * 0.3 - tongueLift;
  fillEllipse(brush, '#cf5f6b', 0, tongueY, half(left, right) * 0.62, room * 0.44);
  fillEllipse(
    brush,
    'rgba(255,190,190,0.25)',
    0,
    tongueY - room * 0.16,
    half(left, right) * 0.3,
    room * 0.13,
  );
  if (shape.teeth < 0.12) return;
  const teethHeight = Math.min(room * 0.62, 3.2 + shape.teeth * 5.5);
  brush.fillStyle = '#fbf6ee';
  brush.beginPath();
  brush.roundRect(left * 0.8, top - 6, (right - left) * 0.8, teethHeight + 5, 4.5);
  brush.fill();
  fillEllipse(brush, 'rgba(60,20,30,0.16)', 0, top - 3, half(left, right), 3);
}

function drawTuckedLip(brush: Brush, lips: string, { left, right, bottom }: Outline): void {
  strokeLine(
    brush,
    lips,
    6.5,
    `M${left * 0.66} ${bottom + 1} C${left * 0.3} ${bottom + 4} ${right * 0.3} ${bottom + 4} ${right * 0.66} ${bottom + 1}`,
  );
}
