/** Numbers written partly in digits and partly in words: `30억`, `1억 2천만`, `3만5천`, `1.5조`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { NUMBER, RANGE_DASH, SIGN_PLACE, sayNumber } from './numbers.ts';

const WORDS =
  '[십백천]?[만억조경](?![가-힣]*(?:각|찬|약|용|점|단|난))|[백천](?![가-힣]*(?:사|안|장|재|둥|국|문|체|성|주|연))';
const PART = `(?:${NUMBER})\\s?(?:${WORDS})`;

/** Digits, or digits mixed with scale words. Has no capturing groups. */
export const BIG_NUMBER = `(?:${PART})(?:\\s?(?:${PART})){0,3}(?:\\s?\\d{1,4}(?![\\d.,]))?|${NUMBER}`;

/** Puts a number into words; 1만 is 만, 1억 stays 일억. */
export function sayBigNumber(written: string): string {
  return written
    .replaceAll(
      new RegExp(`(${NUMBER})(\\s?[십백천만억조경]{0,2})`, 'g'),
      (_, number: string, word: string) => {
        const size = word.trim();
        const said = sayNumber(number);
        return (said === '일' && /^[십백천만]/.test(size) ? '' : said) + size;
      },
    )
    .replaceAll(/\s+/g, ' ')
    .trim();
}

export const LARGE_NUMBERS: readonly SemioticClass[] = [
  {
    name: 'large number',
    pattern: new RegExp(`(${NUMBER})${RANGE_DASH}((?:${PART})(?:\\s?(?:${PART})){0,3})`, 'y'),
    say: ([, from = '', to = '']) => `${sayNumber(from)}에서 ${sayBigNumber(to)}`,
  },
  {
    name: 'large number',
    pattern: new RegExp(
      `(${SIGN_PLACE}[-−])?((?:${PART})(?:\\s?(?:${PART})){0,3}(?:\\s?\\d{1,4}(?![\\d.,]))?)`,
      'y',
    ),
    say: ([, sign, number = '']) => (sign === undefined ? '' : '마이너스 ') + sayBigNumber(number),
  },
];
