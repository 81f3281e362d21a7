/** The local voices as one provider: flite for English, eSpeak NG for sentences in Hangul, if it is installed. */
import { createEspeak, hasEspeak } from './espeak.ts';
import { createFlite } from './flite.ts';
import type { ProcessPool } from './process-pool.ts';
import type { SpeechProvider } from './speech.ts';

/** Creates the provider; nothing is started before it is used. */
export function createLocalSpeech(pool: ProcessPool): SpeechProvider {
  const english = createFlite(pool);
  if (!hasEspeak()) return english;
  const korean = createEspeak(pool);
  const voiceOf = (text: string): SpeechProvider => (isHangul(text) ? korean : english);
  return {
    name: english.name,
    // Nothing checks whether its Korean is intelligible.
    isUnverified: isHangul,
    prepare: (text, language) => voiceOf(text).prepare(text, language),
    speak: (text, voice, language, signal) => voiceOf(text).speak(text, voice, language, signal),
  };
}

function isHangul(text: string): boolean {
  return /\p{Script=Hangul}/u.test(text);
}
