/** Music made here, as a loop: a chord progression, played by sine waves. Pure; the same on every machine. */
import { noise } from '../random.ts';
import type { Pcm } from '../wav.ts';

export const MUSIC_MOODS = ['calm', 'bright'] as const;
export type MusicMood = (typeof MUSIC_MOODS)[number];

const RATE_HZ = 24_000;
const BEATS_PER_BAR = 4;

interface Piece {
  readonly beatsPerMinute: number;
  /** One chord per bar, as MIDI notes, the bass first. */
  readonly chords: readonly (readonly number[])[];
  /** Notes per bar that are plucked from the chord. */
  readonly plucksPerBar: number;
  readonly pluckGain: number;
  readonly padGain: number;
  readonly hasShaker: boolean;
}

const PIECES: Readonly<Record<MusicMood, Piece>> = {
  calm: {
    beatsPerMinute: 66,
    chords: [
      [36, 60, 64, 67, 71],
      [33, 57, 60, 64, 67],
      [29, 57, 60, 64, 69],
      [31, 55, 59, 62, 69],
      [36, 60, 64, 67, 74],
      [40, 59, 64, 67, 71],
      [29, 57, 60, 65, 69],
      [31, 55, 59, 62, 67],
    ],
    plucksPerBar: 4,
    pluckGain: 0.1,
    padGain: 0.1,
    hasShaker: false,
  },
  bright: {
    beatsPerMinute: 104,
    chords: [
      [38, 62, 66, 69, 74],
      [33, 61, 64, 69, 73],
      [35, 62, 66, 71, 74],
      [31, 62, 67, 71, 74],
      [38, 62, 66, 69, 78],
      [33, 61, 64, 69, 76],
      [31, 62, 67, 71, 79],
      [33, 61, 64, 69, 73],
    ],
    plucksPerBar: 8,
    pluckGain: 0.15,
    padGain: 0.035,
    hasShaker: true,
  },
};

/** A single note; its frequency follows from its MIDI number (69 is 440 Hz). */
interface Note {
  readonly startSeconds: number;
  readonly seconds: number;
  readonly pitch: number;
  readonly gain: number;
  /** Seconds until it is loudest. */
  readonly attackSeconds: number;
  /** Seconds in which it decays to about a third; undefined: it is held. */
  readonly decaySeconds?: number;
  /** Loudness of the partials, from the second one on. */
  readonly overtones: readonly number[];
}

/** Plays a piece through once; its end runs into its beginning. About half a minute. */
export function playMusic(mood: MusicMood): Pcm {
  const piece = PIECES[mood];
  const barSeconds = (60 / piece.beatsPerMinute) * BEATS_PER_BAR;
  const mix = new Float32Array(Math.round(barSeconds * piece.chords.length * RATE_HZ));
  for (const [bar, chord] of piece.chords.entries()) {
    for (const note of [...padOf(piece, chord), ...plucksOf(piece, chord, bar, barSeconds)]) {
      addNote(mix, { ...note, startSeconds: note.startSeconds + bar * barSeconds });
    }
    if (piece.hasShaker) addShaker(mix, bar, barSeconds);
  }
  return { samples: toSamples(echo(mix)), sampleRateHz: RATE_HZ };
}

function padOf({ beatsPerMinute, padGain }: Piece, [bass = 36, ...chord]: readonly number[]): Note[] {
  const seconds = (60 / beatsPerMinute) * BEATS_PER_BAR;
  const held = { startSeconds: 0, seconds: seconds * 1.15, attackSeconds: seconds * 0.3 };
  return [
    ...chord.map((pitch) => ({ ...held, pitch, gain: padGain, overtones: [0.3, 0.12] })),
    { ...held, pitch: bass + 12, gain: padGain * 1.6, attackSeconds: 0.08, overtones: [0.35] },
  ];
}

function plucksOf(
  { plucksPerBar, pluckGain }: Piece,
  chord: readonly number[],
  bar: number,
  barSeconds: number,
): Note[] {
  return Array.from({ length: plucksPerBar }, (_, index): Note => {
    const order = [1, 3, 2, 4, 3, 1, 4, 2][(index + bar * 3) % 8] ?? 1;
    return {
      startSeconds: (index / plucksPerBar) * barSeconds,
      seconds: 1.6,
      pitch: (chord[order] ?? 60) + 12,
      gain: pluckGain * (0.7 + 0.3 * noise(bar, index)),
      attackSeconds: 0.008,
      decaySeconds: 0.35,
      overtones: [0.4, 0.16, 0.08],
    };
  });
}

function addNote(mix: Float32Array, note: Note): void {
  const first = Math.round(note.startSeconds * RATE_HZ);
  const count = Math.round(note.seconds * RATE_HZ);
  const release = Math.min(count, Math.round(0.25 * note.seconds * RATE_HZ));
  const partials = [1, ...note.overtones];
  const step = (2 * Math.PI * 440 * 2 ** ((note.pitch - 69) / 12)) / RATE_HZ;
  for (let index = 0; index < count; index += 1) {
    const attack = Math.min(1, index / (note.attackSeconds * RATE_HZ));
    const end = Math.min(1, (count - index) / release);
    const fall = note.decaySeconds === undefined ? 1 : Math.exp(-index / (note.decaySeconds * RATE_HZ));
    let value = 0;
    for (const [at, loudness] of partials.entries()) value += loudness * Math.sin(step * (at + 1) * index);
    const place = (first + index) % mix.length;
    mix[place] = (mix[place] ?? 0) + value * note.gain * attack * end * fall;
  }
}

/** Adds short bursts of noise between the beats. */
function addShaker(mix: Float32Array, bar: number, barSeconds: number): void {
  const count = Math.round(0.05 * RATE_HZ);
  for (let beat = 0; beat < BEATS_PER_BAR; beat += 1) {
    const first = Math.round((bar + (beat + 0.5) / BEATS_PER_BAR) * barSeconds * RATE_HZ);
    let before = 0;
    for (let index = 0; index < count; index += 1) {
      const white = noise(bar * BEATS_PER_BAR + beat, index) * 2 - 1;
      const place = (first + index) % mix.length;
      mix[place] = (mix[place] ?? 0) + (white - before) * 0.02 * (1 - index / count);
      before = white;
    }
  }
}

const ECHOES: readonly (readonly [seconds: number, gain: number])[] = [
  [0.083, 0.3],
  [0.197, 0.22],
  [0.311, 0.16],
  [0.463, 0.1],
];

/** Adds the echo of a room to the loop. */
function echo(mix: Float32Array): Float32Array {
  const wet = Float32Array.from(mix);
  for (const [seconds, gain] of ECHOES) {
    const delay = Math.round(seconds * RATE_HZ);
    for (let index = 0; index < mix.length; index += 1) {
      wet[index] = (wet[index] ?? 0) + gain * (mix[(index + mix.length - delay) % mix.length] ?? 0);
    }
  }
  return wet;
}

const PEAK = 0.5;

function toSamples(mix: Float32Array): Int16Array<ArrayBuffer> {
  const peak = mix.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  const samples = new Int16Array(mix.length);
  for (const [index, value] of mix.entries()) samples[index] = Math.round((value / peak) * PEAK * 32_767);
  return samples;
}
