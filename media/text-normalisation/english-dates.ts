/** Dates as an English speaker says them: month, ordinal day, year. */
import { sayOrdinal, sayTime, sayYear } from './english-numbers.ts';
import type { Rule } from './rule.ts';

const MONTHS = Array.from({ length: 12 }, (_, month) =>
  new Intl.DateTimeFormat('en-US', { month: 'long', timeZone: 'UTC' }).format(Date.UTC(2000, month, 15)),
);
const SHORT_MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'Jun', 'Jul', 'Aug', 'Sept', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(${MONTHS.join('|')}|${SHORT_MONTHS.map((name) => `${name}\\.?`).join('|')})`;
const DAY = '(0?[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)?';
const YEAR = '(?:,?\\s+([12]\\d{3}))?';

function monthName(written: string): string {
  const start = written.slice(0, 3).toLowerCase();
  return MONTHS.find((name) => name.toLowerCase().startsWith(start)) ?? written;
}

function sayDate(month: string, day: string, year: string | undefined): string {
  const said = `${month} ${sayOrdinal(String(Number(day)))}`;
  return year === undefined ? said : `${said}, ${sayYear(Number(year))}`;
}

/** Null when there is no such day: the text is then not a date. */
function sayNumericDate(year: string, month: string, day: string): string | null {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isReal = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isReal ? sayDate(MONTHS[date.getUTCMonth()] ?? month, day, year) : null;
}

/** ISO and American dates, `March 14, 2026`, `14 March 2026`, clock times with or without `am`. */
export const ENGLISH_DATES: readonly Rule[] = [
  {
    pattern: /\b([12]\d{3})-(\d{2})-(\d{2})(?:T(?=\d{2}:)|\b)/g,
    say: (whole, year = '', month = '', day = '') => `${sayNumericDate(year, month, day) ?? whole} `,
  },
  {
    pattern: /\b(\d{1,2})\/(\d{1,2})\/([12]\d{3})\b/g,
    say: (whole, month = '', day = '', year = '') => sayNumericDate(year, month, day) ?? whole,
  },
  {
    pattern: new RegExp(`\\b${MONTH}\\s+${DAY}(?![\\d:.]\\d)\\b${YEAR}(?!\\d)`, 'g'),
    say: (_, month = '', day = '', year) => sayDate(monthName(month), day, year),
  },
  {
    pattern: new RegExp(`\\b${DAY}\\s+${MONTH}(?![a-z])${YEAR}(?!\\d)`, 'g'),
    say: (_, day = '', month = '', year) => sayDate(monthName(month), day, year),
  },
  {
    pattern:
      /\b([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?:\s?([AaPp])(?:\.\s?[Mm]\.(?=\s+[a-z]|,)|\.?\s?[Mm]\b))?/g,
    say: (_, hours = '', minutes = '', half) => sayTime(Number(hours), Number(minutes), halfDay(half)),
  },
  {
    pattern: /\b(1[0-2]|0?[1-9])\s?([AaPp])(?:\.\s?[Mm]\.(?=\s+[a-z]|,)|\.?\s?[Mm]\b)/g,
    say: (_, hours = '', half) => sayTime(Number(hours), 0, halfDay(half)),
  },
];

function halfDay(letter: string | undefined): 'am' | 'pm' | null {
  if (letter === undefined) return null;
  return letter.toLowerCase() === 'a' ? 'am' : 'pm';
}
