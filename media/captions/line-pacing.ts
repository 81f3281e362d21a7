/** Makes time for captions in a spoken line: where the voice pauses, it waits until the previous caption has been read. */
import { FRAMES_PER_SECOND } from '../clip-plan.ts';
import type { TimedSentence } from '../sentence.ts';
import { type Phoneme, SPEECH_RATE_HZ } from '../speech.ts';
import { cutCaptions } from './caption-cutting.ts';
import { type TimedCaption, timeCaptions } from './caption-timing.ts';
import type { SpokenWord } from './spoken-word.ts';

/** The sound of a line; seconds from the line's start. */
export interface LineSound {
  readonly phonemes: readonly Phoneme[];
  /** Pieces of audio, each with the time at which it begins. */
  readonly sounds: readonly { readonly atSeconds: number; readonly samples: Int16Array<ArrayBuffer> }[];
}

export interface PacedLine extends LineSound {
  readonly durationSeconds: number;
  readonly captions: readonly TimedCaption[];
  /** When each word is heard. */
  readonly words: readonly SpokenWord[];
}

/** Cuts a line into captions and lengthens its pauses so that each can be read. Pure. */
export function paceLine(
  sentences: readonly TimedSentence[],
  words: readonly SpokenWord[],
  sound: LineSound,
): PacedLine {
  const pauses = findPauses(sentences, sound.phonemes);
  const { captions, waits, frames } = timeCaptions(cutCaptions(words), pauses);
  let waitedFrames = 0;
  const delays = waits.map((wait) => {
    waitedFrames += wait;
    return waitedFrames / FRAMES_PER_SECOND;
  });
  const stretches = pauses.map((from, index) => ({
    ...{ from, to: pauses[index + 1] ?? Number.POSITIVE_INFINITY, delay: delays[index] ?? 0 },
  }));
  const spokenSeconds = (sentences.at(-1)?.endSeconds ?? 0) + (delays.at(-1) ?? 0);
  return {
    durationSeconds: Math.max(spokenSeconds, frames / FRAMES_PER_SECOND),
    captions,
    words: words.map((word) => delayWord(word, stretches)),
    sounds: stretches.flatMap((stretch) => sound.sounds.flatMap((one) => cutSound(one, stretch))),
    phonemes: fillPauses(stretches.flatMap((stretch) => cutPhonemes(sound.phonemes, stretch))),
  };
}

/** Shorter pauses are part of how a word sounds. */
const PAUSE_MIN_SECONDS = 0.05;

/** The seconds at which a line may wait, in order: before each sentence, and in the middle of each pause within one. */
function findPauses(sentences: readonly TimedSentence[], phonemes: readonly Phoneme[]): number[] {
  return sentences.flatMap((sentence) => {
    const inside = phonemes.filter(
      ({ symbol, startSeconds, endSeconds }) =>
        symbol === 'pau' &&
        endSeconds - startSeconds >= PAUSE_MIN_SECONDS &&
        startSeconds > sentence.startSeconds &&
        endSeconds < sentence.endSeconds - PAUSE_MIN_SECONDS,
    );
    return [sentence.startSeconds, ...inside.map((pause) => (pause.startSeconds + pause.endSeconds) / 2)];
  });
}

/** Sound between two pauses, in seconds, with its delay. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly delay: number;
}

function delayWord(word: SpokenWord, stretches: readonly Stretch[]): SpokenWord {
  const { delay = 0 } = stretches.findLast(({ from }) => from <= word.startSeconds + TOLERANCE_SECONDS) ?? {};
  return { ...word, startSeconds: word.startSeconds + delay, endSeconds: word.endSeconds + delay };
}

function cutSound(sound: LineSound['sounds'][number], { from, to, delay }: Stretch): LineSound['sounds'] {
  const sampleAt = (seconds: number): number =>
    Math.max(0, Math.min(sound.samples.length, Math.round((seconds - sound.atSeconds) * SPEECH_RATE_HZ)));
  const first = sampleAt(from);
  const samples = sound.samples.subarray(first, sampleAt(to));
  if (samples.length === 0) return [];
  return [{ atSeconds: sound.atSeconds + first / SPEECH_RATE_HZ + delay, samples }];
}

function cutPhonemes(phonemes: readonly Phoneme[], { from, to, delay }: Stretch): Phoneme[] {
  return phonemes
    .filter(
      ({ startSeconds }) => startSeconds >= from - TOLERANCE_SECONDS && startSeconds < to - TOLERANCE_SECONDS,
    )
    .map(({ symbol, startSeconds, endSeconds }) => ({
      ...{ symbol, startSeconds: startSeconds + delay, endSeconds: endSeconds + delay },
    }));
}

const TOLERANCE_SECONDS = 1e-6;

/** Fills gaps with silence, since phonemes must be gapless. */
function fillPauses(phonemes: readonly Phoneme[]): Phoneme[] {
  return phonemes.flatMap((phoneme, index) => {
    const before = phonemes[index - 1]?.endSeconds ?? phoneme.startSeconds;
    const gap = { symbol: 'pau', startSeconds: before, endSeconds: phoneme.startSeconds };
    return phoneme.startSeconds - before > 0.001 ? [gap, phoneme] : [phoneme];
  });
}
