import type { WrittenScene } from './script-parts.ts';

/**
 * English conversation: about 150 words a minute (National Center for Voice and Speech, USA; audiobooks are recorded
 * at 150 to 160).
 */
const WORDS_PER_MINUTE = 150;
/**
 * Korean read aloud, including pauses: 432,872 syllables in 26.84 hours are 269 a minute (DataoceanAI, King-TTS-083); Korean
 * announcements are trained at 270 to 280.
 */
const SYLLABLES_PER_MINUTE = 270;

const WORD = new Intl.Segmenter('en', { granularity: 'word' });
const HANGUL = /\p{Script=Hangul}/gu;

/** How long a text takes to say, in seconds: Hangul is counted by the syllable, everything else by the word. */
export function estimateSpeechSeconds(text: string): number {
  const syllables = text.match(HANGUL)?.length ?? 0;
  let words = 0;
  for (const { isWordLike } of WORD.segment(text.replaceAll(HANGUL, ' '))) if (isWordLike) words += 1;
  return (words / WORDS_PER_MINUTE + syllables / SYLLABLES_PER_MINUTE) * 60;
}

/** How long a script takes to say, in seconds, rounded to a tenth. */
export function estimateScriptSeconds(scenes: readonly WrittenScene[]): number {
  const lines = scenes.flatMap((scene) => scene.lines);
  const seconds = lines.reduce((sum, { text }) => sum + estimateSpeechSeconds(text), 0);
  return Math.round(seconds * 10) / 10;
}
