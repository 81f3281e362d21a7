/** How alike two texts sound: what was to be said, and what was heard. */
import { distance } from 'fastest-levenshtein';
import type { Language } from 'playhead';
import { normaliseText } from './normalisation.ts';

export interface Comparison {
  /** 1 - Levenshtein distance of the characters over the longer length; 1: the same words. */
  readonly similarity: number;
  /** Words to insert, leave out or replace, over the number of words that were to be said; may exceed 1. */
  readonly wordErrorRate: number;
}

/** Compares a piece of text with what was heard. Both are normalised first; case and marks do not count. */
export function compareTexts(expected: string, heard: string, language: Language): Comparison {
  return combine([measure(expected, heard, language)]);
}

/** Raw counts, so that pieces of a long text can be compared one by one and added up. */
export interface Difference {
  readonly charDistance: number;
  readonly chars: number;
  readonly wordDistance: number;
  readonly words: number;
}

/** Compares one piece; takes time in proportion to the product of both lengths, so keep pieces bounded. */
export function measure(expected: string, heard: string, language: Language): Difference {
  const [wanted, got] = [toWords(expected, language), toWords(heard, language)];
  const [wantedText, gotText] = [wanted.join(' '), got.join(' ')];
  return {
    charDistance: distance(wantedText, gotText),
    chars: Math.max(wantedText.length, gotText.length),
    wordDistance: wordDistance(wanted, got),
    words: wanted.length,
  };
}

/** The whole text's comparison from its pieces'. */
export function combine(differences: readonly Difference[]): Comparison {
  const sum = (key: keyof Difference): number => differences.reduce((total, one) => total + one[key], 0);
  const chars = sum('chars');
  const words = sum('words');
  return {
    similarity: chars === 0 ? 1 : round(1 - sum('charDistance') / chars),
    wordErrorRate: words === 0 ? 0 : round(sum('wordDistance') / words),
  };
}

/** Words as they are compared: lower case, without marks and accents; spelled letters joined (`a p i` is `api`). */
export function toWords(text: string, language: Language): string[] {
  const folded = normaliseText(text, language)
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .replaceAll(/\p{M}/gu, '')
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .replaceAll(/\b(\p{L}) (?=\p{L}(?: |$))/gu, '$1')
    .trim();
  return folded === '' ? [] : folded.split(' ');
}

/** Levenshtein distance over words: each word becomes one character. */
function wordDistance(wanted: readonly string[], got: readonly string[]): number {
  const codes = new Map<string, string>();
  const encode = (word: string): string => {
    const known = codes.get(word) ?? String.fromCharCode(FIRST_CODE + codes.size);
    codes.set(word, known);
    return known;
  };
  return distance(wanted.map(encode).join(''), got.map(encode).join(''));
}

/** Above controls; a piece has far fewer different words than there are codes up to the surrogates at 0xd800. */
const FIRST_CODE = 0x100;

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
