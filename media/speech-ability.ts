/** What speech work needs and what a worker offers, in words that API and workers share. */
import type { Language } from 'playhead';

/** What a worker can do with speech, for example `recognition:en`. */
export type SpeechAbility = `${'speech' | 'recognition'}:${Language}`;

/** What a person has to do where no recogniser is. */
export const RECOGNISER_HINT =
  'Install PocketSphinx where the workers run (Debian, Ubuntu: apt-get install pocketsphinx pocketsphinx-en-us; ' +
  'macOS: brew install cmu-pocketsphinx), name its program by PLAYHEAD_POCKETSPHINX, or set PLAYHEAD_RECOGNITION_URL.';

/** What a person has to do where no Korean voice is. */
export const KOREAN_SPEECH_HINT =
  'Install the optional npm package @echogarden/espeak-ng-emscripten where the workers run, or set PLAYHEAD_SPEECH_URL.';

/** What a worker needs for an audio job; the rule of enqueue and worker alike. @returns abilities that are needed */
export function neededAbilities(input: {
  readonly language: Language;
  readonly minSimilarity: number | null;
}): readonly SpeechAbility[] {
  const { language, minSimilarity } = input;
  // Korean may go out unverified, but only when nobody asked for a likeness.
  const isVerified = language === 'en' || (minSimilarity ?? 0) > 0;
  return [`speech:${language}`, ...(isVerified ? ([`recognition:${language}`] as const) : [])];
}

/** In words, what is missing and what to do about it. */
export function describeMissing(ability: SpeechAbility): string {
  const [kind, language] = ability.split(':');
  const name = language === 'ko' ? 'Korean' : 'English';
  if (kind === 'speech') return `expected a voice for ${name}, found none. ${KOREAN_SPEECH_HINT}`;
  if (language === 'ko') {
    return (
      'expected a recogniser of Korean for minSimilarity, found none. Set PLAYHEAD_RECOGNITION_URL, or leave ' +
      'minSimilarity out to get unverified speech.'
    );
  }
  return `expected a recogniser of ${name} to verify the speech with, found none. ${RECOGNISER_HINT}`;
}
