/** Aligns what was heard with what was to be said, sound by sound. */

/** A sound in a text, with the word that it belongs to. */
export interface PlacedSound {
  readonly sound: string;
  /** Index of its word in the text. */
  readonly word: number;
}

/** How much was heard of each word that was to be said. */
export interface Alignment {
  /** Cost of the cheapest alignment; a sound that is missing, added or completely different costs 1. */
  readonly cost: number;
  /** For each word: its number of sounds, how many were heard in any form, and the words heard in their place. */
  readonly words: readonly { readonly sounds: number; heard: number; readonly heardWords: Set<number> }[];
}

const VOWELS = new Set('AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW'.split(' '));
/** Consonants that differ only in voicing, or that recognisers confuse. */
const NEIGHBOURS = new Set(
  'B-P D-T G-K V-F Z-S ZH-SH DH-TH JH-CH M-N N-NG D-DH T-TH L-R W-V Z-ZH S-SH'.split(' '),
);
const NEAR = 0.5;

function costOf(wanted: string, heard: string): number {
  if (wanted === heard) return 0;
  if (VOWELS.has(wanted) && VOWELS.has(heard)) return NEAR;
  return NEIGHBOURS.has(`${wanted}-${heard}`) || NEIGHBOURS.has(`${heard}-${wanted}`) ? NEAR : 1;
}

/** Aligns two texts' sounds; takes time and memory in proportion to the product of their lengths. */
export function align(
  wanted: readonly PlacedSound[],
  heard: readonly PlacedSound[],
  words: number,
): Alignment {
  const width = heard.length + 1;
  const costs = new Float32Array((wanted.length + 1) * width);
  for (let column = 1; column < width; column += 1) costs[column] = column;
  for (const [index, { sound }] of wanted.entries()) {
    const row = (index + 1) * width;
    costs[row] = index + 1;
    for (let column = 1; column < width; column += 1) {
      const same = at(costs, row - width + column - 1) + costOf(sound, heard[column - 1]?.sound ?? '');
      costs[row + column] = Math.min(
        same,
        at(costs, row - width + column) + 1,
        at(costs, row + column - 1) + 1,
      );
    }
  }
  return { cost: at(costs, costs.length - 1), words: traceBack(costs, wanted, heard, words) };
}

function at(costs: Float32Array, index: number): number {
  return costs[index] ?? Number.POSITIVE_INFINITY;
}

function traceBack(
  costs: Float32Array,
  wanted: readonly PlacedSound[],
  heard: readonly PlacedSound[],
  words: number,
) {
  const found = Array.from({ length: words }, (_, word) => ({
    sounds: wanted.filter((one) => one.word === word).length,
    heard: 0,
    heardWords: new Set<number>(),
  }));
  const width = heard.length + 1;
  let [row, column] = [wanted.length, heard.length];
  while (row > 0) {
    const here = at(costs, row * width + column);
    const one = wanted[row - 1];
    const other = heard[column - 1];
    const isPair =
      one !== undefined &&
      other !== undefined &&
      Math.abs(here - at(costs, (row - 1) * width + column - 1) - costOf(one.sound, other.sound)) < 1e-3;
    if (isPair) {
      const word = found[one.word];
      if (word !== undefined) {
        word.heard += 1;
        word.heardWords.add(other.word);
      }
      row -= 1;
      column -= 1;
    } else if (Math.abs(here - at(costs, (row - 1) * width + column) - 1) < 1e-3) row -= 1;
    else column -= 1;
  }
  return found;
}
