/** A text to read aloud, cut into the sentences that are given to a voice. */
import type { Language } from 'playhead';
import { splitSentences } from '../sentence.ts';
import type { SpeechProvider } from '../speech.ts';
import { wordsToSpeak } from '../words-to-speak.ts';

export interface Passage {
  readonly language: Language;
  /** What is said, in words; each sentence is one call to the speech provider. */
  readonly sentences: readonly string[];
  /** What the voice cannot speak, in words. */
  readonly omitted: readonly string[];
}

/** Cuts a text into sentences and writes it out in words; every line begins a new sentence. */
export function preparePassage(text: string, language: Language, provider: SpeechProvider): Passage {
  const omitted = new Set<string>();
  const sentences = text
    .split('\n')
    .flatMap((line) => splitSentences(line))
    .flatMap((sentence) => {
      const spoken = wordsToSpeak(sentence, language, provider);
      if (spoken.omitted !== undefined) omitted.add(spoken.omitted);
      return spoken.text === '' ? [] : [spoken.text];
    });
  return { language, sentences, omitted: [...omitted] };
}

/** Number of characters to speak, which measures how long it takes. */
export function passageLength({ sentences }: Passage): number {
  return sentences.reduce((sum, sentence) => sum + sentence.length, 0);
}
