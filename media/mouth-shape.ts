/**
 * Mouth shapes from phonemes, co-articulated: every phoneme pulls the mouth towards its own shape with a strength that
 * falls off around it, and the shape is the weighted mean (dominance functions after Cohen and Massaro, "Modeling
 * coarticulation in synthetic visual speech", 1993). So shapes flow into one another, and lips still close for m, b, p.
 */
import type { Phoneme } from './speech.ts';

/** A mouth; every value except `wide` is 0..1. */
export interface MouthShape {
  /** How far the jaw is open. */
  readonly open: number;
  /** -1 pursed (oo) .. 1 spread (ee). */
  readonly wide: number;
  /** How much of the upper teeth shows. */
  readonly teeth: number;
  readonly tongue: number;
  /** Lower lip tucked under the upper teeth (f, v). */
  readonly tuck: number;
}

/** The mouth of a silent figure: closed and relaxed. */
export const REST_MOUTH: MouthShape = { open: 0, wide: 0.12, teeth: 0, tongue: 0, tuck: 0 };

interface Target extends MouthShape {
  /** The strength at the phoneme's middle. */
  readonly strength: number;
  /** How fast it falls off outside the phoneme, per second; high is sharp. */
  readonly falloff: number;
}

const VOWEL = { strength: 1, falloff: 14 };
const CLOSURE = { strength: 6, falloff: 34 };
const CONSONANT = { strength: 0.75, falloff: 20 };

function shape(values: Partial<MouthShape>, kind: { strength: number; falloff: number }): Target {
  return { open: 0, wide: 0, teeth: 0, tongue: 0, tuck: 0, ...values, ...kind };
}

const OPEN = shape({ open: 1, wide: 0.05, teeth: 0.35, tongue: 0.35 }, VOWEL);
const WIDE_OPEN = shape({ open: 0.82, wide: 0.5, teeth: 0.6, tongue: 0.3 }, VOWEL);
const MID = shape({ open: 0.55, wide: 0.2, teeth: 0.45, tongue: 0.25 }, VOWEL);
const SPREAD = shape({ open: 0.32, wide: 0.85, teeth: 0.75, tongue: 0.2 }, VOWEL);
const ROUND_OPEN = shape({ open: 0.78, wide: -0.5, teeth: 0.1, tongue: 0.15 }, VOWEL);
const ROUND = shape({ open: 0.38, wide: -0.95 }, VOWEL);
const LIPS_CLOSED = shape({ wide: -0.05 }, CLOSURE);
const LIP_TEETH = shape({ open: 0.12, wide: 0.15, teeth: 0.9, tuck: 1 }, { strength: 3, falloff: 26 });
const TONGUE_OUT = shape({ open: 0.3, wide: 0.15, teeth: 0.6, tongue: 1 }, CONSONANT);
const TEETH = shape({ open: 0.2, wide: 0.4, teeth: 1 }, CONSONANT);
const PURSED = shape({ open: 0.26, wide: -0.7, teeth: 0.75 }, CONSONANT);
const TONGUE_UP = shape({ open: 0.3, wide: 0.15, teeth: 0.5, tongue: 0.75 }, { strength: 0.5, falloff: 20 });
const BACK = shape({ open: 0.34, wide: 0.1, teeth: 0.3, tongue: 0.3 }, { strength: 0.4, falloff: 20 });
const SILENCE: Target = { ...REST_MOUTH, strength: 1.3, falloff: 16 };

