/** Listens to a take: turns its speech back into text, piece by piece, and compares it with what was to be said. */

import type { Language } from 'playhead';
import { runParallel } from '../parallel.ts';
import type { RecognitionProvider, RecognizedWord } from '../providers/recognition.ts';
import type { TimedSentence } from '../sentence.ts';
import { type Comparison, combine, measure } from '../text-normalisation/comparison.ts';
import { readWavPart } from '../wav-file.ts';
import type { Passage } from './passage.ts';
import type { Take } from './take.ts';

/** What was heard in a take. */
export interface Hearing {
  /** What was heard, as the recogniser writes it. */
  readonly text: string;
  /** Times in seconds from the start of the audio; empty if the recogniser gives no times. */
  readonly words: readonly RecognizedWord[];
  /** For each piece, what was to be said and what was heard. */
  readonly pieces: readonly { readonly expected: string; readonly heard: string }[];
  readonly costUsd: number;
}

export interface HearingOptions {
  readonly provider: RecognitionProvider;
  /** The number of pieces listened to concurrently. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /** @param seconds of audio heard so far */
  readonly onHeard: (seconds: number) => void;
}

/** The longest piece given to a recogniser (a single sentence may be longer); bounds its memory and time. */
const PIECE_LIMIT_SECONDS = 25;
/** Keeps the last sound of a sentence from being cut off. */
const MARGIN_SECONDS = 0.05;

/**
 * Listens to a take.
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
  const heard = await runParallel(cutPieces(take.sentences), parallel, signal, async (piece, _, stop) => {
    const speech = await readWavPart(wavPath, piece.startSeconds, piece.endSeconds + MARGIN_SECONDS);
    const recognition = await provider.recognize(speech, passage.language, stop);
    heardSeconds += piece.endSeconds - piece.startSeconds;
    onHeard(heardSeconds);
    return { ...recognition, piece };
  });
  return {
    text: heard.map(({ text }) => text).join(' '),
    words: heard.flatMap(({ words, piece }) => words.map((word) => shift(word, piece.startSeconds))),
    pieces: [
      ...heard.map(({ text, piece }) => ({ expected: piece.text, heard: text })),
      ...unspoken(passage, take),
    ],
    costUsd: heard.reduce((sum, { costUsd }) => sum + costUsd, 0),
  };
}

/** Compares what was heard with the passage. Linear in the passage's length, since pieces are bounded. */
export function judgeHearing({ pieces }: Hearing, language: Language): Comparison {
  return combine(pieces.map(({ expected, heard }) => measure(expected, heard, language)));
}

/** Joins neighbouring sentences up to the limit: starting a recogniser costs as much as several seconds of speech. */
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

/** Sentences that the voice omitted, which therefore were not heard. */
function unspoken({ sentences }: Passage, take: Take): Hearing['pieces'] {
  const spoken = new Set(take.sentences.map(({ text }) => text));
  return sentences.filter((text) => !spoken.has(text)).map((expected) => ({ expected, heard: '' }));
}

function shift({ text, startSeconds, endSeconds }: RecognizedWord, bySeconds: number): RecognizedWord {
  return { text, startSeconds: startSeconds + bySeconds, endSeconds: endSeconds + bySeconds };
}
