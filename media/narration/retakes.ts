/** How each take of a passage differs from the ones before. */
import type { Voice } from '../character.ts';

/** Slower than the first take, by turns with other voices. */
const PACES: readonly number[] = [1, 0.85, 0.95, 0.8, 1, 0.75, 0.9, 0.7, 0.85, 0.78];
/** Which voice: 0 is the one asked for, then the others in the order of how well they are understood. */
const VOICES: readonly number[] = [0, 0, 1, 1, 2, 0, 2, 0, 3, 1];
/** Best understood first (measured with PocketSphinx, docs/dependencies.md). */
const BY_CLARITY: readonly Voice['name'][] = ['rms', 'slt', 'awb', 'kal16'];

/**
 * The voice of a take.
 * @param take 1 for the first one: the voice asked for, as it is; later ones are slower or another voice's, never the same
 */
export function voiceOfTake(first: Voice['name'], take: number): Voice {
  const order = [first, ...BY_CLARITY.filter((name) => name !== first)];
  const index = (take - 1) % PACES.length;
  return { name: order[VOICES[index] ?? 0] ?? first, pitch: 1, pace: PACES[index] ?? 1 };
}
