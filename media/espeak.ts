/** The local Korean voice: eSpeak NG in media processes. Intelligible but robotic; free. */
import { createRequire } from 'node:module';
import type { ProcessPool } from './process-pool.ts';
import type { SpeechProvider } from './speech.ts';
import { describeOmitted } from './spoken-text.ts';

const require = createRequire(import.meta.url);

/** Whether the optional package is installed. */
export function hasEspeak(): boolean {
  try {
    require.resolve('@echogarden/espeak-ng-emscripten');
    return true;
  } catch {
    return false;
  }
}

/** Speaks Korean, and Latin words within it. `prepare` omits other scripts, emoji and symbols. */
export function createEspeak(pool: ProcessPool): SpeechProvider {
  return {
    name: 'espeak-ng',
    prepare: (text) => {
      const omitted = /[^\p{Script=Hangul}\p{Script=Latin}\p{N}\p{P}\p{S}\p{M}\p{Z}\p{Cf}]/u.test(text);
      const spoken = text
        .replaceAll(/[^\p{Script=Hangul}\p{Script=Latin}\p{N}.,!?;:'’ -]/gu, ' ')
        .replaceAll(/ +/g, ' ')
        .trim();
      return {
        text: /[\p{L}\p{N}]/u.test(spoken) ? spoken : '',
        ...describeOmitted('espeak-ng', omitted ? ['otherScripts'] : []),
      };
    },
    speak: (text, voice, _language, signal) => pool.run('speakKorean', { text, voice }, { signal }),
  };
}
