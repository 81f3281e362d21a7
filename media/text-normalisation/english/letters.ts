/** Letters and codes: `FBI`, `U.S.`, `Ph.D.`, `MP3`, `ab9453`, `AT&T`, initials of names. */

import type { SemioticClass } from '../semiotic-class.ts';
import { endsSentence } from '../sentence-end.ts';
import { isPronounceable, isSpelled } from './acronym-words.ts';
import { sayCodeDigits, sayWhole, sayYear } from './numbers.ts';

function spell(letters: string): string {
  return [...letters].join(' ');
}

/** A run of letters in a code: capitals and short runs are spelled out, the rest are words. */
function sayCodeLetters(letters: string): string {
  const upper = letters.toUpperCase();
  const isWord = letters.length > 4 || (letters.length > 2 && letters !== upper);
  return isWord && isPronounceable(upper) ? letters : spell(letters);
}

export const LETTERS: readonly SemioticClass[] = [
  {
    name: 'letters',
    pattern: /(?:Ph\.? ?D|[BM]\.? ?Sc|Ed\.? ?D|[JM]\.D|[BM]\.A|M\.B\.A)(?:(s)\b|(\.)|(?!\w))/y,
    say: ([whole = '', , point], { after }) => {
      const stop = point !== undefined && endsSentence(whole, after) ? '.' : '';
      return spell(whole.replaceAll(/[. ]/g, '')) + stop;
    },
  },
  {
    name: 'letters',
    pattern: /(?:\p{L}\.){2,7}(?!\p{L})/uy,
    say: ([whole = ''], { after }) =>
      spell(whole.replaceAll('.', '')) + (endsSentence(whole, after) ? '.' : ''),
  },
  {
    name: 'letters',
    // The initial of a name.
    pattern: /(\p{Lu})\.(?=\s?\p{Lu})/uy,
    say: ([whole = '', letter = ''], { before, after }) =>
      endsSentence(before.slice(-20) + whole, after) ? null : `${letter} `,
  },
  {
    name: 'letters',
    pattern: /([A-Z]{1,3})&([A-Z]{1,3})(?![\w])/y,
    say: ([, left = '', right = '']) => `${spell(left)} and ${spell(right)}`,
  },
  {
    name: 'letters',
    pattern: /([A-Z]{2,6})(s|['’]s)?(?![\p{L}\p{M}\d])/uy,
    say: ([, letters = '', suffix = ''], { before, after }) => {
      if (!isSpelled(letters)) return null;
      if (isShouting(before, after) && isPronounceable(letters)) return null;
      return `${spell(letters)}${suffix === 's' ? ' s' : suffix}`;
    },
  },
  {
    name: 'code',
    // Picture heights: `1080p` is ten eighty p.
    pattern: /(\d{1,2})(\d0)p(?!\w)/y,
    say: ([, hundreds = '', rest = '']) => `${sayWhole(hundreds)} ${sayWhole(rest)} p`,
  },
  {
    name: 'code',
    // Fiscal years: `FY2024`.
    pattern: /([FCA]Y)((?:19|20)\d{2})(?!\w)/y,
    say: ([, letters = '', year = '']) => `${spell(letters)} ${sayYear(Number(year))}`,
  },
  {
    name: 'code',
    pattern: /(?=[A-Za-z]{0,12}\d)(?=\d{0,12}[A-Za-z])[A-Za-z\d]{2,40}(?![\p{L}\p{M}])/uy,
    say: ([code = ''], { after }) =>
      // `3x4=12` is not a code.
      /^\d+x\d+$/.test(code) && /^\s?=/.test(after)
        ? null
        : (code.match(/[A-Za-z]+|\d+/g) ?? [])
            .map((part) => (/\d/.test(part) ? sayCodeDigits(part) : sayCodeLetters(part)))
            .join(' '),
  },
];

/** Whether the surrounding words are also in capitals, so that nothing stands out as an acronym. */
function isShouting(before: string, after: string): boolean {
  const around = `${before.slice(-24)} ${after.slice(0, 24)}`;
  return /\p{Lu}{3}/u.test(around) && !/\p{Ll}/u.test(around);
}
