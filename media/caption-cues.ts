/** Captions from spoken lines: short pieces of one or two lines, each shown while it is said. */
import type { ClipCue } from './clip-plan.ts';
import { splitLong } from './sentence.ts';

/** Two lines of about 42 characters; wide scripts count double, see displayWidth. */
const CUE_LIMIT_WIDTH = 84;
const READING_WIDTH_PER_SECOND = 15;
const READING_MIN_SECONDS = 1.4;
const READING_MAX_SECONDS = 7;

/** A sentence with the time it takes. */
export interface TimedSentence {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Cuts sentences into cues; inside a sentence time is shared by width. Cues are in order and do not overlap. */
export function cutCues(sentences: readonly TimedSentence[], speaker: string, colour: string): ClipCue[] {
  return sentences.flatMap(({ text, startSeconds, endSeconds }) => {
    const pieces = balancedPieces(text);
    const total = pieces.reduce((sum, piece) => sum + displayWidth(piece), 0);
    const perWidth = (endSeconds - startSeconds) / Math.max(1, total);
    let at = startSeconds;
    return pieces.map((piece) => {
      const cue = {
        startSeconds: at,
        endSeconds: at + displayWidth(piece) * perWidth,
        speaker,
        colour,
        text: piece,
      };
      at = cue.endSeconds;
      return cue;
    });
  });
}

/** Joins neighbours that fit into one caption together, so that `Hi. Yes.` is one and not two. */
export function joinShort(sentences: readonly TimedSentence[]): TimedSentence[] {
  const joined: TimedSentence[] = [];
  for (const sentence of sentences) {
    const before = joined.at(-1);
    const text = before ? `${before.text} ${sentence.text}` : sentence.text;
    if (before && displayWidth(text) <= CUE_LIMIT_WIDTH) {
      joined[joined.length - 1] = {
        text,
        startSeconds: before.startSeconds,
        endSeconds: sentence.endSeconds,
      };
    } else joined.push(sentence);
  }
  return joined;
}

function balancedPieces(text: string): string[] {
  const width = displayWidth(text);
  const count = Math.ceil(width / CUE_LIMIT_WIDTH);
  if (count <= 1) return [text];
  const charsPerWidth = text.length / width;
  return splitLong(text, Math.max(12, Math.ceil((width / count + 6) * charsPerWidth)));
}

const WIDE_CHAR =
  /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Extended_Pictographic}]/u;

/** Width in columns: Korean, Chinese, Japanese and emoji take two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += WIDE_CHAR.test(char) ? 2 : 1;
  return width;
}

/** How long a text that nobody speaks is shown, in seconds: reading time within limits per piece. */
export function readingSeconds(text: string): number {
  const pieces = balancedPieces(text).length;
  const seconds = displayWidth(text) / READING_WIDTH_PER_SECOND;
  return Math.max(READING_MIN_SECONDS, Math.min(READING_MAX_SECONDS * pieces, seconds));
}
