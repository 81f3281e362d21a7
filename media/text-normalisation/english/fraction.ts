/** Fractions: `2/3`, `½`, `3 2/4`, `2½`, `120/80`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { readVulgarFraction, VULGAR_FRACTIONS } from '../vulgar-fraction.ts';
import { NUMBER, SIGN_PLACE, sayNumber, sayOrdinal, sayWhole } from './numbers.ts';

const SLASH = '[/⁄∕]';

/** A number with or without a fraction after it, or a fraction alone. Has no capturing groups. */
export const QUANTITY = `(?:\\d{1,4}[ -]\\d{1,2}${SLASH}\\d{1,3}|\\d{1,4}${SLASH}\\d{1,4}|(?:${NUMBER})?\\s?[${VULGAR_FRACTIONS}]|${NUMBER})`;

/** A quantity in words: `2½` is two and a half, `3 2/4` three and two quarters, `5` five. */
export function sayQuantity(written: string): string {
  const vulgar = new RegExp(`^(.*?)\\s?([${VULGAR_FRACTIONS}])$`, 'u').exec(written);
  if (vulgar) {
    const [above, below] = readVulgarFraction(vulgar[2] ?? '');
    return sayMixed(vulgar[1] ?? '', above, below);
  }
  const [, whole = '', above, below] =
    new RegExp(`^(?:(\\d+)[ -])?(\\d+)${SLASH}(\\d+)$`).exec(written) ?? [];
  return above === undefined ? sayNumber(written) : sayMixed(whole, Number(above), Number(below));
}

function sayMixed(whole: string, above: number, below: number): string {
  if (whole === '') return sayFraction(above, below);
  const part = above === 1 && below <= 4 ? `a ${denominator(below, 1)}` : sayFraction(above, below);
  return `${sayNumber(whole)} and ${part}`;
}

/** `2/3` is two thirds. If the part has no usual name, as in `120/80`, it is one hundred twenty over eighty. */
export function sayFraction(above: number, below: number): string {
  const isNamed =
    below >= 2 && (below < 100 || below % 10 === 0 || above === 1) && (above < below || below <= 10);
  if (!isNamed) return `${sayWhole(String(above))} over ${sayWhole(String(below))}`;
  return `${sayWhole(String(above))} ${denominator(below, above)}`;
}

function denominator(below: number, above: number): string {
  if (below === 2) return above === 1 ? 'half' : 'halves';
  const name =
    below === 4 ? 'quarter' : sayOrdinal(String(below)).replace(/^one (?=hundredth$|thousandth$)/, '');
  return above === 1 ? name : `${name}s`;
}

/** `rated 8/10`, and full marks such as `10/10`, are read with `out of`. */
function sayScore(written: string, before: string): string | undefined {
  const [above = '', below = ''] = written.split('/');
  if (!/^(?:5|10|20|100)$/.test(below) || !/^\d+$/.test(above)) return undefined;
  const isScore = above === below || /\b(?:scor|rat|grad|review)\w*(?:\s\w+){0,2}\s$/i.test(before);
  return isScore ? `${sayWhole(above)} out of ${sayWhole(below)}` : undefined;
}

export const FRACTIONS: readonly SemioticClass[] = [
  {
    name: 'fraction',
    pattern: new RegExp(
      `(${SIGN_PLACE}[-−])?(\\d{1,4}[ -]\\d{1,2}${SLASH}\\d{1,3}|\\d{1,4}${SLASH}\\d{1,4}|(?:${NUMBER})?\\s?[${VULGAR_FRACTIONS}])(?:st|nd|rd|th|ST|ND|RD|TH)?s?(?![\\w/⁄])`,
      'yu',
    ),
    say: ([, sign, written = ''], { before }) =>
      sayScore(written, before) ?? (sign === undefined ? '' : 'minus ') + sayQuantity(written.trim()),
  },
];
