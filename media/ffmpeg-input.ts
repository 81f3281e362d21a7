/** The inputs that we give ffmpeg: pictures without a header, and lists of files. Pure. */
import { FRAMES_PER_SECOND } from './clip-plan.ts';

/**
 * Frames of RGBA bytes, row by row, as an input.
 * @param source `pipe:0`, or the path of a file
 * @param heldFrames how many frames of the film each picture is shown for
 */
export function rgbaInput(
  widthPx: number,
  heightPx: number,
  source: string,
  heldFrames = 1,
): readonly string[] {
  return [
    ...['-f', 'rawvideo', '-pixel_format', 'rgba', '-video_size', `${widthPx}x${heightPx}`],
    ...['-framerate', String(FRAMES_PER_SECOND / heldFrames), '-i', source],
  ];
}

/** A line of a list for the concat input; within its quotes, only the quote itself is special. */
export function concatLine(path: string): string {
  return `file '${path.replaceAll("'", "'\\''")}'\n`;
}
