/** Finds what a statement is about, in its own words, for the questions and headings of the extractive writer. */
import nlp from 'compromise/two';
import type { Language } from 'playhead';
import { z } from 'zod';
import { isMarkedNoun, nounOf, wordsOf } from './words.ts';

/** A phrase with its key for comparison. */
export interface KeyPhrase {
  /** As in the text; in English, with `the` in place of an article or possessive. */
  readonly text: string;
  /** Stems of its content words, joined. */
  readonly key: string;
}

const PHRASE_LIMIT_CHARS = 40;
const PHRASE_LIMIT_WORDS = 3;
/** The first thing that a statement names is usually its subject. */
const SUBJECT_BONUS = 1.5;

/** The things that a statement names, in text order. */
export function findPhrases(statement: string, language: Language): KeyPhrase[] {
  const found = language === 'ko' ? koreanNouns(statement) : englishNouns(statement);
  return found.flatMap((text) => {
    const words = wordsOf(text, language).filter(({ isContent }) => isContent);
    const fits = words.length > 0 && words.length <= PHRASE_LIMIT_WORDS && text.length <= PHRASE_LIMIT_CHARS;
    return fits ? [{ text, key: words.map(({ stem }) => stem).join(' ') }] : [];
  });
}

/**
 * Chooses the phrase that represents a statement: one whose words are frequent in the brief and that is not used yet.
 * @param weights how often each stem occurs in the brief
 */
export function choosePhrase(
  phrases: readonly KeyPhrase[],
  weights: ReadonlyMap<string, number>,
  used: ReadonlySet<string>,
): KeyPhrase | undefined {
  let best: { phrase: KeyPhrase; score: number } | undefined;
  for (const [index, phrase] of phrases.entries()) {
    if (used.has(phrase.key)) continue;
    const stems = phrase.key.split(' ');
    const sum = stems.reduce((total, stem) => total + (weights.get(stem) ?? 0), 0);
    const score = sum / stems.length + stems.length / 2 + (index === 0 ? SUBJECT_BONUS : 0);
    if (best === undefined || score > best.score) best = { phrase, score };
  }
  return best?.phrase;
}

/** The part of compromise's JSON that is read. */
const runsSchema = z.array(
  z.object({
    terms: z.array(z.object({ text: z.string(), post: z.string(), tags: z.array(z.string()) })),
  }),
);

function englishNouns(statement: string): string[] {
  // Notes omit the subject (`brews a cup`): with one, the first word is correctly read as a verb.
  const isNote = /^\p{Ll}/u.test(statement);
  const parsed = nlp(isNote ? `it ${statement}` : statement);
  // compromise tags parts of speech; a run of adjectives and nouns, up to the last noun, is a noun phrase. (Its pattern
  // `#Adjective* #Noun+` matches nothing.)
  const found = runsSchema.parse(parsed.match('#Determiner? (#Adjective|#Noun)+').json());
  const runs = found.map(({ terms }) => {
    const end = terms.findLastIndex(({ tags }) => tags.includes('Noun') && !tags.includes('Pronoun'));
    return terms
      .slice(0, end + 1)
      .map(({ text, post }) => `${text}${post}`)
      .join('');
  });
  return runs.flatMap((run) => calmStart(trimPhrase(run), statement) ?? []);
}

/** A phrase at the start of a sentence loses its capital, unless it is a name. */
function calmStart(phrase: string | undefined, statement: string): string | undefined {
  const [first = ''] = phrase?.split(' ') ?? [];
  if (phrase === undefined || !statement.startsWith(first) || /\p{Lu}/u.test(first.slice(1))) return phrase;
  const isName = nlp(statement).match(first).has('#ProperNoun') || /\s\p{Lu}/u.test(phrase);
  return isName ? phrase : phrase.charAt(0).toLowerCase() + phrase.slice(1);
}

/** Trims words that do not belong to the phrase from both ends; an article or possessive becomes `the`. */
function trimPhrase(run: string): string | undefined {
  const parts = run.split(/[,;:]/)[0]?.trim().split(/\s+/) ?? [];
  const had = /^(?:an?|the|this|that|these|those|its|their|our|his|her)$/i.test(parts[0] ?? '');
  const words = parts.map((part) => part.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}%]+$/gu, ''));
  const isContent = words.map((word) => wordsOf(word, 'en').some((one) => one.isContent));
  const first = isContent.indexOf(true);
  const last = isContent.lastIndexOf(true);
  if (first < 0) return undefined;
  const kept = words.slice(first, last + 1).join(' ');
  if (!/\p{L}{3}/u.test(kept)) return undefined;
  return had && first > 0 ? `the ${kept}` : kept;
}

/** Korean marks nouns with particles: returns the words that have such a particle, without it. */
function koreanNouns(statement: string): string[] {
  return wordsOf(statement, 'ko').flatMap(({ text, isContent }) => {
    if (!isContent || !isMarkedNoun(text)) return [];
    const noun = nounOf(text);
    return noun.length >= 2 ? [noun] : [];
  });
}
