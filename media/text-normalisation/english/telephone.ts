/** Telephone numbers, and other numbers that are read digit by digit: PINs, postcodes, social security numbers. */
import type { SemioticClass } from '../semiotic-class.ts';
import { sayDigits } from './numbers.ts';

/** Words before digits that are not a quantity. */
const CODE_BEFORE =
  /\b(?:pin|code|passcode|password|zip|otp|ssn|serial|extension|ext\.?|area code|dial|call|text|phone|tel\.?|telephone|fax|mobile|cell|account|card|id|isbn|imei|tracking)(?: ?(?:number|no\.?|code|is|was|at|#|:|to|ending in|ends in|it)){0,3}[ :#]{0,3}$/i;

/** A noun after the number: it is a count after all. */
const COUNTED = /^\s+(?!(?:for|now|or|if|in|and|to|when|at|from|on|with|by|is|was|today|immediately)\b)[a-z]/;

function sayGroups(written: string): string {
  return written
    .split(/[^\d]+/)
    .filter((digits) => digits !== '')
    .map(sayDigits)
    .join(', ');
}

const countDigits = (written: string): number => written.replaceAll(/\D/g, '').length;

export const TELEPHONES: readonly SemioticClass[] = [
  {
    name: 'telephone',
    // With a plus, an area code in brackets, an extension: `+1 (123) 555-0199 ext. 45`.
    pattern:
      /(\+\d{1,3}[ .-]?)?(\(\d{1,5}\)[ .-]?)?(\d{2,5}(?:[ .-]\d{2,5}){0,5})(?:,? ?(?:ext\.?|x) ?(\d{1,6}))?(?![\w]|[.,:/-]\d|%)/y,
    say: ([, plus, area, groups = '', extension], { before }) => {
      if (/[\w.,$€£]$/.test(before)) return null;
      const count = countDigits((plus ?? '') + (area ?? '') + groups);
      if (count < 7 || count > 15 || !isTelephone(plus, area, groups)) return null;
      const start = plus === undefined ? '' : 'plus ';
      const end = extension === undefined ? '' : `, extension ${sayDigits(extension)}`;
      return start + sayGroups((plus ?? '') + (area ?? '') + groups) + end;
    },
  },
  {
    name: 'telephone',
    pattern: /(?:1-\d{3}-\d{3}-\d{4}|\d{3}-\d{3}-\d{4}-\d{1,5})(?![\w-])/y,
    say: ([whole = '']) => sayGroups(whole),
  },
  {
    name: 'telephone',
    // Vanity numbers: `1-800-FLOWERS`, `1-800-GO-2-MARS`.
    pattern: /(1-)?(8\d{2})((?:-(?:[A-Z]{1,8}|\d{1,4})){1,4})(?![\w-])/y,
    say: ([, one, area = '', rest = '']) => {
      const words = rest.split('-').slice(1);
      if (!words.some((word) => /[A-Z]/.test(word))) return null;
      const said = words.map((word) => (/\d/.test(word) ? sayDigits(word) : word.toLowerCase()));
      const start = area === '800' ? 'eight hundred' : sayDigits(area);
      return `${one === undefined ? '' : 'one '}${start} ${said.join(' ')}`;
    },
  },
  {
    name: 'code',
    pattern: /\d{3}-\d{2}-\d{4}(?![\w-])/y,
    say: ([whole = '']) => sayGroups(whole),
  },
  {
    name: 'code',
    pattern: /\d[\d -]{1,30}\d(?![\w,.]\d|\w|%)/y,
    say: ([whole = ''], { before, after }) =>
      (CODE_BEFORE.test(before) || /,\s[A-Z]{2}\s$/.test(before)) && !COUNTED.test(after)
        ? sayGroups(whole)
        : null,
  },
];

/** Dates, sums with decimals and ranges of years are not telephone numbers. */
function isTelephone(plus: string | undefined, area: string | undefined, groups: string): boolean {
  if (plus !== undefined || area !== undefined) return true;
  if (/^\d{3}[ .-]\d{3}[ .-]\d{4}$/.test(groups) || /^\d{3}-\d{4}$/.test(groups)) return true;
  if (/^0\d{1,4}(?:[ .-]\d{2,5}){1,4}$/.test(groups)) return true;
  return (
    /^\d{2,5}(?:-\d{2,5}){2,4}$/.test(groups) && !/^(?:\d{4}-\d{2}-\d{2}|\d{2}-\d{2}-\d{4})$/.test(groups)
  );
}
