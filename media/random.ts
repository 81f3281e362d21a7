/** Repeatable randomness: the same seed gives the same look, blink and background on every machine. */

/** FNV-1a hash of a text's UTF-16 code units, 0..2^32-1. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** A number 0..1 (1 excluded) for a seed and a counter; neighbouring counters are unrelated (murmur3 finaliser). */
export function noise(seed: number, counter: number): number {
  let mixed = (seed ^ Math.imul(counter + 0x9e3779b9, 0x85ebca6b)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
}

/**
 * One of the choices, by seed and counter.
 * @throws RangeError when there are none
 */
export function choose<T>(choices: readonly T[], seed: number, counter: number): T {
  const chosen = choices[Math.floor(noise(seed, counter) * choices.length)];
  if (chosen === undefined) throw new RangeError('choose: expected at least one choice');
  return chosen;
}
