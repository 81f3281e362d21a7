/** Speaks the lines of one scene. */
import { PlayheadError } from 'playhead';
import { readingSeconds } from './captions/caption-rules.ts';
import { type PacedLine, paceLine } from './captions/line-pacing.ts';
import { type SpokenWord, timeWords } from './captions/spoken-word.ts';
import type { Voice } from './character.ts';
import type { Film, FilmLine, FilmScene, SpeechWarning } from './film.ts';
import type { TimedSentence } from './sentence.ts';
import { type Phoneme, SPEECH_RATE_HZ, type Speech, type SpeechProvider } from './speech.ts';
import { readingLanguage, wordsToSpeak } from './words-to-speak.ts';

/** A line as it is heard and read; seconds from the line's start. */
export interface SpokenLine extends PacedLine {
  readonly line: FilmLine;
  readonly costUsd: number;
}

export interface SceneSpeechOptions {
  readonly provider: SpeechProvider;
  readonly signal: AbortSignal;
  /** Called with the number of characters of text that are done. */
  readonly onSpoken: (chars: number) => void;
  readonly warn: (warning: SpeechWarning) => void;
}

/**
 * Speaks the lines one after another. Text that cannot be spoken, or only partly, is shown long enough to be read.
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
  const speaker = line.character === null ? film.narrator : film.characters[line.character];
  const { voice } = speaker ?? film.narrator;
  const sentences: TimedSentence[] = [];
  const phonemes: Phoneme[] = [];
  const sounds: SpokenLine['sounds'][number][] = [];
  const words: SpokenWord[] = [];
  const areExact = options.provider.guessesPhonemes !== true;
  let at = 0;
  let costUsd = 0;
  for (const text of line.sentences) {
    const speech = await speakSentence(film, line, text, voice, options);
    const isWhole =
      speech !== null && wordsToSpeak(text, film.language, options.provider).omitted === undefined;
    const heard = speech ? speech.samples.length / SPEECH_RATE_HZ : 0;
    const seconds = isWhole ? heard : Math.max(heard, readingSeconds(text));
    if (speech) {
      sounds.push({ atSeconds: at, samples: speech.samples });
      phonemes.push(...shift(speech.phonemes, at));
      costUsd += speech.costUsd;
    }
    const sentence = { text, startSeconds: at, endSeconds: at + seconds };
    const timing = {
      phonemes: isWhole ? phonemes : [],
      language: readingLanguage(text, film.language),
      areExact,
    };
    words.push(...timeWords(sentence, sentences.length, timing));
    sentences.push(sentence);
    at += seconds;
    options.onSpoken(text.length);
  }
  return { line, ...paceLine(sentences, words, { phonemes, sounds }), costUsd };
}

async function speakSentence(
  film: Film,
  line: FilmLine,
  sentence: string,
  voice: Voice,
  { provider, signal, warn }: SceneSpeechOptions,
): Promise<Speech | null> {
  const { text } = wordsToSpeak(sentence, film.language, provider);
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
