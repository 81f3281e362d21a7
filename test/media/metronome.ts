/** Speech whose times are known. */
import { SPEECH_RATE_HZ, type SpeechProvider } from '../../media/speech.ts';

/** A voice whose every letter takes the same time, with a pause at each comma. */
export function createMetronome(lettersPerSecond: number): SpeechProvider {
  const pause = { symbol: 'pau', seconds: 0.15 };
  return {
    name: 'metronome',
    guessesPhonemes: true,
    prepare: (text) => ({ text: /[\p{L}\p{N}]/u.test(text) ? text : '', omitted: undefined }),
    speak: async (text) => {
      const letters = [...text.normalize('NFC')].filter((char) => /[\p{L}\p{N},]/u.test(char));
      const sounds = letters.map((char) =>
        char === ',' ? pause : { symbol: 'ah', seconds: 1 / lettersPerSecond },
      );
      let at = 0;
      const phonemes = [...sounds, pause].map(({ symbol, seconds }) => {
        at += seconds;
        return { symbol, startSeconds: at - seconds, endSeconds: at };
      });
      return { samples: new Int16Array(Math.round(at * SPEECH_RATE_HZ)), phonemes, costUsd: 0 };
    },
  };
}
