/** What ffmpeg reads of ours: pictures without a header, and lists of files. Pure. */
import { FRAMES_PER_SECOND } from './clip-plan.ts';

/**
 * Frames of RGBA bytes, row by row, as an input.
 * @param source `pipe:0`, or the path of a file
 * @param heldFrames for how many frames of the film each of them is seen
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

/** A line of a list for the concat input; in its quotes only the quote itself is special. */
export function concatLine(path: string): string {
  return `file '${path.replaceAll("'", "'\\''")}'\n`;
}
