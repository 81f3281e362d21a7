/** One take: a passage spoken once into a WAV file, with the times of its sentences and sounds. */
import { PlayheadError, startOf } from 'playhead';
import type { Voice } from '../character.ts';
import { runParallel } from '../parallel.ts';
import type { TimedSentence } from '../sentence.ts';
import { type Phoneme, SPEECH_RATE_HZ, type Speech, type SpeechProvider } from '../speech.ts';
import { WavWriter } from '../wav-file.ts';
import type { Passage } from './passage.ts';

/** What is known about a take besides its audio. Times are in seconds from the start of the audio. */
export interface Take {
  readonly voice: Voice;
  readonly durationSeconds: number;
  readonly sentences: readonly TimedSentence[];
  /** Gapless; empty if the provider does not know the sounds of its speech. */
  readonly phonemes: readonly Phoneme[];
  readonly costUsd: number;
}

export interface TakeOptions {
  readonly provider: SpeechProvider;
  readonly voice: Voice;
  /** The number of sentences spoken concurrently. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /** @param chars characters spoken so far */
  readonly onSpoken: (chars: number) => void;
  /** Receives a sample of the latest speech. */
  readonly onHeard: (samples: Int16Array<ArrayBuffer>) => Promise<void>;
  readonly warn: (message: string) => void;
}

/** Silence between sentences, in addition to the silence that voices end with. */
const GAP_SECONDS = 0.15;
/** How many sentences' audio is in memory at once, per sentence spoken concurrently. */
const WINDOW = 4;

/**
 * Speaks a passage. A sentence that the voice cannot speak is omitted, with a warning.
 * @throws PlayheadError as the provider does; INVALID_INPUT if nothing could be spoken; STORAGE_FAILED
 */
export async function speakPassage(passage: Passage, wavPath: string, options: TakeOptions): Promise<Take> {
  const writer = await WavWriter.create(wavPath, SPEECH_RATE_HZ);
  const take = { sentences: [] as TimedSentence[], phonemes: [] as Phoneme[], costUsd: 0 };
  let spokenChars = 0;
  try {
    const size = options.parallel * WINDOW;
    for (let start = 0; start < passage.sentences.length; start += size) {
      const window = passage.sentences.slice(start, start + size);
      const spoken = await runParallel(window, options.parallel, options.signal, async (text, _, signal) => {
        const speech = await speakSentence(text, passage, { ...options, signal });
        spokenChars += text.length;
        options.onSpoken(spokenChars);
        return speech;
      });
      for (const [index, speech] of spoken.entries()) {
        if (speech !== null) await append(writer, take, window[index] ?? '', speech);
      }
      const last = spoken.findLast((speech) => speech !== null);
      if (last) await options.onHeard(last.samples);
    }
  } finally {
    await writer.close();
  }
  if (take.sentences.length === 0) {
    throw new PlayheadError('INVALID_INPUT', `${options.provider.name}: expected a text that it can speak`);
  }
  const phonemes = options.provider.guessesPhonemes === true ? [] : take.phonemes;
  return { ...take, phonemes, voice: options.voice, durationSeconds: writer.seconds };
}

async function append(
  writer: WavWriter,
  take: { sentences: TimedSentence[]; phonemes: Phoneme[]; costUsd: number },
  text: string,
  speech: Speech,
): Promise<void> {
  if (take.sentences.length > 0) {
    const startSeconds = writer.seconds;
    await writer.append(new Int16Array(Math.round(GAP_SECONDS * SPEECH_RATE_HZ)));
    take.phonemes.push({ symbol: 'pau', startSeconds, endSeconds: writer.seconds });
  }
  const startSeconds = writer.seconds;
  await writer.append(speech.samples);
  take.sentences.push({ text, startSeconds, endSeconds: writer.seconds });
  for (const phoneme of speech.phonemes) {
    take.phonemes.push({
      symbol: phoneme.symbol,
      startSeconds: startSeconds + phoneme.startSeconds,
      endSeconds: startSeconds + phoneme.endSeconds,
    });
  }
  take.costUsd += speech.costUsd;
}

async function speakSentence(
  text: string,
  { language }: Passage,
  { provider, voice, signal, warn }: TakeOptions,
): Promise<Speech | null> {
  try {
    return await provider.speak(text, voice, language, signal);
  } catch (error) {
    if (!(error instanceof PlayheadError) || error.code !== 'INVALID_INPUT') throw error;
    warn(`${provider.name} could not speak "${startOf(text, 60)}"; it is left out`);
    return null;
  }
}
