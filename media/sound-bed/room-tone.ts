/** The sound of a place where nobody speaks, as a loop. Pure; the same on every machine. */
import type { BackdropKind } from '../clip-plan.ts';
import { noise } from '../random.ts';
import type { Pcm } from '../wav.ts';

export type RoomTone = 'room' | 'hum' | 'wind' | 'waves' | 'city' | 'crickets';

const TONES: Readonly<Record<BackdropKind, RoomTone>> = {
  studio: 'hum',
  train: 'hum',
  space: 'hum',
  office: 'room',
  hospital: 'room',
  school: 'room',
  kitchen: 'room',
  cafe: 'room',
  lounge: 'room',
  park: 'wind',
  forest: 'wind',
  beach: 'waves',
  street: 'city',
  'street-night': 'crickets',
  'park-night': 'crickets',
  'forest-night': 'crickets',
  'beach-night': 'waves',
  night: 'crickets',
};

export function toneOf(place: BackdropKind): RoomTone {
  return TONES[place];
}

const RATE_HZ = 24_000;
/** Length of a loop; a whole number of slow swells fits into it. */
export const TONE_SECONDS = 20;
/** Root mean square relative to full scale, about -54 dB: noticed only when it is missing. */
const LEVEL = 0.002;

/** How a tone is made from noise: the filter, the swells, and the sounds in it. */
interface Recipe {
  /** Cut-off of the low pass, in Hz. */
  readonly lowPassHz: number;
  /** Swells per loop, and how much of the loudness they take away, 0..1. */
  readonly swells: number;
  readonly depth: number;
  /** Frequencies in Hz, each with its loudness. */
  readonly hums: readonly (readonly [hertz: number, gain: number])[];
  readonly hasCrickets: boolean;
}

const STILL = { swells: 1, depth: 0.1, hums: [], hasCrickets: false } as const;
const RECIPES: Readonly<Record<RoomTone, Recipe>> = {
  room: { ...STILL, lowPassHz: 420 },
  hum: {
    ...STILL,
    lowPassHz: 300,
    hums: [
      [60, 0.25],
      [120, 0.16],
      [180, 0.06],
    ],
  },
  wind: { ...STILL, lowPassHz: 620, swells: 3, depth: 0.55 },
  waves: { ...STILL, lowPassHz: 1_500, swells: 3, depth: 0.85 },
  city: { ...STILL, lowPassHz: 260, swells: 2, depth: 0.35 },
  crickets: { ...STILL, lowPassHz: 300, swells: 2, depth: 0.3, hasCrickets: true },
};

/** Makes a loop of 20 s. */
export function makeTone(tone: RoomTone): Pcm {
  const { lowPassHz, swells, depth, hums, hasCrickets } = RECIPES[tone];
  const values = new Float32Array(TONE_SECONDS * RATE_HZ);
  const keep = Math.exp((-2 * Math.PI * lowPassHz) / RATE_HZ);
  let first = 0;
  let second = 0;
  for (let index = 0; index < values.length; index += 1) {
    const seconds = index / RATE_HZ;
    first += (noise(77, index) * 2 - 1 - first) * (1 - keep);
    second += (first - second) * (1 - keep);
    const swell = 1 - depth * (0.5 + 0.5 * Math.cos((2 * Math.PI * swells * seconds) / TONE_SECONDS));
    let value = second * swell;
    for (const [hertz, gain] of hums) value += 0.1 * gain * Math.sin(2 * Math.PI * hertz * seconds);
    if (hasCrickets) value += 0.035 * chirpAt(seconds);
    values[index] = value;
  }
  const power = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  const gain = (LEVEL / Math.sqrt(power)) * 32_767;
  return { samples: Int16Array.from(values, (value) => Math.round(value * gain)), sampleRateHz: RATE_HZ };
}

/** Three pulses of 4.3 kHz, twice in five seconds. */
function chirpAt(seconds: number): number {
  const at = seconds % 2.5;
  if (at > 0.36) return 0;
  const pulse = Math.sin((Math.PI * (at % 0.12)) / 0.08);
  return at % 0.12 > 0.08 ? 0 : pulse * Math.sin(2 * Math.PI * 4_300 * seconds);
}
