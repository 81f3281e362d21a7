/** The port to speech: the local flite and eSpeak NG, and remote providers. */

import type { Language } from 'playhead';
import type { Voice } from './character.ts';

/** Sample rate of all speech inside Playhead; at 25 frames/s one frame is exactly 960 samples. */
export const SPEECH_RATE_HZ = 24_000;

/** One sound of speech, in CMU notation (`aa`, `b`, …; `pau` is silence). Seconds from the start of the audio. */
export interface Phoneme {
  readonly symbol: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Speech made by a provider. */
export interface Speech {
  /** Mono, SPEECH_RATE_HZ. */
  readonly samples: Int16Array<ArrayBuffer>;
  /** In order and without gaps, covering the whole audio. */
  readonly phonemes: readonly Phoneme[];
  /** What the provider charges; 0 for local ones. */
  readonly costUsd: number;
}

/** Kinds of text that a voice may be unable to speak. */
export type TextKind = 'korean' | 'emoji' | 'otherScripts' | 'symbols';

/** The part of a text that can be spoken, and what was left out. */
export interface SpokenText {
  /** Empty when nothing can be spoken. */
  readonly text: string;
  /** A description for a warning: `flite cannot speak Korean text`; undefined when nothing was left out. */
  readonly omitted: string | undefined;
  /** The same as kinds, for a warning in the job's language; undefined when nothing was left out. */
  readonly omittedKinds?: readonly TextKind[];
}

export interface SpeechProvider {
  readonly name: string;
  /** True if the phonemes of its speech are only guessed from the loudness. */
  readonly guessesPhonemes?: boolean;
  /** True for text whose speech is intelligible at best and cannot be verified. */
  isUnverified?(text: string): boolean;
  /** Keeps the part of a text that this provider can speak. Pure, and linear in the text's length. */
  prepare(text: string, language: Language): SpokenText;
  /**
   * Speaks one sentence that `prepare` returned (whose written form has at most SENTENCE_LIMIT_CHARS).
   * @throws PlayheadError PROVIDER_FAILED, CANCELLED, INVALID_INPUT (this text cannot be spoken; it becomes silence)
   */
  speak(text: string, voice: Voice, language: Language, signal: AbortSignal): Promise<Speech>;
}
