/** The words of a text, prepared for comparison. */
import type { Language } from 'playhead';

export interface Word {
  /** As written. */
  readonly text: string;
  /** Folded for comparison: in lower case, without plural and possessive endings; in Korean, without a noun's particle. */
  readonly stem: string;
  /** False for words that only hold a sentence together. */
  readonly isContent: boolean;
}

const SEGMENTERS = {
  en: new Intl.Segmenter('en', { granularity: 'word' }),
  ko: new Intl.Segmenter('ko', { granularity: 'word' }),
};

/** English function words: articles, pronouns, prepositions, conjunctions, auxiliaries and common adverbs. */
const FUNCTION_WORDS = new Set(
  `a an the this that these those it its itself he him his she her hers they them their theirs we us our ours you your
  yours i me my mine who whom whose which what when where why how there here and or but nor so yet if then else than
  because while although though unless until since as of at by for with without about against between into through
  during before after above below beneath under over to from up down in out on off again further once also too very
  just only own same such both each few more most other some any all no not is am are was were be been being have has
  had having do does did doing can could may might must shall should will would need ought cannot however therefore
  moreover thus hence even still already often sometimes usually always never ever much many one ones get gets got`.split(
    /\s+/,
  ),
);

/** Korean words with no meaning of their own. */
const KOREAN_FUNCTION_WORDS = new Set(
  '그 이 저 그것 이것 저것 그리고 그러나 하지만 그래서 또한 또 및 등 수 것 때 더 매우 아주 가장 모든 이런 그런 저런 있다 없다 한다 된다 이다 있는 없는 하는 되는 위해 대해 통해 따라 즉 곧 바로 다시'.split(
    ' ',
  ),
);

/** Particles after Korean nouns, longest first. */
const PARTICLES =
  /(?:에서는|에게서|으로서|으로써|이라고|에서|에게|까지|부터|보다|처럼|으로|이나|에는|은|는|이|가|을|를|의|에|와|과|도|로|만)$/u;

/** The words of a text, in order. */
export function wordsOf(text: string, language: Language): Word[] {
  const words: Word[] = [];
  for (const { segment, isWordLike } of SEGMENTERS[language].segment(text)) {
    if (isWordLike) words.push(toWord(segment, language));
  }
  return words;
}

function toWord(text: string, language: Language): Word {
  const folded = text.normalize('NFC').toLowerCase().replaceAll('’', "'");
  if (language === 'ko' && /\p{Script=Hangul}/u.test(folded)) {
    const stem = nounOf(folded);
    return { text, stem, isContent: !KOREAN_FUNCTION_WORDS.has(folded) && !KOREAN_FUNCTION_WORDS.has(stem) };
  }
  return { text, stem: foldPlural(folded.replace(/'s?$/, '')), isContent: !FUNCTION_WORDS.has(folded) };
}

/** A Korean word without the particle after it; if only one syllable would remain, the word is kept whole. */
export function nounOf(word: string): string {
  const noun = word.replace(PARTICLES, '');
  return noun.length >= 2 ? noun : word;
}

/** Whether a Korean word carries a particle that only follows nouns. */
export function isMarkedNoun(word: string): boolean {
  return /(?:은|는|이|가|을|를|의|에|에서|와|과)$/u.test(word) && nounOf(word) !== word;
}

function foldPlural(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 3 && word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}
