/**
 * Lip sync: draws only the speaker's mouth, into a small picture with transparency, which the last pass lays over the clip. All
 * pictures have the same size, so that those of a film can be joined; a picture stays in place as long as the mouth is inside
 * it.
 */
import type { Writable } from 'node:stream';
import { createCanvas } from '@napi-rs/canvas';
import { applyCamera } from './clip-drawing.ts';
import {
  type ClipPlan,
  cameraAt,
  FRAME_HEIGHT_PX,
  FRAME_WIDTH_PX,
  FRAMES_PER_SECOND,
  HELD_FRAMES,
  type MouthPlace,
  pictureFrame,
  type Shot,
} from './clip-plan.ts';
import { drawMouthOnly, mouthPlace } from './drawing/figure.ts';
import { MOUTH_REACH_X, MOUTH_REACH_Y } from './drawing/mouth.ts';
import { type Motion, type Pose, planMotion } from './drawing/pose.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { rgbaInput } from './ffmpeg-input.ts';
import type { DrawPartInput, FrameRange, TaskContext } from './tasks.ts';
import { handOver, writeChunk } from './tool.ts';

/** The size of the pictures in px, with room for the largest mouth and the head's movements. */
export const MOUTH_WIDTH_PX = 320;
export const MOUTH_HEIGHT_PX = 256;

/** FFV1 keeps transparency and is lossless. */
export const MOUTH_VIDEO = [
  ...['-c:v', 'ffv1', '-level', '3', '-g', '1', '-pix_fmt', 'yuva420p'],
  ...['-r', String(FRAMES_PER_SECOND), '-f', 'matroska'],
] as const;

/** Someone's mouth is drawn in a box, over frames `from` (included) to `to` (excluded). */
interface MouthBox extends MouthPlace {
  readonly to: number;
  readonly figure: number;
  readonly shot: Shot;
}

/** Whether anyone is seen speaking in a clip. */
export function hasMouths(plan: ClipPlan): boolean {
  return plan.turns.some(({ figure }) => figure !== null);
}

/**
 * Draws the mouths of a clip, or of a part of it that begins with a new picture (pictureFrame), as a video with transparency;
 * progress counts frames.
 * @returns the places where they belong, by frame of the video, in order
 * @throws PlayheadError as runFfmpeg does
 */
export async function drawMouths(
  { plan, part = { from: 0, to: plan.frames }, tools, outputPath }: DrawPartInput,
  context: TaskContext,
): Promise<readonly MouthPlace[]> {
  const motion = planMotion(plan);
  const boxes = planBoxes(plan, motion, part);
  const canvas = createCanvas(MOUTH_WIDTH_PX, MOUTH_HEIGHT_PX);
  const brush = canvas.getContext('2d');
  const empty = new Uint8Array(MOUTH_WIDTH_PX * MOUTH_HEIGHT_PX * 4);
  const feed = async (stdin: Writable): Promise<void> => {
    for (let { from: frame } = part; frame < part.to; frame += 1) {
      const box = boxes.find(({ from, to }) => frame >= from && frame < to);
      const figure = box && plan.figures[box.figure];
      if (box && figure) {
        brush.clearRect(0, 0, MOUTH_WIDTH_PX, MOUTH_HEIGHT_PX);
        brush.save();
        brush.translate(-box.x, -box.y);
        applyCamera(brush, cameraAt(box.shot, pictureFrame(frame)));
        drawMouthOnly(brush, figure, poseAt(motion, box.figure, frame));
        brush.restore();
      }
      if (box)
        await handOver(
          stdin,
          new Uint8Array(brush.getImageData(0, 0, MOUTH_WIDTH_PX, MOUTH_HEIGHT_PX).data.buffer),
        );
      else await writeChunk(stdin, empty);
      context.onProgress(frame + 1 - part.from);
    }
  };
  await runFfmpeg(tools, {
    args: [
      ...rgbaInput(MOUTH_WIDTH_PX, MOUTH_HEIGHT_PX, 'pipe:0'),
      ...['-vf', 'scale=out_color_matrix=bt709', ...MOUTH_VIDEO, outputPath],
    ],
    signal: context.signal,
    guard: context.guard,
    feed,
  });
  return boxes.map(({ from, x, y }) => ({ from: from - part.from, x, y }));
}

/** Finds the boxes that hold every mouth of every turn in a part of the clip, allowing for movements of head and camera. */
export function planBoxes(
  plan: ClipPlan,
  motion: Motion,
  part: FrameRange = { from: 0, to: plan.frames },
): MouthBox[] {
  const stretches = plan.turns.flatMap(({ figure, from, to }) =>
    plan.shots
      .filter(({ visible }) => figure !== null && visible.includes(figure))
      .map((shot) => ({
        ...{ shot, figure: figure ?? 0 },
        // From the first picture that omits the mouth to the first that has it again.
        from: Math.max(nextPicture(Math.max(from, shot.from)), part.from),
        to: Math.min(nextPicture(Math.min(to, shot.to)), part.to),
      }))
      .filter((stretch) => stretch.from < stretch.to),
  );
  return stretches.flatMap((stretch) => placeBoxes(plan, motion, stretch));
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly figure: number;
  readonly shot: Shot;
}

/** One box, or several if the mouth moves too far. */
function placeBoxes(plan: ClipPlan, motion: Motion, stretch: Stretch): MouthBox[] {
  const area = areaOf(plan, motion, stretch);
  const fits = area.right - area.left <= MOUTH_WIDTH_PX - 2 && area.bottom - area.top <= MOUTH_HEIGHT_PX - 2;
  if (fits || stretch.to - stretch.from < 2) {
    const x = evenDown((area.left + area.right - MOUTH_WIDTH_PX) / 2);
    const y = evenDown((area.top + area.bottom - MOUTH_HEIGHT_PX) / 2);
    return [{ ...stretch, x, y }];
  }
  const middle = (stretch.from + stretch.to) >> 1;
  return [
    ...placeBoxes(plan, motion, { ...stretch, to: middle }),
    ...placeBoxes(plan, motion, { ...stretch, from: middle }),
  ];
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function areaOf(plan: ClipPlan, motion: Motion, part: Stretch): Area {
  const figure = plan.figures[part.figure];
  if (!figure) return { left: 0, top: 0, right: 2, bottom: 2 };
  const area = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let frame = part.from; frame < part.to; frame += 1) {
    const camera = cameraAt(part.shot, pictureFrame(frame));
    const reachX = MOUTH_REACH_X * figure.scale * camera.zoom;
    const reachY = MOUTH_REACH_Y * figure.scale * camera.zoom;
    const place = mouthPlace(figure, poseAt(motion, part.figure, frame));
    const x = (place.x - camera.x) * camera.zoom + FRAME_WIDTH_PX / 2;
    const y = (place.y - camera.y) * camera.zoom + FRAME_HEIGHT_PX / 2;
    area.left = Math.min(area.left, x - reachX);
    area.right = Math.max(area.right, x + reachX);
    area.top = Math.min(area.top, y - reachY);
    area.bottom = Math.max(area.bottom, y + reachY);
  }
  return area;
}

/** The pose of the displayed picture, with the mouth of the frame itself. */
function poseAt(motion: Motion, figure: number, frame: number): Pose {
  const { mouth } = motion.pose(figure, frame);
  return { ...motion.pose(figure, pictureFrame(frame)), mouth };
}

/** The first frame from this one on with a picture of its own. */
function nextPicture(frame: number): number {
  return Math.ceil(frame / HELD_FRAMES) * HELD_FRAMES;
}

function evenDown(value: number): number {
  return Math.floor(value / 2) * 2;
}
