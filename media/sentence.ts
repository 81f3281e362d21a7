/** Cuts text into pieces of bounded length at the best possible places. Linear in the text's length. */
import { startOf } from 'playhead';
import { endsSentence } from './text-normalisation/sentence-end.ts';

/** The longest piece given to a speech provider, in characters; bounds the memory and time of one call. */
export const SENTENCE_LIMIT_CHARS = 240;

/** A sentence with the time it takes, in seconds. */
export interface TimedSentence {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Splits at the ends of sentences, and longer ones again at commas, spaces, or anywhere. Only outer spaces are lost. */
export function splitSentences(text: string, limitChars: number = SENTENCE_LIMIT_CHARS): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const atEnd = isSentenceEnd(text, index);
    if (!atEnd) continue;
    pieces.push(...splitLong(text.slice(start, index + 1), limitChars));
    start = index + 1;
  }
  pieces.push(...splitLong(text.slice(start), limitChars));
  return pieces;
}

function isSentenceEnd(text: string, index: number): boolean {
  const char = text[index];
  if (char === '。' || char === '！' || char === '？') return true;
  if (text[index + 1] !== ' ') return false;
  const mark = CLOSING_QUOTES.includes(char ?? '') ? text[index - 1] : char;
  const after = text.slice(index + 1, index + 1 + CONTEXT_CHARS);
  // `"Stop!" he said.` continues after the quotation.
  if (mark !== char && /^ \p{Ll}/u.test(after)) return false;
  if (mark === '!' || mark === '?' || mark === '…') return true;
  if (mark !== '.') return false;
  return mark !== char || endsSentence(text.slice(Math.max(0, index - CONTEXT_CHARS), index + 1), after);
}

const CLOSING_QUOTES = '"”’)';
/** How much text around a full stop is examined. */
const CONTEXT_CHARS = 40;

/** Cuts a text into pieces of at most `limitChars`, at the last comma or space that fits. */
export function splitLong(text: string, limitChars: number): string[] {
  const pieces: string[] = [];
  let rest = text.trim();
  while (rest.length > limitChars) {
    const cut = findCut(rest, limitChars);
    pieces.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trimStart();
  }
  if (rest !== '') pieces.push(rest);
  return pieces;
}

function findCut(text: string, limitChars: number): number {
  const window = text.slice(0, limitChars + 1);
  for (const mark of [', ', '; ', ' ']) {
    const found = window.lastIndexOf(mark);
    if (found > limitChars * 0.4) return found + mark.length - (mark === ' ' ? 0 : 1);
  }
  const space = window.lastIndexOf(' ');
  if (space > 0) return space;
  return startOf(text, limitChars).length;
}
