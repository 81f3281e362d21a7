/** Draws a clip, frame by frame, directly into an encoder. Runs in a media process. */
import type { Writable } from 'node:stream';
import { type Canvas, createCanvas } from '@napi-rs/canvas';
import {
  type Camera,
  type ClipPlan,
  cameraAt,
  FRAMES_PER_SECOND,
  FRAME_HEIGHT_PX as H,
  HELD_FRAMES,
  type Shot,
  sceneEnd,
  sceneStart,
  FRAME_WIDTH_PX as W,
} from './clip-plan.ts';
import { drawMotes, paintBackdrop } from './drawing/backdrop.ts';
import { drawBoard } from './drawing/board.ts';
import { type Brush, ease } from './drawing/canvas.ts';
import { drawFigure } from './drawing/figure.ts';
import { registerFonts } from './drawing/font-registration.ts';
import { type Motion, planMotion } from './drawing/pose.ts';
import { drawHeading, drawTitleMotion, paintEndCard, paintTitleCard } from './drawing/title-card.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { rgbaInput } from './ffmpeg-input.ts';
import type { DrawClipInput, TaskContext } from './tasks.ts';
import { handOver } from './tool.ts';

/**
 * Intermediate clips: MPEG-4 part 2 at its finest quantiser. It takes 4.4 ms a frame, where x264 needs 8 ms for the same
 * similarity (SSIM 0.995; measured on a 720p clip of ours), and the final encoding loses nothing visible.
 */
export const INTERMEDIATE_VIDEO = [
  ...['-c:v', 'mpeg4', '-q:v', '2', '-g', '125', '-pix_fmt', 'yuv420p'],
  ...['-r', String(FRAMES_PER_SECOND)],
] as const;

/** How long scenes take to fade in from dark and out to dark. */
const FADE_FRAMES = 9;

/**
 * Draws the plan, or a part of it, into a video file: on twos, or every frame if mouths are drawn too. Progress counts frames.
 * @throws PlayheadError as runFfmpeg does
 */
export async function drawClip(
  { plan, part = { from: 0, to: plan.frames }, withMouths, tools, outputPath }: DrawClipInput,
  context: TaskContext,
): Promise<null> {
  registerFonts();
  const painter = new ClipPainter(plan);
  const held = withMouths ? 1 : HELD_FRAMES;
  const feed = async (stdin: Writable): Promise<void> => {
    for (let { from: frame } = part; frame < part.to; frame += held) {
      await handOver(stdin, painter.paint(frame, withMouths));
      context.onProgress(Math.min(frame + held, part.to) - part.from);
    }
  };
  await runFfmpeg(tools, {
    args: [
      ...rgbaInput(W, H, 'pipe:0', held),
      // Unlike -r alone, the filter holds the last picture as long as the others.
      ...['-vf', `scale=out_color_matrix=bt709,fps=${FRAMES_PER_SECOND}`, ...INTERMEDIATE_VIDEO],
      ...['-frames:v', String(part.to - part.from)],
      outputPath,
    ],
    signal: context.signal,
    guard: context.guard,
    feed,
  });
  return null;
}

/** Paints the frames of one plan; static layers are painted once and kept while their shot lasts. */
export class ClipPainter {
  readonly #plan: ClipPlan;
  readonly #motion: Motion;
  readonly #canvas = createCanvas(W, H);
  readonly #brush: Brush = this.#canvas.getContext('2d');
  #still: { of: Shot | 'title' | 'end'; layer: Canvas } | undefined;

  constructor(plan: ClipPlan) {
    this.#plan = plan;
    this.#motion = planMotion(plan);
  }

  /** @returns RGBA bytes, row by row, opaque */
  paint(frame: number, withMouths: boolean): Uint8Array {
    this.#paintFrame(frame, withMouths);
    return this.#canvas.data();
  }

  /** A frame with the speaker's mouth; the canvas belongs to the painter. */
  still(frame: number): Canvas {
    this.#paintFrame(frame, true);
    return this.#canvas;
  }

  #paintFrame(frame: number, withMouths: boolean): void {
    const { titleCard, endCard, heading, opensBright, endsBright, frames } = this.#plan;
    const start = sceneStart(this.#plan);
    const end = sceneEnd(this.#plan);
    if (titleCard && frame < start) {
      this.#paintCard('title', () => paintTitleCard(this.#plan, titleCard));
      drawTitleMotion(this.#brush, titleCard, frame);
      this.#darken(fadeAt(frame, opensBright === true ? -Infinity : 0, start));
    } else if (endCard && frame >= end) {
      this.#paintCard('end', () => paintEndCard(this.#plan, endCard));
      this.#darken(fadeAt(frame, end, frames));
    } else {
      this.#paintScene(frame, withMouths);
      drawHeading(this.#brush, heading, frame - start);
      const from = opensBright === true && titleCard === null ? -Infinity : start;
      this.#darken(fadeAt(frame, from, endsBright === true ? Infinity : end));
    }
  }

  #paintCard(of: 'title' | 'end', paint: () => Canvas): void {
    this.#brush.drawImage(this.#stillLayer(of, paint), 0, 0);
  }

  #paintScene(frame: number, withMouths: boolean): void {
    const { backdrop, seed, shots, figures } = this.#plan;
    const shot = shots.find(({ to }) => frame < to) ?? shots.at(-1);
    if (!shot) return;
    const layer = this.#stillLayer(shot, () => paintBackdrop(backdrop, seed, shot.camera));
    this.#brush.drawImage(layer, 0, 0);
    this.#brush.save();
    applyCamera(this.#brush, cameraAt(shot, frame));
    drawMotes(this.#brush, backdrop, seed, frame / FRAMES_PER_SECOND);
    for (const index of shot.visible) {
      const figure = figures[index];
      if (!figure) continue;
      const isSilent = this.#motion.speakingTurn(index, frame) < 0;
      drawFigure(this.#brush, figure, this.#motion.pose(index, frame), isSilent || withMouths);
    }
    this.#brush.restore();
    const board = this.#plan.boards?.find(({ to }) => frame < to);
    if (board) drawBoard(this.#brush, board, frame, (figures[0]?.x ?? 0) > W / 2);
  }

  #stillLayer(of: Shot | 'title' | 'end', paint: () => Canvas) {
    if (this.#still?.of !== of) this.#still = { of, layer: paint() };
    return this.#still.layer;
  }

  #darken(opacity: number): void {
    if (opacity <= 0) return;
    this.#brush.fillStyle = `rgba(14,9,26,${opacity.toFixed(3)})`;
    this.#brush.fillRect(0, 0, W, H);
  }
}

/** How dark a frame between two cuts is, 0..1. @param from -Infinity: no cut before it; similarly for `to` */
function fadeAt(frame: number, from: number, to: number): number {
  const opening = 1 - ease((frame - from + 1) / FADE_FRAMES);
  const closing = 1 - ease((to - frame) / FADE_FRAMES);
  return Math.max(opening, closing);
}

/** Sets the canvas up so that drawing in frame px shows what the camera sees. */
export function applyCamera(brush: Brush, camera: Camera): void {
  brush.translate(W / 2, H / 2);
  brush.scale(camera.zoom, camera.zoom);
  brush.translate(-camera.x, -camera.y);
}
