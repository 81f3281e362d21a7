/** Cuts text into pieces of bounded length at the best place there is. Linear in the text's length. */
import { startOf } from 'playhead';

/** Longest piece that a speech provider is given, in characters; bounds the memory and time of one call. */
export const SENTENCE_LIMIT_CHARS = 240;

/** Splits at the ends of sentences; longer ones again at commas, spaces, anywhere. Nothing is lost but outer spaces. */
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
  const closes = char === '.' || char === '!' || char === '?' || char === '…';
  const next = text[index + 1];
  if (!closes || next !== ' ') return false;
  return !isAbbreviation(text, index);
}

/** `Dr. Noor`, `J. Smith`: a point behind a single capital or a common title ends no sentence. */
function isAbbreviation(text: string, index: number): boolean {
  if (text[index] !== '.') return false;
  const word =
    text
      .slice(Math.max(0, index - 5), index)
      .split(' ')
      .at(-1) ?? '';
  return /^(?:[A-Z]|Dr|Mr|Mrs|Ms|St|Prof|vs|No)$/.test(word);
}

/** Cuts a text into pieces of at most `limitChars`, in the last comma or space that fits. */
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
