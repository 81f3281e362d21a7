/** Finds when each word of a sentence is heard, from the sounds that the voice made. */
import type { Language } from 'playhead';
import type { TimedSentence } from '../sentence.ts';
import type { Phoneme } from '../speech.ts';
import { align } from '../text-normalisation/alignment.ts';
import { soundsOf } from '../text-normalisation/english/sounds.ts';
import { normaliseText } from '../text-normalisation/normalisation.ts';
import { splitWords, type Word } from './word.ts';

/** A word as written, with the times at which it is heard. */
export interface SpokenWord extends Word {
  /** 0-based, in its line. */
  readonly sentence: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

export interface WordTiming {
  /** The line's phonemes; those outside the sentence are ignored. Empty if nothing is heard. */
  readonly phonemes: readonly Phoneme[];
  /** The language that the text is read in. */
  readonly language: Language;
  /** False if the phonemes only follow the loudness. */
  readonly areExact: boolean;
}

/**
 * Times the words of a sentence; they are in order and cover the sentence's speech. English words are aligned with
 * what the voice said, sound by sound; others share the sounds in proportion to how many they should have.
 */
export function timeWords(sentence: TimedSentence, index: number, timing: WordTiming): SpokenWord[] {
  const words = splitWords(sentence.text);
  const heard = timing.phonemes.filter(
    ({ symbol, startSeconds, endSeconds }) =>
      symbol !== 'pau' &&
      startSeconds >= sentence.startSeconds - 0.001 &&
      endSeconds <= sentence.endSeconds + 0.001,
  );
  if (heard.length === 0) return shareTime(words, sentence, index, timing.language);
  const firsts =
    timing.language === 'en' && timing.areExact
      ? firstSounds(words, heard)
      : shareSounds(words, heard, timing.language);
  return words.map((word, at) => {
    const from = heard[firsts[at] ?? 0];
    const to = heard[Math.max(firsts[at] ?? 0, (firsts[at + 1] ?? heard.length) - 1)];
    return {
      ...word,
      sentence: index,
      startSeconds: at === 0 ? (heard[0]?.startSeconds ?? 0) : (from?.startSeconds ?? 0),
      endSeconds: to?.endSeconds ?? sentence.endSeconds,
    };
  });
}

/** For each word, the index of its first sound that was heard; never decreases. */
function firstSounds(words: readonly Word[], heard: readonly Phoneme[]): number[] {
  const wanted = words.flatMap(({ text }, word) => englishSounds(text).map((sound) => ({ sound, word })));
  const said = heard.map(({ symbol }, word) => ({ sound: SAME_SOUND[symbol] ?? symbol.toUpperCase(), word }));
  const found = align(wanted, said, words.length).words.map(({ heardWords }) => Math.min(...heardWords));
  let next = heard.length;
  // A word that was not heard at all begins where the next one does.
  return found
    .reverse()
    .map((first) => {
      next = Math.min(next, first);
      return Math.min(next, heard.length - 1);
    })
    .reverse();
}

/** flite's name for the schwa, and the dictionary's. */
const SAME_SOUND: Readonly<Record<string, string>> = { ax: 'AH' };

function englishSounds(word: string): string[] {
  const spoken = normaliseText(word, 'en').toLowerCase().normalize('NFKD');
  return (spoken.match(/[a-z]+(?:['’][a-z]+)?/g) ?? []).flatMap((one) => [
    ...soundsOf(one.replace('’', "'")),
  ]);
}

function shareSounds(words: readonly Word[], heard: readonly Phoneme[], language: Language): number[] {
  const counts = words.map(({ text }) => soundCount(text, language));
  const total = counts.reduce((sum, count) => sum + count, 0);
  let before = 0;
  return counts.map((count) => {
    const first = Math.round((before / total) * heard.length);
    before += count;
    return Math.min(first, heard.length - 1);
  });
}

function shareTime(
  words: readonly Word[],
  { startSeconds, endSeconds }: TimedSentence,
  sentence: number,
  language: Language,
): SpokenWord[] {
  const counts = words.map(({ text }) => soundCount(text, language));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const perSound = (endSeconds - startSeconds) / total;
  let at = startSeconds;
  return words.map((word, index) => {
    const start = at;
    at += (counts[index] ?? 0) * perSound;
    return { ...word, sentence, startSeconds: start, endSeconds: at };
  });
}

/** Number of letters of the words as spoken; Hangul syllables count by their letters. */
function soundCount(text: string, language: Language): number {
  return Math.max(
    1,
    normaliseText(text, language)
      .normalize('NFD')
      .replaceAll(/[^\p{L}\p{N}]/gu, '').length,
  );
}
