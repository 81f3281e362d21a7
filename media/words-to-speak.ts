/** What a voice is given to speak of a written text. */
import type { Language } from 'playhead';
import type { SpeechProvider, SpokenText } from './speech.ts';
import { normaliseText } from './text-normalisation/normalisation.ts';

/** A written sentence in words, without what the provider cannot speak. Pure, and linear in the text's length. */
export function wordsToSpeak(text: string, language: Language, provider: SpeechProvider): SpokenText {
  return provider.prepare(normaliseText(text, readingLanguage(text, language)), language);
}

/**
 * Chooses the language by script: Hangul is read as Korean, and Latin letters alone as English, whatever the job's language.
 */
export function readingLanguage(text: string, language: Language): Language {
  if (/\p{Script=Hangul}/u.test(text)) return 'ko';
  return /\p{Script=Latin}/u.test(text) ? 'en' : language;
}
