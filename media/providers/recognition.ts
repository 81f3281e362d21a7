/** The port to whatever turns speech back into text. */
import type { Language } from 'playhead';
import type { Pcm } from '../wav.ts';

export interface RecognizedWord {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

export interface Recognition {
  readonly text: string;
  /** In order; empty if the provider gives no times. */
  readonly words: readonly RecognizedWord[];
  /** The provider's charge; 0 for local ones. */
  readonly costUsd: number;
}

export interface RecognitionProvider {
  readonly name: string;
  /** @throws PlayheadError PROVIDER_FAILED, PROVIDER_REJECTED, TIMED_OUT, or the signal's own reason */
  recognize(speech: Pcm, language: Language, signal: AbortSignal): Promise<Recognition>;
}
