/** Basic canvas operations that all drawings share. Coordinates in px of the current transform. */
import { type Canvas, createCanvas, Path2D, type SKRSContext2D } from '@napi-rs/canvas';
import { FRAME_HEIGHT_PX, FRAME_WIDTH_PX } from '../clip-plan.ts';

export type Brush = SKRSContext2D;
type Paint = string | ReturnType<Brush['createLinearGradient']>;

/** A layer of the frame's size, drawn once and kept. */
export function drawLayer(paint: (brush: Brush) => void): Canvas {
  const layer = createCanvas(FRAME_WIDTH_PX, FRAME_HEIGHT_PX);
  paint(layer.getContext('2d'));
  return layer;
}

export function fillEllipse(
  brush: Brush,
  paint: Paint,
  x: number,
  y: number,
  rx: number,
  ry: number,
  turn = 0,
): void {
  brush.fillStyle = paint;
  brush.beginPath();
  brush.ellipse(x, y, rx, ry, turn, 0, Math.PI * 2);
  brush.fill();
}

export function fillRect(
  brush: Brush,
  paint: Paint,
  x: number,
  y: number,
  w: number,
  h: number,
  radius = 0,
): void {
  brush.fillStyle = paint;
  brush.beginPath();
  brush.roundRect(x, y, w, h, radius);
  brush.fill();
}

/** Fills an outline, written as an SVG path. */
export function fillOutline(brush: Brush, paint: Paint, outline: string): void {
  brush.fillStyle = paint;
  brush.fill(new Path2D(outline));
}

/** Strokes a line, written as an SVG path, with round ends. */
export function strokeLine(brush: Brush, colour: string, widthPx: number, line: string): void {
  brush.lineCap = 'round';
  brush.lineJoin = 'round';
  brush.strokeStyle = colour;
  brush.lineWidth = widthPx;
  brush.stroke(new Path2D(line));
}

/** A vertical gradient from stops [place 0..1, colour]. */
export function verticalGradient(
  brush: Brush,
  top: number,
  bottom: number,
  stops: readonly (readonly [number, string])[],
): Paint {
  const gradient = brush.createLinearGradient(0, top, 0, bottom);
  for (const [place, colour] of stops) gradient.addColorStop(place, colour);
  return gradient;
}

/** A soft round light or shade that fades to nothing at its edge. */
export function glow(brush: Brush, inner: string, outer: string, x: number, y: number, radius: number): void {
  const gradient = brush.createRadialGradient(x, y, 0, x, y, radius);
  gradient.addColorStop(0, inner);
  gradient.addColorStop(1, outer);
  brush.fillStyle = gradient;
  brush.fillRect(x - radius, y - radius, radius * 2, radius * 2);
}

/** 0..1 eased at both ends; values outside are clipped. */
export function ease(value: number): number {
  const clipped = Math.max(0, Math.min(1, value));
  return clipped * clipped * (3 - 2 * clipped);
}
