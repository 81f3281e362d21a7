/**
 * Lip sync: draws only the mouth of who speaks, in a small box that is piped over the finished clip. One turn keeps the
 * box in one place; the box is as large as the largest turn needs, so that the stream has one size.
 */
import type { Writable } from 'node:stream';
import { createCanvas } from '@napi-rs/canvas';
import { applyCamera, INTERMEDIATE_VIDEO } from './clip-drawing.ts';
import { type ClipPlan, FRAME_HEIGHT_PX, FRAME_WIDTH_PX, FRAMES_PER_SECOND, type Shot } from './clip-plan.ts';
import { drawMouthOnly, mouthPlace } from './drawing/figure.ts';
import { MOUTH_REACH_X, MOUTH_REACH_Y } from './drawing/mouth.ts';
import { type Motion, planMotion } from './drawing/pose.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { writeChunk } from './tool.ts';
import type { DrawMouthsInput, FrameRange, TaskContext } from './worker-tasks.ts';

/** Someone's mouth is drawn in a box, over frames `from` (included) to `to` (excluded). */
interface MouthBox {
  readonly from: number;
  readonly to: number;
  readonly figure: number;
  readonly shot: Shot;
  /** Left upper corner, even (chroma is shared by 2x2 px). */
  readonly x: number;
  readonly y: number;
}

/** The boxes of a clip in order, with their one size in px (even). */
export interface MouthBoxes {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly MouthBox[];
}

/** Whether anyone is seen speaking in a clip. */
export function hasMouths(plan: ClipPlan): boolean {
  return plan.turns.some(({ figure }) => figure !== null);
}

/**
 * Draws the mouths over a clip and encodes it anew; progress counts frames.
 * @throws PlayheadError as runFfmpeg does
 */
export async function drawMouths(input: DrawMouthsInput, context: TaskContext): Promise<null> {
  const { plan, part = { from: 0, to: plan.frames }, tools, clipPath, outputPath } = input;
  const motion = planMotion(plan);
  const { width, height, boxes } = planBoxes(plan, motion, part);
  const canvas = createCanvas(width, height);
  const brush = canvas.getContext('2d');
  const empty = new Uint8Array(width * height * 4);
  const feed = async (stdin: Writable): Promise<void> => {
    for (let { from: frame } = part; frame < part.to; frame += 1) {
      const box = boxes.find(({ from, to }) => frame >= from && frame < to);
      const figure = box && plan.figures[box.figure];
      if (box && figure) {
        brush.clearRect(0, 0, width, height);
        brush.save();
        brush.translate(-box.x, -box.y);
        applyCamera(brush, box.shot.camera);
        drawMouthOnly(brush, figure, motion.pose(box.figure, frame));
        brush.restore();
      }
      const pixels = box ? brush.getImageData(0, 0, width, height).data : empty;
      await writeChunk(stdin, new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
      context.onProgress(frame + 1 - part.from);
    }
  };
  const mouths = '[1:v]scale=out_color_matrix=bt709,format=yuva420p[m]';
  const overlay = `${mouths};[0:v][m]overlay=x='${stepsOf(boxes, 'x', part.from)}':y='${stepsOf(boxes, 'y', part.from)}':eval=frame:shortest=1[v]`;
  await runFfmpeg(tools, {
    args: [
      ...['-i', clipPath],
      ...['-f', 'rawvideo', '-pixel_format', 'rgba', '-video_size', `${width}x${height}`],
      ...['-framerate', String(FRAMES_PER_SECOND), '-i', 'pipe:0'],
      ...['-filter_complex', overlay, '-map', '[v]', ...INTERMEDIATE_VIDEO, outputPath],
    ],
    signal: context.signal,
    onProcess: context.onProcess,
    feed,
  });
  return null;
}

/** An expression of ffmpeg's that is constant but for a step at the first frame of each box; its n is 0 at `firstFrame`. Numbers only. */
function stepsOf(boxes: readonly MouthBox[], axis: 'x' | 'y', firstFrame: number): string {
  let before = boxes[0]?.[axis] ?? 0;
  let expression = String(before);
  for (const box of boxes) {
    const change = box[axis] - before;
    if (change !== 0) expression += `+gte(n,${box.from - firstFrame})*(${change})`;
    before = box[axis];
  }
  return expression;
}

/** Finds the boxes that hold every mouth of every turn in a part of the clip, moving head and camera included. */
export function planBoxes(
  plan: ClipPlan,
  motion: Motion,
  part: FrameRange = { from: 0, to: plan.frames },
): MouthBoxes {
  const areas = plan.turns.flatMap((turn) =>
    plan.shots
      .filter((shot) => turn.figure !== null && shot.visible.includes(turn.figure))
      .map((shot) => ({
        shot,
        from: Math.max(turn.from, shot.from, part.from),
        to: Math.min(turn.to, shot.to, part.to),
        figure: turn.figure,
      }))
      .filter(({ from, to }) => from < to)
      .map((stretch) => ({ ...stretch, figure: stretch.figure ?? 0 }))
      .map((stretch) => ({ ...stretch, area: areaOf(plan, motion, stretch) })),
  );
  const width = evenUp(Math.max(2, ...areas.map(({ area }) => area.right - area.left + 2)));
  const height = evenUp(Math.max(2, ...areas.map(({ area }) => area.bottom - area.top + 2)));
  const boxes = areas.map(({ area, ...stretch }) => ({
    ...stretch,
    x: evenDown(area.left),
    y: evenDown(area.top),
  }));
  return { width, height, boxes };
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function areaOf(
  plan: ClipPlan,
  motion: Motion,
  part: { shot: Shot; from: number; to: number; figure: number },
): Area {
  const figure = plan.figures[part.figure];
  const { camera } = part.shot;
  if (!figure) return { left: 0, top: 0, right: 2, bottom: 2 };
  const reachX = MOUTH_REACH_X * figure.scale * camera.zoom;
  const reachY = MOUTH_REACH_Y * figure.scale * camera.zoom;
  const area = { left: FRAME_WIDTH_PX, top: FRAME_HEIGHT_PX, right: 0, bottom: 0 };
  for (let frame = part.from; frame < part.to; frame += 1) {
    const place = mouthPlace(figure, motion.pose(part.figure, frame));
    const x = (place.x - camera.x) * camera.zoom + FRAME_WIDTH_PX / 2;
    const y = (place.y - camera.y) * camera.zoom + FRAME_HEIGHT_PX / 2;
    area.left = Math.min(area.left, x - reachX);
    area.right = Math.max(area.right, x + reachX);
    area.top = Math.min(area.top, y - reachY);
    area.bottom = Math.max(area.bottom, y + reachY);
  }
  return area;
}

function evenUp(value: number): number {
  return Math.ceil(value / 2) * 2;
}

function evenDown(value: number): number {
  return Math.floor(value / 2) * 2;
}
