/** The part of a text that an English voice can speak. */
import type { SpokenText, TextKind } from './speech.ts';

const WORDS_FOR_SYMBOLS: Readonly<Record<string, string>> = {
  '&': ' and ',
  '%': ' percent ',
  '+': ' plus ',
  '=': ' equals ',
  '@': ' at ',
  '€': ' euros ',
  '£': ' pounds ',
  '°': ' degrees ',
  '×': ' times ',
  '…': '... ',
  '–': ', ',
  '—': ', ',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  ß: 'ss',
  æ: 'ae',
  Æ: 'Ae',
  ø: 'o',
  Ø: 'O',
  œ: 'oe',
  đ: 'd',
  ł: 'l',
};
const SPEAKABLE = /[A-Za-z0-9 ,.!?;:'"$/-]/;
/** Characters that no voice is expected to read: marks, brackets, symbols, invisible controls. */
const SILENT = /[\p{P}\p{M}\p{Zs}\p{Cf}\p{Sk}\p{Sm}\p{Sc}\s^`~|<>]/u;

/**
 * Keeps what flite's English voices can speak: accents are removed, common symbols become words, the rest is dropped.
 * @param provider its name, for the description of what was left out
 */
export function prepareEnglish(text: string, provider: string): SpokenText {
  const omitted = new Set<TextKind>();
  let spoken = '';
  for (const char of text) {
    const word = WORDS_FOR_SYMBOLS[char];
    if (word !== undefined) spoken += word;
    else if (SPEAKABLE.test(char)) spoken += char;
    else spoken += foldOrOmit(char, omitted);
  }
  const kept = spoken.replace(/ +/g, ' ').trim();
  return {
    text: /[A-Za-z0-9]/.test(kept) ? kept : '',
    ...describeOmitted(provider, [...omitted]),
  };
}

const KIND_WORDS: Readonly<Record<TextKind, string>> = {
  korean: 'Korean text',
  emoji: 'emoji',
  otherScripts: 'letters of other scripts',
  symbols: 'some symbols',
};

/** Describes what a voice leaves out of a text. @param kinds in the order of appearance */
export function describeOmitted(
  provider: string,
  kinds: readonly TextKind[],
): Pick<SpokenText, 'omitted' | 'omittedKinds'> {
  if (kinds.length === 0) return { omitted: undefined };
  const words = kinds.map((kind) => KIND_WORDS[kind]).join(' and ');
  return { omitted: `${provider} cannot speak ${words}`, omittedKinds: kinds };
}

function foldOrOmit(char: string, omitted: Set<TextKind>): string {
  const folded = char.normalize('NFKD').replace(/\p{M}/gu, '');
  if (folded !== '' && /^[A-Za-z0-9 ]+$/.test(folded)) return folded;
  const kind = describeUnspeakable(char);
  if (kind !== undefined) omitted.add(kind);
  return ' ';
}

function describeUnspeakable(char: string): TextKind | undefined {
  if (/\p{Script=Hangul}/u.test(char)) return 'korean';
  if (/\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}/u.test(char)) return 'emoji';
  if (SILENT.test(char)) return undefined;
  if (/\p{L}/u.test(char)) return 'otherScripts';
  return 'symbols';
}
