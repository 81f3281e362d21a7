/** The pieces of a text between which captions and lines may break. */
import { displayWidth, LINE_LIMIT_WIDTH } from './caption-rules.ts';

export interface Word {
  readonly text: string;
  /** True if no space precedes it: within Chinese and Japanese, and within words longer than a line. */
  readonly isJoined: boolean;
}

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const segmenter = new Intl.Segmenter('ja', { granularity: 'word' });
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Splits a text at spaces, and Chinese and Japanese between words; no part is wider than a line. */
export function splitWords(text: string): Word[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) =>
      (UNSPACED.test(word) ? splitUnspaced(word) : [word])
        .flatMap(splitWide)
        .map((part, index) => ({ text: part, isJoined: index > 0 })),
    );
}

/** Joins words into a text. */
export function joinWords(words: readonly Word[]): string {
  return words.map(({ text, isJoined }, index) => (isJoined || index === 0 ? text : ` ${text}`)).join('');
}

/** Punctuation stays with the word before it, an opening bracket with the word after it. */
function splitUnspaced(text: string): string[] {
  const parts: string[] = [];
  let opening = '';
  for (const { segment } of segmenter.segment(text)) {
    if (/^[\p{Ps}\p{Pi}]+$/u.test(segment)) opening += segment;
    else if (/[\p{L}\p{N}]/u.test(segment) || parts.length === 0) {
      parts.push(opening + segment);
      opening = '';
    } else parts.push((parts.pop() ?? '') + opening + segment);
  }
  if (opening !== '') parts.push((parts.pop() ?? '') + opening);
  return parts;
}

/** Breaks a word that is wider than a line, such as an address, after the last mark that fits. */
function splitWide(word: string): string[] {
  if (displayWidth(word) <= LINE_LIMIT_WIDTH) return [word];
  const parts: string[] = [];
  let part = '';
  for (const { segment } of graphemes.segment(word)) {
    if (displayWidth(part + segment) > LINE_LIMIT_WIDTH) {
      const cut = part.search(/[/\-.@_&=?#,][^/\-.@_&=?#,]*$/) + 1;
      const end = cut > part.length / 2 ? cut : part.length;
      parts.push(part.slice(0, end));
      part = part.slice(end);
    }
    part += segment;
  }
  return [...parts, part];
}
