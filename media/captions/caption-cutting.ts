/** Cuts the words of a line into captions, in the way that breaks best and is easiest to read. */
import { FRAMES_PER_SECOND } from '../clip-plan.ts';
import {
  displayWidth,
  LINE_LIMIT_WIDTH,
  LINES_LIMIT,
  LONGEST_FRAMES,
  readingFrames,
  SENTENCES_LIMIT,
} from './caption-rules.ts';
import { breakCaption, breakCost } from './phrase.ts';
import type { SpokenWord } from './spoken-word.ts';

/** Words that are shown together. */
export interface CaptionPiece {
  readonly lines: readonly string[];
  readonly words: readonly SpokenWord[];
}

/** Costs, in the unit of `breakCost`. */
const EACH_CAPTION = 5;
const SECOND_TOO_FAST = 12;
const SECOND_TOO_LONG = 30;
/** Parts of two sentences side by side. */
const TORN_SENTENCE = 9;
/** A scrap of a sentence; costs less the wider it is. */
const SCRAP = 10;
const SCRAP_WIDTH = 28;
const INNER_BREAK_SHARE = 0.4;

interface Cut {
  readonly cost: number;
  readonly from: number;
  readonly piece: CaptionPiece | null;
}

/** Cuts in time linear in the number of words. @param words of one line, in order */
export function cutCaptions(words: readonly SpokenWord[]): CaptionPiece[] {
  const cuts: Cut[] = [{ cost: 0, from: 0, piece: null }];
  for (let to = 1; to <= words.length; to += 1) cuts.push(cheapestCut(words, to, cuts));
  const pieces: CaptionPiece[] = [];
  for (let at = words.length; at > 0; ) {
    const cut = cuts[at];
    if (cut?.piece) pieces.push(cut.piece);
    at = cut?.from ?? 0;
  }
  return pieces.reverse();
}

function cheapestCut(words: readonly SpokenWord[], to: number, cuts: readonly Cut[]): Cut {
  let best: Cut = { cost: Number.POSITIVE_INFINITY, from: to - 1, piece: null };
  let width = 0;
  for (let from = to - 1; from >= 0; from -= 1) {
    width += displayWidth(words[from]?.text ?? '');
    if (width > LINE_LIMIT_WIDTH * LINES_LIMIT) break;
    const piece = words.slice(from, to);
    const broken = breakCaption(piece);
    if (broken === null) continue;
    const sentences = (piece.at(-1)?.sentence ?? 0) - (piece[0]?.sentence ?? 0) + 1;
    if (sentences > SENTENCES_LIMIT) break;
    const cost =
      (cuts[from]?.cost ?? 0) +
      EACH_CAPTION +
      broken.cost * INNER_BREAK_SHARE +
      pieceCost(piece, words[from - 1], words[to]);
    if (cost < best.cost) best = { cost, from, piece: { lines: broken.lines, words: piece } };
  }
  return best;
}

/** @param before the word before the piece; `next` is the one after it */
function pieceCost(
  piece: readonly SpokenWord[],
  before: SpokenWord | undefined,
  next: SpokenWord | undefined,
): number {
  const [first, last] = [piece[0], piece.at(-1)];
  if (first === undefined || last === undefined) return 0;
  const width = displayWidth(piece.map(({ text }) => text).join(' '));
  const beginsInside = before?.sentence === first.sentence;
  const endsInside = next?.sentence === last.sentence;
  const seconds = (next?.startSeconds ?? last.endSeconds) - first.startSeconds;
  const tooFast = Math.max(0, readingFrames(width) / FRAMES_PER_SECOND - seconds);
  const tooLong = Math.max(0, last.endSeconds - first.startSeconds - LONGEST_FRAMES / FRAMES_PER_SECOND);
  const isTorn = first.sentence !== last.sentence && (beginsInside || endsInside);
  const scrap = beginsInside || endsInside ? Math.max(0, 1 - width / SCRAP_WIDTH) : 0;
  return (
    (endsInside ? breakCost(last, next) : 0) +
    tooFast * SECOND_TOO_FAST +
    tooLong * SECOND_TOO_LONG +
    (isTorn ? TORN_SENTENCE : 0) +
    scrap * SCRAP
  );
}
