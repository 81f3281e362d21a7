/**
 * eSpeak NG compiled to JavaScript, speaking Korean: text in, samples and phoneme times out. Synchronous and CPU-bound, so it
 * belongs in a media process. The package is optional, and loaded for the first Korean text (24 MB, 0.2 s).
 */

import type { EspeakWorker } from '@echogarden/espeak-ng-emscripten';
import { PlayheadError } from 'playhead';
import type { Voice } from './character.ts';
import { type Phoneme, SPEECH_RATE_HZ, type Speech } from './speech.ts';
import { KOREAN_SPEECH_HINT } from './speech-ability.ts';
import { levelSpeech, resample } from './wav.ts';

/** eSpeak's own rate for a clear voice, in words per minute. */
const RATE_WPM = 150;
/** The middle of eSpeak's range. */
const PITCH_MIDDLE = 50;
/** eSpeak's `ko` voice is male; a higher pitch stands in for the female voice. */
const VOICE_PITCHES: Readonly<Record<Voice['name'], number>> = { slt: 75, rms: 45, awb: 40, kal16: 55 };

let engine: Promise<EspeakWorker> | undefined;

async function loadEngine(): Promise<EspeakWorker> {
  try {
    const { default: initialize } = await import('@echogarden/espeak-ng-emscripten');
    const { eSpeakNGWorker } = await initialize();
    return new eSpeakNGWorker();
  } catch (cause) {
    throw new PlayheadError('TOOL_MISSING', `expected a Korean voice, found none. ${KOREAN_SPEECH_HINT}`, {
      cause,
    });
  }
}

/** Speaks one Korean sentence. @throws PlayheadError TOOL_MISSING, INVALID_INPUT (nothing was heard) */
export async function speakWithEspeak(text: string, voice: Voice): Promise<Speech> {
  engine ??= loadEngine();
  const worker = await engine;
  worker.set_voice('ko', 'ko', 0, 0, 0);
  worker.set_rate(Math.round(RATE_WPM * voice.pace));
  worker.set_pitch(Math.round((VOICE_PITCHES[voice.name] ?? PITCH_MIDDLE) * voice.pitch));
  const pieces: Int16Array[] = [];
  const marks: { symbol: string; atSeconds: number }[] = [];
  worker.synthesize(text, (audio, events) => {
    if (audio !== null && audio.length > 0) pieces.push(audio.slice());
    for (const { type, id, audio_position } of events) {
      if (type === 'phoneme')
        marks.push({ symbol: toCmu(String(id ?? '')), atSeconds: audio_position / 1000 });
    }
  });
  const source = { samples: join(pieces), sampleRateHz: worker.get_samplerate() };
  if (source.samples.length === 0)
    throw new PlayheadError('INVALID_INPUT', 'espeak-ng: expected a text it can speak');
  const { samples } = resample(source, SPEECH_RATE_HZ);
  levelSpeech(samples);
  return { samples, phonemes: toPhonemes(marks, samples.length / SPEECH_RATE_HZ), costUsd: 0 };
}

function join(pieces: readonly Int16Array[]): Int16Array<ArrayBuffer> {
  const joined = new Int16Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

function toPhonemes(
  marks: readonly { symbol: string; atSeconds: number }[],
  durationSeconds: number,
): Phoneme[] {
  const bounded = [{ symbol: 'pau', atSeconds: 0 }, ...marks].map(({ symbol, atSeconds }) => ({
    symbol,
    atSeconds: Math.min(atSeconds, durationSeconds),
  }));
  return bounded.flatMap(({ symbol, atSeconds }, index) => {
    const endSeconds = bounded[index + 1]?.atSeconds ?? durationSeconds;
    return endSeconds > atSeconds ? [{ symbol, startSeconds: atSeconds, endSeconds }] : [];
  });
}

/** The sounds of Korean in CMU notation, chosen by mouth shape. */
const CMU_BY_IPA: readonly (readonly [ipa: string, symbol: string])[] = [
  ...([
    ['tɕ', 'ch'],
    ['dʑ', 'jh'],
    ['ɐ', 'aa'],
    ['a', 'aa'],
    ['ʌ', 'ao'],
    ['ɔ', 'ao'],
    ['ə', 'ah'],
  ] as const),
  ...([
    ['o', 'ow'],
    ['u', 'uw'],
    ['ɯ', 'ih'],
    ['i', 'iy'],
    ['e', 'eh'],
    ['ɛ', 'eh'],
    ['ø', 'er'],
  ] as const),
  ...([
    ['j', 'y'],
    ['w', 'w'],
    ['m', 'm'],
    ['b', 'b'],
    ['p', 'p'],
    ['f', 'f'],
    ['v', 'v'],
  ] as const),
  ...([
    ['ŋ', 'ng'],
    ['n', 'n'],
    ['l', 'l'],
    ['ɾ', 'd'],
    ['r', 'r'],
    ['ɕ', 'sh'],
    ['s', 's'],
  ] as const),
  ...([
    ['z', 'z'],
    ['t', 't'],
    ['d', 'd'],
    ['k', 'k'],
    ['ɡ', 'g'],
    ['g', 'g'],
    ['h', 'hh'],
  ] as const),
];

function toCmu(ipa: string): string {
  const plain = ipa.replaceAll(/[ˈˌː]/g, '');
  if (plain === '' || /^[_|\s]/.test(plain)) return 'pau';
  return CMU_BY_IPA.find(([sound]) => plain.startsWith(sound))?.[1] ?? 'ah';
}
