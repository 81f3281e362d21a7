/** Speaks the lines of one scene. */
import { PlayheadError } from 'playhead';
import { NARRATOR } from './builtin-cast.ts';
import { readingSeconds, type TimedSentence } from './caption-cues.ts';
import type { Voice } from './character.ts';
import type { Film, FilmLine, FilmScene, SpeechWarning } from './film.ts';
import { type Phoneme, SPEECH_RATE_HZ, type Speech, type SpeechProvider } from './speech.ts';

/** A line as it is heard; seconds from the line's start. */
export interface SpokenLine {
  readonly line: FilmLine;
  readonly durationSeconds: number;
  readonly sentences: readonly TimedSentence[];
  readonly phonemes: readonly Phoneme[];
  /** Audio with the second at which it begins. */
  readonly sounds: readonly { readonly atSeconds: number; readonly samples: Int16Array<ArrayBuffer> }[];
  readonly costUsd: number;
}

export interface SceneSpeechOptions {
  readonly provider: SpeechProvider;
  readonly signal: AbortSignal;
  /** Called with the number of characters of text that were done. */
  readonly onSpoken: (chars: number) => void;
  readonly warn: (warning: SpeechWarning) => void;
}

/**
 * Speaks the lines one after another. What cannot be spoken, or not all of it, stays long enough to be read.
 * @throws PlayheadError as the provider does
 */
export async function speakScene(
  film: Film,
  scene: FilmScene,
  options: SceneSpeechOptions,
): Promise<SpokenLine[]> {
  const spoken: SpokenLine[] = [];
  for (const line of scene.lines) spoken.push(await speakLine(film, line, options));
  return spoken;
}

async function speakLine(film: Film, line: FilmLine, options: SceneSpeechOptions): Promise<SpokenLine> {
  const voice = line.character === null ? NARRATOR.voice : film.characters[line.character]?.voice;
  const sentences: TimedSentence[] = [];
  const phonemes: Phoneme[] = [];
  const sounds: SpokenLine['sounds'][number][] = [];
  let at = 0;
  let costUsd = 0;
  for (const text of line.sentences) {
    const speech = await speakSentence(film, line, text, voice ?? NARRATOR.voice, options);
    const isWhole = speech !== null && options.provider.prepare(text, film.language).omitted === undefined;
    const heard = speech ? speech.samples.length / SPEECH_RATE_HZ : 0;
    const seconds = isWhole ? heard : Math.max(heard, readingSeconds(text));
    if (speech) {
      sounds.push({ atSeconds: at, samples: speech.samples });
      phonemes.push(...shift(speech.phonemes, at));
      costUsd += speech.costUsd;
    }
    sentences.push({ text, startSeconds: at, endSeconds: at + seconds });
    at += seconds;
    options.onSpoken(text.length);
  }
  return { line, durationSeconds: at, sentences, phonemes, sounds, costUsd };
}

async function speakSentence(
  film: Film,
  line: FilmLine,
  sentence: string,
  voice: Voice,
  { provider, signal, warn }: SceneSpeechOptions,
): Promise<Speech | null> {
  const { text } = provider.prepare(sentence, film.language);
  if (text === '') return null;
  try {
    return await provider.speak(text, voice, film.language, signal);
  } catch (error) {
    if (!(error instanceof PlayheadError) || error.code !== 'INVALID_INPUT') throw error;
    warn({ provider: provider.name, kinds: [], sourceLines: [line.sourceLine] });
    return null;
  }
}

function shift(phonemes: readonly Phoneme[], bySeconds: number): Phoneme[] {
  return phonemes.map(({ symbol, startSeconds, endSeconds }) => ({
    symbol,
    startSeconds: startSeconds + bySeconds,
    endSeconds: endSeconds + bySeconds,
  }));
}
