/** Draws the title card, the end card and the headings of scenes. */
import type { Canvas } from '@napi-rs/canvas';
import {
  type ClipPlan,
  type EndCard,
  FRAMES_PER_SECOND,
  FRAME_HEIGHT_PX as H,
  type TitleCard,
  FRAME_WIDTH_PX as W,
} from '../clip-plan.ts';
import { REST_MOUTH } from '../mouth-shape.ts';
import { hashText } from '../random.ts';
import { paintBackdrop } from './backdrop.ts';
import { type Brush, drawLayer, ease, fillEllipse, fillRect, verticalGradient } from './canvas.ts';
import { darken, mix } from './colour.ts';
import { drawFigure } from './figure.ts';
import { fontOf } from './fonts.ts';
import type { Pose } from './pose.ts';
import { wrapText } from './text-layout.ts';

const WIDE = { x: W / 2, y: H / 2, zoom: 1 };

/** The place, darkened so that words can be read on it. */
function paintGround(brush: Brush, plan: ClipPlan): void {
  brush.drawImage(paintBackdrop(plan.backdrop, plan.seed, WIDE), 0, 0);
  brush.fillStyle = verticalGradient(brush, 0, H, [
    [0, 'rgba(16,10,34,0.46)'],
    [1, 'rgba(16,10,34,0.66)'],
  ]);
  brush.fillRect(0, 0, W, H);
}

/** Paints the card after the last scene. */
export function paintEndCard(plan: ClipPlan, card: EndCard): Canvas {
  return drawLayer((brush) => {
    paintGround(brush, plan);
    // A name stays on one line.
    const names = card.cast.map((name) => name.replaceAll(' ', '\u00a0')).join(', ');
    brush.textAlign = 'center';
    brush.textBaseline = 'middle';
    brush.fillStyle = '#fff6e6';
    brush.font = fontOf(84);
    brush.fillText(card.text, W / 2, names === '' ? H / 2 : 290);
    fillRect(brush, '#ff9d6e', W / 2 - 60, names === '' ? H / 2 + 74 : 364, 120, 6, 3);
    brush.fillStyle = '#d8cdbd';
    brush.font = fontOf(28);
    const lines = wrapText(names, W * 0.72, (text) => brush.measureText(text).width);
    for (const [index, line] of lines.entries()) brush.fillText(line, W / 2, 430 + index * 44);
  });
}

/** Paints everything on a title card that does not move. */
export function paintTitleCard(plan: ClipPlan, card: TitleCard): Canvas {
  return drawLayer((brush) => {
    paintGround(brush, plan);
    const { sizePx, lines } = fitTitle(brush, card.title);
    const top = titleTop(card, lines.length * sizePx * 1.22);
    brush.font = fontOf(sizePx);
    brush.textAlign = 'center';
    brush.textBaseline = 'middle';
    for (const [index, line] of lines.entries()) {
      brush.fillStyle = '#fff6e6';
      brush.fillText(line, W / 2, top + (index + 0.5) * sizePx * 1.22);
    }
    for (const [index, member] of card.cast.entries()) paintMedallion(brush, card, member, index);
  });
}

function fitTitle(brush: Brush, title: string): { sizePx: number; lines: string[] } {
  for (const sizePx of [72, 60, 50, 42, 34, 28]) {
    brush.font = fontOf(sizePx);
    const lines = wrapText(title, W * 0.8, (text) => brush.measureText(text).width);
    if (lines.length <= (sizePx > 44 ? 2 : 3) || sizePx === 28) return { sizePx, lines: lines.slice(0, 5) };
  }
  return { sizePx: 28, lines: [title] };
}

function titleTop(card: TitleCard, heightPx: number): number {
  return (card.cast.length > 0 ? 246 : 340) - heightPx / 2;
}

const MEDALLION_Y = 468;
const MEDALLION_RADIUS = 76;

function paintMedallion(
  brush: Brush,
  card: TitleCard,
  member: TitleCard['cast'][number],
  index: number,
): void {
  const x = W / 2 + (index - (card.cast.length - 1) / 2) * 208;
  const { look, name } = member;
  brush.save();
  brush.beginPath();
  brush.arc(x, MEDALLION_Y, MEDALLION_RADIUS, 0, Math.PI * 2);
  brush.fillStyle = verticalGradient(brush, MEDALLION_Y - 80, MEDALLION_Y + 80, [
    [0, mix(look.accent, '#ffffff', 0.25)],
    [1, darken(look.accent, 0.35)],
  ]);
  brush.fill();
  brush.clip();
  const figure = { name, look, x, y: MEDALLION_Y - 4, scale: 0.46, seed: hashText(name) };
  const turn = card.cast.length === 1 ? 0 : Math.sign((card.cast.length - 1) / 2 - index) * 0.25;
  drawFigure(brush, figure, { ...STILL, turn }, true);
  brush.restore();
  brush.beginPath();
  brush.arc(x, MEDALLION_Y, MEDALLION_RADIUS, 0, Math.PI * 2);
  brush.strokeStyle = look.accent;
  brush.lineWidth = 5;
  brush.stroke();
  brush.fillStyle = '#fff6e6';
  brush.font = fontOf(24);
  brush.textAlign = 'center';
  brush.textBaseline = 'middle';
  brush.fillText(name, x, MEDALLION_Y + 108, 196);
}

const REST_HAND = { raise: 0, swing: 0 };
const STILL: Pose = {
  ...{ headX: 0, headY: 0, tilt: 0, turn: 0, breath: 0, blink: 0, gazeX: 0, gazeY: 0, brows: 0.2 },
  mouth: REST_MOUTH,
  smile: 0.9,
  hands: [REST_HAND, REST_HAND],
};

/** Draws the moving part of a title card: a bar below the title that fills, with a playhead at its end. */
export function drawTitleMotion(brush: Brush, card: TitleCard, frame: number): void {
  const y = card.cast.length > 0 ? 350 : 450;
  const share = ease(frame / (card.frames * 0.82));
  const width = 420;
  const x = W / 2 - width / 2;
  fillRect(brush, 'rgba(255,246,230,0.22)', x, y, width, 8, 4);
  fillRect(brush, '#ff9d6e', x, y, Math.max(8, width * share), 8, 4);
  fillEllipse(brush, 'rgba(255,157,110,0.35)', x + width * share, y + 4, 17, 17);
  fillEllipse(brush, '#fff6e6', x + width * share, y + 4, 9, 9);
}

const HEADING_SECONDS = 2.6;

/** Draws a scene's heading: a plate that slides in at the left and out again. */
export function drawHeading(brush: Brush, heading: string, framesIn: number): void {
  const seconds = framesIn / FRAMES_PER_SECOND;
  if (heading === '' || seconds > HEADING_SECONDS) return;
  const share = Math.min(ease((seconds - 0.25) / 0.45), ease((HEADING_SECONDS - seconds) / 0.4));
  if (share <= 0) return;
  brush.save();
  brush.font = fontOf(30);
  const text = wrapText(heading, 900, (part) => brush.measureText(part).width)[0] ?? '';
  const width = brush.measureText(text).width + 74;
  brush.globalAlpha = share;
  brush.translate(-60 * (1 - share), 0);
  fillRect(brush, 'rgba(20,12,40,0.78)', 48, 44, width, 60, 12);
  fillRect(brush, '#ff9d6e', 48, 44, 8, 60, 4);
  brush.fillStyle = '#fff6e6';
  brush.textBaseline = 'middle';
  brush.textAlign = 'left';
  brush.fillText(text, 82, 74);
  brush.restore();
}
