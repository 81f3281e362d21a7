/** Draws key words and numbers beside the presenter, as they are said. */
import { type Board, FRAME_WIDTH_PX, type KeyPoint } from '../clip-plan.ts';
import { type Brush, ease, fillRect } from './canvas.ts';
import { fontOf } from './fonts.ts';
import { wrapText } from './text-layout.ts';

const ENTRY_FRAMES = 9;
const WIDTH_PX = 500;
const HEIGHT_PX = 124;
const PITCH_PX = 142;
/** Below the scene's heading. */
const TOP_PX = 122;
const MARGIN_PX = 64;
const PAPER = 'rgba(20,12,40,0.8)';
const INK = '#fff6e6';
const ACCENT = '#ff9d6e';
const QUIET = '#d8cdbd';

/** @param isLeft whether the board is on the left side of the frame */
export function drawBoard(brush: Brush, board: Board, frame: number, isLeft: boolean): void {
  const leaving = ease((board.to - frame) / ENTRY_FRAMES);
  const left = isLeft ? MARGIN_PX : FRAME_WIDTH_PX - MARGIN_PX - WIDTH_PX;
  const away = isLeft ? -1 : 1;
  for (const [index, point] of board.points.entries()) {
    const share = Math.min(leaving, ease((frame - point.from + 1) / ENTRY_FRAMES));
    if (share <= 0) continue;
    brush.save();
    brush.globalAlpha = share;
    brush.translate(left + away * 50 * (1 - share), TOP_PX + index * PITCH_PX);
    drawPoint(brush, point);
    brush.restore();
  }
}

function drawPoint(brush: Brush, point: KeyPoint): void {
  fillRect(brush, PAPER, 0, 0, WIDTH_PX, HEIGHT_PX, 16);
  fillRect(brush, ACCENT, 0, 18, 8, HEIGHT_PX - 36, 4);
  brush.textBaseline = 'middle';
  brush.textAlign = 'left';
  const left = point.share === undefined ? 36 : 132;
  if (point.share !== undefined) drawRing(brush, point.share);
  const room = WIDTH_PX - left - 28;
  brush.fillStyle = point.isFigure ? ACCENT : INK;
  if (!point.isFigure) return fillLines(brush, point.text, left, room);
  const middle = point.caption === '' ? HEIGHT_PX / 2 : 46;
  brush.font = fontOf(fitSize(brush, point.text, room, 60));
  brush.fillText(point.text, left, middle, room);
  brush.fillStyle = QUIET;
  brush.font = fontOf(fitSize(brush, point.caption, room, 28));
  brush.fillText(point.caption, left, 94, room);
}

function fillLines(brush: Brush, text: string, left: number, room: number): void {
  brush.font = fontOf(38);
  const lines = wrapText(text, room, (part) => brush.measureText(part).width).slice(0, 2);
  for (const [index, line] of lines.entries()) {
    brush.fillText(line, left, HEIGHT_PX / 2 + (index - (lines.length - 1) / 2) * 46, room);
  }
}

const SMALLEST_PX = 22;

function fitSize(brush: Brush, text: string, room: number, largestPx: number): number {
  brush.font = fontOf(largestPx);
  const width = brush.measureText(text).width;
  return width <= room ? largestPx : Math.max(SMALLEST_PX, Math.floor((largestPx * room) / width));
}

const RING = { x: 76, y: HEIGHT_PX / 2, radius: 38 };

function drawRing(brush: Brush, share: number): void {
  const { x, y, radius } = RING;
  brush.lineWidth = 14;
  brush.lineCap = 'butt';
  brush.strokeStyle = 'rgba(255,246,230,0.25)';
  brush.beginPath();
  brush.arc(x, y, radius, 0, Math.PI * 2);
  brush.stroke();
  brush.strokeStyle = ACCENT;
  brush.beginPath();
  brush.arc(x, y, radius, -Math.PI / 2, Math.PI * (2 * share - 0.5));
  brush.stroke();
}
