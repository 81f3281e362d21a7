/** Lays the mouths over the clips of a film during its final encoding. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FRAMES_PER_SECOND, type MouthPlace } from './clip-plan.ts';
import { type FfmpegTools, runFfmpeg } from './ffmpeg.ts';
import { concatLine, rgbaInput } from './ffmpeg-input.ts';
import { MOUTH_HEIGHT_PX, MOUTH_VIDEO, MOUTH_WIDTH_PX } from './mouth-drawing.ts';

/** The mouths of one clip. */
export interface ClipMouths {
  /** Absolute path of the video with transparency; null: nobody is seen speaking. */
  readonly path: string | null;
  readonly places: readonly MouthPlace[];
  /** Frames of the clip. */
  readonly frames: number;
}

const BLANK_FILE = 'blank.mkv';

/**
 * Writes the list for ffmpeg's concat input: every clip's mouths, as long as the clip, blank where there are none.
 * @param scratch absolute path of a folder for temporary files
 * @returns the list's lines
 * @throws PlayheadError as runFfmpeg does
 */
export async function listMouths(
  tools: FfmpegTools,
  mouths: readonly ClipMouths[],
  { scratch, signal }: { readonly scratch: string; readonly signal: AbortSignal },
): Promise<string> {
  const blankPath = join(scratch, BLANK_FILE);
  if (mouths.some(({ path }) => path === null)) await makeBlank(tools, blankPath, signal);
  return mouths
    .map(
      ({ path, frames }) =>
        `${concatLine(path ?? blankPath)}duration ${(frames / FRAMES_PER_SECOND).toFixed(3)}\n`,
    )
    .join('');
}

/** Makes one fully transparent frame, which is shown until the next clip's mouths. */
async function makeBlank(tools: FfmpegTools, path: string, signal: AbortSignal): Promise<void> {
  await writeFile(`${path}.raw`, new Uint8Array(MOUTH_WIDTH_PX * MOUTH_HEIGHT_PX * 4));
  await runFfmpeg(tools, {
    signal,
    args: [...rgbaInput(MOUTH_WIDTH_PX, MOUTH_HEIGHT_PX, `${path}.raw`), ...MOUTH_VIDEO, path],
  });
}

/** The part of a filter graph that lays input 1 over input 0 as `[v]`; it contains only numbers. */
export function mouthFilter(mouths: readonly ClipMouths[]): string {
  let firstFrame = 0;
  const places = mouths.flatMap(({ places: own, frames }) => {
    const moved = own.map((place) => ({ ...place, from: place.from + firstFrame }));
    firstFrame += frames;
    return moved;
  });
  const at = `x='${stepsOf(places, 'x')}':y='${stepsOf(places, 'y')}'`;
  return `[0:v][1:v]overlay=${at}:eval=frame:eof_action=pass`;
}

/** An ffmpeg expression that is constant except for a step at each place, as a balanced tree; its n is the frame. */
function stepsOf(places: readonly MouthPlace[], axis: 'x' | 'y'): string {
  const [first] = places;
  if (first === undefined) return '0';
  if (places.length === 1) return String(first[axis]);
  const middle = places.length >> 1;
  const [left, right] = [places.slice(0, middle), places.slice(middle)];
  return `if(lt(n,${right[0]?.from ?? 0}),${stepsOf(left, axis)},${stepsOf(right, axis)})`;
}
