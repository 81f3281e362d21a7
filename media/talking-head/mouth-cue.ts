/**
 * Mouth cues in the shapes of Rhubarb Lip Sync, which are Preston Blair's plus two more:
 * A lips closed (m, b, p), B teeth together (s, t, ee), C open (eh, ae), D wide open (aa), E rounded (ao, er),
 * F pursed (oo, w), G teeth on the lip (f, v), H tongue up (l), X at rest.
 * https://github.com/DanielSWolf/rhubarb-lip-sync#mouth-shapes
 */
import type { Phoneme } from '../speech.ts';

export const MOUTH_SHAPES = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'X'] as const;
export type MouthShapeName = (typeof MOUTH_SHAPES)[number];

/** The mouth has this shape from `start` to `end`, in seconds. Cues are in order, gapless and cover the audio. */
export interface MouthCue {
  readonly start: number;
  readonly end: number;
  readonly value: MouthShapeName;
}

const SHAPE_OF: Readonly<Record<string, MouthShapeName>> = {
  ...{ m: 'A', b: 'A', p: 'A', f: 'G', v: 'G', l: 'H', pau: 'X' },
  ...{ aa: 'D', ae: 'C', eh: 'C', ah: 'C', ax: 'C', ao: 'E', er: 'E', r: 'E' },
  ...{ uw: 'F', uh: 'F', w: 'F', iy: 'B', ih: 'B', y: 'B', hh: 'C' },
  ...{ s: 'B', z: 'B', t: 'B', d: 'B', n: 'B', k: 'B', g: 'B', ng: 'B', th: 'H', dh: 'H' },
  ...{ sh: 'F', zh: 'F', ch: 'F', jh: 'F' },
};
/** Diphthongs glide from one shape to another; the second part begins at this share. */
const GLIDES: Readonly<Record<string, readonly [MouthShapeName, MouthShapeName]>> = {
  ...{ ay: ['D', 'B'], ey: ['C', 'B'], oy: ['E', 'B'], aw: ['D', 'F'], ow: ['E', 'F'] },
};
const GLIDE_SHARE = 0.55;
/** A shape shown for less than a frame is a flicker; closed lips must show, however briefly. */
const SHORTEST_SECONDS = 0.035;

/** Makes mouth cues from phonemes, which are gapless. */
export function cuesOfPhonemes(phonemes: readonly Phoneme[]): MouthCue[] {
  return tidyCues(
    phonemes.flatMap(({ symbol, startSeconds, endSeconds }): MouthCue[] => {
      const glide = GLIDES[symbol];
      if (!glide) return [{ start: startSeconds, end: endSeconds, value: SHAPE_OF[symbol] ?? 'C' }];
      const middle = startSeconds + (endSeconds - startSeconds) * GLIDE_SHARE;
      return [
        { start: startSeconds, end: middle, value: glide[0] },
        { start: middle, end: endSeconds, value: glide[1] },
      ];
    }),
  );
}

/** Joins equal neighbours, removes flickers and resolves overlaps (Rhubarb has some): the later cue wins. */
export function tidyCues(cues: readonly MouthCue[]): MouthCue[] {
  const tidy: { start: number; end: number; value: MouthShapeName }[] = [];
  for (const [index, cue] of cues.entries()) {
    const end = Math.min(cue.end, cues[index + 1]?.start ?? cue.end);
    const last = tidy.at(-1);
    const isFlicker = end - cue.start < SHORTEST_SECONDS && cue.value !== 'A';
    if (last && (last.value === cue.value || isFlicker)) last.end = Math.max(last.end, end);
    else if (end > cue.start) tidy.push({ start: last?.end ?? cue.start, end, value: cue.value });
  }
  return tidy.map(({ start, end, value }) => ({ start: round(start), end: round(end), value }));
}

/** For each shape, a phoneme that looks the same when drawn. */
const PHONEME_OF: Readonly<Record<MouthShapeName, string>> = {
  ...{ A: 'm', B: 's', C: 'eh', D: 'aa', E: 'ao', F: 'uw', G: 'f', H: 'l', X: 'pau' },
};

/** Phonemes to draw for cues that came without any. */
export function phonemesOfCues(cues: readonly MouthCue[]): Phoneme[] {
  return cues.map(({ start, end, value }) => ({
    symbol: PHONEME_OF[value],
    startSeconds: start,
    endSeconds: end,
  }));
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
