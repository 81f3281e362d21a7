/** Listening to a take: its speech as text again, piece by piece, compared with what was to be said. */
import type { TimedSentence } from '../caption-cues.ts';
import { runParallel } from '../parallel.ts';
import type { RecognitionProvider, RecognizedWord } from '../providers/recognition.ts';
import { combine, type Difference, measure } from '../text-normalisation/comparison.ts';
import { readWavPart } from '../wav-file.ts';
import type { Passage } from './passage.ts';
import type { Take } from './take.ts';

/** What was heard in a take. */
export interface Hearing {
  /** What was heard, as the recogniser writes it. */
  readonly text: string;
  /** Seconds from the start of the audio; empty where the recogniser gives no times. */
  readonly words: readonly RecognizedWord[];
  /** 0..1 */
  readonly similarity: number;
  readonly wordErrorRate: number;
  readonly costUsd: number;
}

export interface HearingOptions {
  readonly provider: RecognitionProvider;
  /** Pieces that are listened to at once. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /** @param seconds of audio heard so far */
  readonly onHeard: (seconds: number) => void;
}

/** Longest piece that a recogniser is given (a sentence alone may be longer); bounds its memory and time. */
const PIECE_LIMIT_SECONDS = 25;
/** So that the last sound of a sentence is not cut. */
const MARGIN_SECONDS = 0.05;

/**
 * Listens to a take and compares it with its passage.
 * @param wavPath the take's audio
 * @throws PlayheadError as the recogniser does
 */
export async function hearTake(
  passage: Passage,
  take: Take,
  wavPath: string,
  { provider, parallel, signal, onHeard }: HearingOptions,
): Promise<Hearing> {
  let heardSeconds = 0;
  const pieces = await runParallel(cutPieces(take.sentences), parallel, signal, async (piece, _, stop) => {
    const speech = await readWavPart(wavPath, piece.startSeconds, piece.endSeconds + MARGIN_SECONDS);
    const heard = await provider.recognize(speech, passage.language, stop);
    heardSeconds += piece.endSeconds - piece.startSeconds;
    onHeard(heardSeconds);
    return { ...heard, difference: measure(piece.text, heard.text, passage.language), piece };
  });
  const differences = [...pieces.map(({ difference }) => difference), ...unspoken(passage, take)];
  return {
    text: pieces.map(({ text }) => text).join(' '),
    words: pieces.flatMap(({ words, piece }) => words.map((word) => shift(word, piece.startSeconds))),
    ...combine(differences),
    costUsd: pieces.reduce((sum, { costUsd }) => sum + costUsd, 0),
  };
}

/** Joins neighbouring sentences up to the limit: starting a recogniser costs as much as seconds of speech. */
function cutPieces(sentences: readonly TimedSentence[]): TimedSentence[] {
  const pieces: TimedSentence[] = [];
  for (const sentence of sentences) {
    const last = pieces.at(-1);
    if (last && sentence.endSeconds - last.startSeconds <= PIECE_LIMIT_SECONDS) {
      const text = `${last.text} ${sentence.text}`;
      pieces[pieces.length - 1] = { ...last, text, endSeconds: sentence.endSeconds };
    } else pieces.push(sentence);
  }
  return pieces;
}

/** Sentences that the voice left out were not heard either. */
function unspoken({ sentences, language }: Passage, take: Take): Difference[] {
  const spoken = new Set(take.sentences.map(({ text }) => text));
  return sentences.filter((text) => !spoken.has(text)).map((text) => measure(text, '', language));
}

function shift({ text, startSeconds, endSeconds }: RecognizedWord, bySeconds: number): RecognizedWord {
  return { text, startSeconds: startSeconds + bySeconds, endSeconds: endSeconds + bySeconds };
}
