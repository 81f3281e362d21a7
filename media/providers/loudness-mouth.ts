import { type Phoneme, SPEECH_RATE_HZ } from '../speech.ts';

/** The approximate length of one sound of speech. */
const WINDOW_SECONDS = 0.08;
/** Loudness relative to the loudest window, from wide open to closed. */
const LEVELS: readonly (readonly [above: number, symbol: string])[] = [
  [0.6, 'aa'],
  [0.35, 'eh'],
  [0.15, 'ah'],
  [0.05, 'n'],
  [0, 'pau'],
];

/**
 * Guesses sounds that move a mouth with the audio's loudness, for speech that comes without phonemes: open where it is
 * loud, at rest in pauses. It does not know which vowel is spoken.
 */
export function guessPhonemes(samples: Int16Array): Phoneme[] {
  const length = Math.round(WINDOW_SECONDS * SPEECH_RATE_HZ);
  const windows = Array.from({ length: Math.ceil(samples.length / length) }, (_, index) =>
    loudness(samples.subarray(index * length, (index + 1) * length)),
  );
  const loudest = Math.max(...windows, 1);
  return windows.map((value, index) => ({
    symbol: LEVELS.find(([above]) => value / loudest >= above)?.[1] ?? 'pau',
    startSeconds: (index * length) / SPEECH_RATE_HZ,
    endSeconds: Math.min((index + 1) * length, samples.length) / SPEECH_RATE_HZ,
  }));
}

function loudness(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return Math.sqrt(energy / Math.max(1, samples.length));
}
