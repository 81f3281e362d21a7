/** Faults that change a sentence's meaning but hardly its overall sound: a missing word, a different number. */
import { align, type PlacedSound } from '../alignment.ts';
import { soundsOf } from './sounds.ts';

export interface SoundDifference {
  readonly cost: number;
  /** Number of sounds of the longer text. */
  readonly sounds: number;
  /** Significant words that were not heard, and numbers that were heard as a different one. */
  readonly faults: number;
}

const NUMBERS = new Set(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion first second third fourth fifth sixth seventh eighth ninth tenth'.split(
    ' ',
  ),
);
/** Recognisers drop these words, and they are hardly missed. */
const LIGHT = new Set(
  'a an the of to in on at and is are was were it its that this with for by from as be been am has have had do does did will would can could should may might must he she they we you i me him her them us my your his our their there here or but so if than then s t d m ll ve re oh uh'.split(
    ' ',
  ),
);
/** Share of a word's sounds that must be heard in some form; below it, the word is lost. */
const LOST_BELOW = 0.4;
const LEAST_SOUNDS = 3;

/** Compares words by their sounds. Homophones are equal, as are spelled-out letters however they are written. */
export function compareSounds(wanted: readonly string[], heard: readonly string[]): SoundDifference {
  const [left, right] = [place(wanted), place(heard)];
  const { cost, words } = align(left, right, wanted.length);
  const faults = words.filter((found, index) => {
    const word = wanted[index] ?? '';
    if (NUMBERS.has(word))
      return (
        found.heard === 0 ||
        isOtherNumber(
          word,
          [...found.heardWords].map((one) => heard[one] ?? ''),
        )
      );
    return found.sounds >= LEAST_SOUNDS && !LIGHT.has(word) && found.heard / found.sounds < LOST_BELOW;
  }).length;
  return { cost, sounds: Math.max(left.length, right.length), faults };
}

function place(words: readonly string[]): PlacedSound[] {
  return words.flatMap((text, word) => soundsOf(text).map((sound) => ({ sound, word })));
}

function isOtherNumber(word: string, heard: readonly string[]): boolean {
  const sounds = soundsOf(word).join(' ');
  if (heard.some((other) => soundsOf(other).join(' ') === sounds)) return false;
  return heard.some((other) => NUMBERS.has(other));
}
