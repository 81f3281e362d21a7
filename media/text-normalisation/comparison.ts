/** How similar two texts sound: what was to be said, and what was heard. */
import { distance } from 'fastest-levenshtein';
import type { Language } from 'playhead';
import { compareSounds } from './english/faults.ts';
import { normaliseText } from './normalisation.ts';

export interface Comparison {
  /**
   * 0..1; 1: sounds the same. English: 1 - the distance of the sounds (a similar sound counts half) over the number of
   * sounds of the longer text, times FAULT_FACTOR for each lost word and changed number over one in TOLERATED_WORDS.
   * Korean: 1 - the Levenshtein distance of the characters over the longer length.
   */
  readonly similarity: number;
  /** Words to insert, omit or replace, divided by the number of words that were to be said; may exceed 1. */
  readonly wordErrorRate: number;
}

/** Compares a piece of text with what was heard. Both are normalised first; case and punctuation do not count. */
export function compareTexts(expected: string, heard: string, language: Language): Comparison {
  return combine([measure(expected, heard, language)]);
}

/** Raw counts, so that pieces of a long text can be compared one by one and added up. */
export interface Difference {
  /** How many sounds differ, or characters if sounds are not known. */
  readonly distance: number;
  readonly length: number;
  readonly faults: number;
  readonly wordDistance: number;
  readonly words: number;
}

/** Compares one piece; takes time in proportion to the product of both lengths, so keep pieces bounded. */
export function measure(expected: string, heard: string, language: Language): Difference {
  const [wanted, got] = [toWords(expected, language), toWords(heard, language)];
  const words = { wordDistance: wordDistance(wanted, got), words: wanted.length };
  if (language === 'en') {
    const { cost, sounds, faults } = compareSounds(
      splitWords(expected, language),
      splitWords(heard, language),
    );
    return { distance: cost, length: sounds, faults, ...words };
  }
  return { ...compareCharacters(wanted, got), faults: 0, ...words };
}

/** How many characters of the words differ, and out of how many. */
export function compareCharacters(
  wanted: readonly string[],
  heard: readonly string[],
): Pick<Difference, 'distance' | 'length'> {
  const [left, right] = [wanted.join(' '), heard.join(' ')];
  return { distance: distance(left, right), length: Math.max(left.length, right.length) };
}

/** Combines the comparisons of a text's pieces into that of the whole text. */
export function combine(differences: readonly Difference[]): Comparison {
  const sum = (key: keyof Difference): number => differences.reduce((total, one) => total + one[key], 0);
  const length = sum('length');
  const words = sum('words');
  const faults = Math.max(0, sum('faults') - Math.floor(words / TOLERATED_WORDS));
  const likeness = length === 0 ? 1 : Math.max(0, 1 - sum('distance') / length);
  return {
    similarity: round(likeness * FAULT_FACTOR ** faults),
    wordErrorRate: words === 0 ? 0 : round(sum('wordDistance') / words),
  };
}

/** A single fault takes a text below the minimum similarity that Audio requires by default. */
const FAULT_FACTOR = 0.8;
/** A recogniser occasionally misses a word: one in this many is not a fault of the speech. */
const TOLERATED_WORDS = 40;

/** Words as they are compared: lower case, without punctuation and accents; spelled letters joined (`a p i` is `api`). */
export function toWords(text: string, language: Language): string[] {
  const folded = fold(text, language).replaceAll(/\b(\p{L}) (?=\p{L}(?: |$))/gu, '$1');
  return folded === '' ? [] : folded.split(' ');
}

function splitWords(text: string, language: Language): string[] {
  const folded = fold(text, language);
  return folded === '' ? [] : folded.split(' ');
}

function fold(text: string, language: Language): string {
  return normaliseText(text, language)
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .replaceAll(/\p{M}/gu, '')
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
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

/** Above the control characters; a piece has far fewer different words than there are codes below the surrogates at 0xd800. */
const FIRST_CODE = 0x100;

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
