/** Times captions in frames, and finds how long a voice must wait until they can be read; see the rules in caption-rules.ts. */
import { FRAMES_PER_SECOND } from '../clip-plan.ts';
import type { CaptionPiece } from './caption-cutting.ts';
import {
  CHAIN_FRAMES,
  displayWidth,
  GAP_FRAMES,
  LAG_LIMIT_FRAMES,
  LONGEST_FRAMES,
  readingFrames,
} from './caption-rules.ts';

/** A caption from frame `from` (included) to `to` (excluded). */
export interface TimedCaption {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/** A line's captions, in frames from its start, with the waits that its voice makes for them. */
export interface CaptionTimes {
  readonly captions: readonly TimedCaption[];
  /** For each pause, how many frames longer it becomes. */
  readonly waits: readonly number[];
  /** Frames until the last caption has been read. */
  readonly frames: number;
}

/**
 * Times the captions of a line.
 * @param pauses seconds at which the voice may wait, in order; the first is the line's start
 */
export function timeCaptions(pieces: readonly CaptionPiece[], pauses: readonly number[]): CaptionTimes {
  const waits = pauses.map(() => 0);
  const captions: { from: number; to: number; lines: readonly string[] }[] = [];
  let delay = 0;
  /** The first frame by which the previous caption has been read. */
  let free = 0;
  for (const [index, { lines, words }] of pieces.entries()) {
    const [first, last] = [words[0], words.at(-1)];
    if (first === undefined || last === undefined) continue;
    let heard = delay + Math.floor(first.startSeconds * FRAMES_PER_SECOND + ROUNDING);
    const pause = pauseBefore(pauses, first.startSeconds);
    if (free > heard && pause > pauseBefore(pauses, pieces[index - 1]?.words.at(-1)?.startSeconds)) {
      waits[pause] = free - heard;
      delay += free - heard;
      heard = free;
    }
    const from = Math.max(heard, Math.min(free, heard + LAG_LIMIT_FRAMES));
    const spoken = delay + Math.ceil(last.endSeconds * FRAMES_PER_SECOND - ROUNDING);
    const read = from + readingFrames(displayWidth(lines.join(' ')));
    captions.push({ from, to: Math.min(from + LONGEST_FRAMES, Math.max(spoken, read)), lines });
    free = read + GAP_FRAMES;
  }
  return { captions: closeGaps(captions), waits, frames: captions.at(-1)?.to ?? 0 };
}

/** Index of the last pause at or before a time; -1: none. */
function pauseBefore(pauses: readonly number[], seconds: number | undefined): number {
  return seconds === undefined ? -1 : pauses.findLastIndex((pause) => pause <= seconds + ROUNDING);
}

/** In floating point, times on a frame boundary may not come out as a whole number of frames. */
const ROUNDING = 1e-6;

/** Leaves two frames between adjacent captions, and closes pauses that would only flicker. */
export function closeGaps<Caption extends TimedCaption>(captions: readonly Caption[]): Caption[] {
  return captions.map((caption, index) => {
    const next = captions[index + 1];
    if (next === undefined || next.from - caption.to >= CHAIN_FRAMES) return caption;
    return { ...caption, to: Math.min(next.from - GAP_FRAMES, caption.from + LONGEST_FRAMES) };
  });
}
