/** Draws a whole figure, or only its mouth, at its place in the frame. */
import type { StageFigure } from '../clip-plan.ts';
import { drawArm } from './arm.ts';
import type { Brush } from './canvas.ts';
import { drawBody } from './clothes.ts';
import { drawFace } from './face.ts';
import { drawHairBehind, drawHairInFront } from './hair.ts';
import { drawMouth, MOUTH_TURN_PX, MOUTH_Y } from './mouth.ts';
import type { Pose } from './pose.ts';

/** The head turns about the neck, this far below its centre. */
const PIVOT_Y = 96;

/** Draws a figure; its mouth is omitted if it is drawn over the clip later. */
export function drawFigure(brush: Brush, figure: StageFigure, pose: Pose, withMouth: boolean): void {
  const { look } = figure;
  brush.save();
  toFigure(brush, figure);
  brush.save();
  toHead(brush, pose);
  drawHairBehind(brush, look, pose.tilt * -160);
  brush.restore();
  brush.save();
  brush.translate(pose.headX * 0.35, pose.breath);
  drawBody(brush, look);
  drawArm(brush, look, -1, pose.hands[0]);
  drawArm(brush, look, 1, pose.hands[1]);
  brush.restore();
  toHead(brush, pose);
  drawFace(brush, look, pose);
  drawHairInFront(brush, look, pose.turn);
  if (withMouth) drawMouthOf(brush, figure, pose);
  brush.restore();
}

/** Draws a figure's mouth alone, exactly where drawFigure would. */
export function drawMouthOnly(brush: Brush, figure: StageFigure, pose: Pose): void {
  brush.save();
  toFigure(brush, figure);
  toHead(brush, pose);
  drawMouthOf(brush, figure, pose);
  brush.restore();
}

function toFigure(brush: Brush, figure: StageFigure): void {
  brush.translate(figure.x, figure.y);
  brush.scale(figure.scale, figure.scale);
}

function toHead(brush: Brush, pose: Pose): void {
  brush.translate(pose.headX, pose.headY + PIVOT_Y);
  brush.rotate(pose.tilt);
  brush.translate(0, -PIVOT_Y);
}

function drawMouthOf(brush: Brush, figure: StageFigure, pose: Pose): void {
  brush.translate(pose.turn * MOUTH_TURN_PX, MOUTH_Y + pose.mouth.open * 2);
  drawMouth(brush, figure.look, pose.mouth, pose.smile, pose.turn);
}

/** The centre of the mouth, in px of a frame without a camera. */
export function mouthPlace(figure: StageFigure, pose: Pose): { readonly x: number; readonly y: number } {
  const x = pose.turn * MOUTH_TURN_PX;
  const y = MOUTH_Y - PIVOT_Y;
  const turnedX = x * Math.cos(pose.tilt) - y * Math.sin(pose.tilt);
  const turnedY = x * Math.sin(pose.tilt) + y * Math.cos(pose.tilt);
  return {
    x: figure.x + figure.scale * (pose.headX + turnedX),
    y: figure.y + figure.scale * (pose.headY + PIVOT_Y + turnedY),
  };
}
