/**
 * The rules that captions follow, based on Netflix's Timed Text Style Guide (general requirements and English,
 * https://partnerhelp.netflixstudios.com/hc/en-us/articles/215758617) and the BBC's Subtitle Guidelines
 * (https://www.bbc.co.uk/accessibility/forproducts/guides/subtitles):
 *
 * - at most two lines of 42 characters, broken between phrases;
 * - on screen for 0.83 to 7 s, at most 17 characters a second, with two frames between two captions;
 * - no more than two sentences at once, and one speaker;
 * - shown from the frame in which its first word is heard.
 *
 * If speech is too fast or too short for that, the rules give way in this order:
 * 1. the words are cut elsewhere, or two sentences share a caption;
 * 2. the caption stays in the silence that follows;
 * 3. the voice waits for it: the pause before the next speaker, sentence or clause becomes longer;
 * 4. if the voice makes no pause, the next caption comes late, by at most LAG_LIMIT_FRAMES;
 * 5. only then is it shown at more than 17 characters a second.
 * The caption of a word that takes more than 7 s to say disappears before its sound has ended.
 */
import { FRAMES_PER_SECOND } from '../clip-plan.ts';

export const LINE_LIMIT_WIDTH = 42;
export const LINES_LIMIT = 2;
export const SENTENCES_LIMIT = 2;
/** 0.84 s: the first whole number of frames that is not below 5/6 s. */
export const SHORTEST_FRAMES = 21;
export const LONGEST_FRAMES = 7 * FRAMES_PER_SECOND;
export const GAP_FRAMES = 2;
/** A pause below half a second is closed up to the gap, so that nothing flickers. */
export const CHAIN_FRAMES = 12;
export const LAG_LIMIT_FRAMES = 25;
const READING_WIDTH_PER_SECOND = 17;

/** Unspoken text is read more slowly, without a voice to guide the eye. */
const SILENT_WIDTH_PER_SECOND = 15;
const SILENT_MIN_SECONDS = 1.4;

const WIDE_CHAR =
  /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Extended_Pictographic}\u3000-\u303f\uff01-\uff60]/u;
const NO_WIDTH = /[\p{M}\p{Cf}]/u;

/** Width in columns: Korean, Chinese, Japanese and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += WIDE_CHAR.test(char) ? 2 : NO_WIDTH.test(char) ? 0 : 1;
  return width;
}

/** How many frames it takes to read a text of this width, within the limits. */
export function readingFrames(width: number): number {
  const frames = Math.ceil((width / READING_WIDTH_PER_SECOND) * FRAMES_PER_SECOND);
  return Math.min(LONGEST_FRAMES, Math.max(SHORTEST_FRAMES, frames));
}

/** How long an unspoken text is shown, in seconds. */
export function readingSeconds(text: string): number {
  return Math.max(SILENT_MIN_SECONDS, displayWidth(text) / SILENT_WIDTH_PER_SECOND);
}
