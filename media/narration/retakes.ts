/** How each take of a passage differs from the previous ones. */
import type { Voice } from '../character.ts';

/** Mostly slower than the first take, alternating with other voices. */
const PACES: readonly number[] = [1, 0.85, 0.95, 0.8, 1, 0.75, 0.9, 0.7, 0.85, 0.78];
/** Which voice: 0 is the requested one, then the others in order of intelligibility. */
const VOICES: readonly number[] = [0, 0, 1, 1, 2, 0, 2, 0, 3, 1];
/** Most intelligible first (measured with PocketSphinx, docs/dependencies.md). */
const BY_CLARITY: readonly Voice['name'][] = ['rms', 'slt', 'awb', 'kal16'];

/**
 * The voice of a take.
 * @param take 1 for the first: the requested voice, unchanged; later ones are slower or have another voice, never the same
 */
export function voiceOfTake(first: Voice['name'], take: number): Voice {
  const order = [first, ...BY_CLARITY.filter((name) => name !== first)];
  const index = (take - 1) % PACES.length;
  return { name: order[VOICES[index] ?? 0] ?? first, pitch: 1, pace: PACES[index] ?? 1 };
}
