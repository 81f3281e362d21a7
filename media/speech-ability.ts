/** What speech work needs and what a worker offers, in terms shared by API and workers. */
import type { Language } from 'playhead';

/** What a worker can do with speech, for example `recognition:en`. */
export type SpeechAbility = `${'speech' | 'recognition'}:${Language}`;

/** What to do if there is no recogniser. */
export const RECOGNISER_HINT =
  'Install PocketSphinx where the workers run (Debian, Ubuntu: apt-get install pocketsphinx pocketsphinx-en-us; ' +
  'macOS: brew install cmu-pocketsphinx), name its program by PLAYHEAD_POCKETSPHINX, or set PLAYHEAD_RECOGNITION_URL.';

/** What to do if there is no Korean voice. */
export const KOREAN_SPEECH_HINT =
  'Install the optional npm package @echogarden/espeak-ng-emscripten where the workers run, or set PLAYHEAD_SPEECH_URL.';

/** The abilities that a worker needs for an audio job; enqueueing and workers use the same rule. */
export function neededAbilities(input: {
  readonly language: Language;
  readonly minSimilarity: number | null;
}): readonly SpeechAbility[] {
  const { language, minSimilarity } = input;
  // Korean may be delivered unverified, but only if no similarity was requested.
  const isVerified = language === 'en' || (minSimilarity ?? 0) > 0;
  return [`speech:${language}`, ...(isVerified ? ([`recognition:${language}`] as const) : [])];
}

/** Explains what is missing and what to do about it. */
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