const TARGETS: Readonly<Record<string, Target>> = {
  ...{ aa: OPEN, ah: MID, ax: MID, ae: WIDE_OPEN, eh: WIDE_OPEN, ao: ROUND_OPEN, er: PURSED },
  ...{ ih: SPREAD, iy: SPREAD, uh: ROUND, uw: ROUND, w: ROUND, y: SPREAD, r: PURSED },
  ...{
    p: LIPS_CLOSED,
    b: LIPS_CLOSED,
    m: LIPS_CLOSED,
    f: LIP_TEETH,
    v: LIP_TEETH,
    th: TONGUE_OUT,
    dh: TONGUE_OUT,
  },
  ...{ s: TEETH, z: TEETH, t: TEETH, d: TEETH, sh: PURSED, zh: PURSED, ch: PURSED, jh: PURSED },
  ...{ l: TONGUE_UP, n: TONGUE_UP, k: BACK, g: BACK, ng: BACK, hh: BACK, pau: SILENCE },
};
/** Diphthongs move from one shape to another. */
const GLIDES: Readonly<Record<string, readonly [Target, Target]>> = {
  ...{ ay: [OPEN, SPREAD], ey: [WIDE_OPEN, SPREAD], oy: [ROUND_OPEN, SPREAD], aw: [OPEN, ROUND] },
  ow: [ROUND_OPEN, ROUND],
};

interface Pull {
  readonly target: Target;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Returns the mouth's shape at any time of one turn of speech. */
export interface MouthTrack {
  /** @param seconds on the phonemes' time line; outside it, the mouth rests */
  at(seconds: number): MouthShape;
}

const REACH_SECONDS = 0.28;

/** Prepares the phonemes of one turn, which are in order. */
export function trackMouth(phonemes: readonly Phoneme[]): MouthTrack {
  const pulls = phonemes.flatMap(toPulls);
  const first = pulls[0]?.startSeconds ?? 0;
  const last = pulls.at(-1)?.endSeconds ?? 0;
  const framed: readonly Pull[] = [
    { target: SILENCE, startSeconds: first - 1, endSeconds: first },
    ...pulls,
    { target: SILENCE, startSeconds: last, endSeconds: last + 1 },
  ];
  return { at: (seconds) => (pulls.length === 0 ? REST_MOUTH : blend(framed, seconds)) };
}

function toPulls({ symbol, startSeconds, endSeconds }: Phoneme): Pull[] {
  const glide = GLIDES[symbol];
  if (!glide) return [{ target: TARGETS[symbol] ?? MID, startSeconds, endSeconds }];
  const middle = startSeconds + (endSeconds - startSeconds) * 0.55;
  return [
    { target: glide[0], startSeconds, endSeconds: middle },
    { target: glide[1], startSeconds: middle, endSeconds },
  ];
}

function blend(pulls: readonly Pull[], seconds: number): MouthShape {
  const sum = { open: 0, wide: 0, teeth: 0, tongue: 0, tuck: 0 };
  let total = 0;
  for (let index = firstReaching(pulls, seconds - REACH_SECONDS); index < pulls.length; index += 1) {
    const pull = pulls[index];
    if (!pull || pull.startSeconds > seconds + REACH_SECONDS) break;
    const center = (pull.startSeconds + pull.endSeconds) / 2;
    const half = (pull.endSeconds - pull.startSeconds) / 2;
    const outside = Math.max(0, Math.abs(seconds - center) - half * 0.5);
    const weight = pull.target.strength * Math.exp(-pull.target.falloff * outside);
    total += weight;
    sum.open += pull.target.open * weight;
    sum.wide += pull.target.wide * weight;
    sum.teeth += pull.target.teeth * weight;
    sum.tongue += pull.target.tongue * weight;
    sum.tuck += pull.target.tuck * weight;
  }
  if (total === 0) return REST_MOUTH;
  const { open, wide, teeth, tongue, tuck } = sum;
  return {
    open: open / total,
    wide: wide / total,
    teeth: teeth / total,
    tongue: tongue / total,
    tuck: tuck / total,
  };
}

/** Binary search for the first pull that ends at or after `seconds`. */
function firstReaching(pulls: readonly Pull[], seconds: number): number {
  let low = 0;
  let high = pulls.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pulls[middle]?.endSeconds ?? 0) < seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}
