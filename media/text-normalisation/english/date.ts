/** Dates, months with years, weekdays, quarters. */
import type { SemioticClass } from '../semiotic-class.ts';
import { sayOrdinal, sayYear } from './numbers.ts';

const MONTHS = Array.from({ length: 12 }, (_, month) =>
  new Intl.DateTimeFormat('en-US', { month: 'long', timeZone: 'UTC' }).format(Date.UTC(2000, month, 15)),
);
/** Full names, and short ones with or without a full stop. `may` and `march` alone are words; a number makes them months. */
const MONTH = `((?:${MONTHS.join('|')}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\\b\\.?))`;
const DAY = '(0?[1-9]|[12]\\d|3[01])';
const SUFFIX = '(?:\\s?(?:st|nd|rd|th))?';
const YEAR = '(?:(?:,\\s?|\\s|\\sof\\s)([12]\\d{3})(?![\\d%]|[.,:]\\d))?';
const DASH = '\\s?[-–—]\\s?';
const WEEKDAYS: Readonly<Record<string, string>> = {
  ...{ mon: 'Monday', tue: 'Tuesday', tues: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', thur: 'Thursday' },
  ...{ thurs: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' },
};

function monthName(written: string): string {
  const start = written.slice(0, 3).toLowerCase();
  return MONTHS.find((name) => name.toLowerCase().startsWith(start)) ?? written;
}

function withYear(said: string, year: string | undefined): string {
  return year === undefined ? said : `${said}, ${sayYear(fullYear(year))}`;
}

/** Two digits up to 39 are of this century. */
function fullYear(written: string): number {
  const year = Number(written);
  if (written.length > 2) return year;
  return year < 40 ? 2000 + year : 1900 + year;
}

function days(from: string, to: string | undefined): string {
  const first = sayOrdinal(String(Number(from)));
  return to === undefined ? first : `${first} to ${sayOrdinal(String(Number(to)))}`;
}

/** With the year first, a date is meant even if the month does not have that many days. */
function sayYearFirst(year: string, month: string, day: string): string | null {
  const [m, d] = [Number(month), Number(day)];
  const isDate = m >= 1 && m <= 12 && d >= 1 && d <= 31;
  return isDate ? withYear(`${MONTHS[m - 1] ?? month} ${sayOrdinal(String(d))}`, year) : null;
}

/** Null if there is no such day: the text is then not a date. */
function sayNumericDate(year: string, month: string, day: string): string | null {
  const [y, m, d] = [fullYear(year), Number(month) - 1, Number(day)];
  const date = new Date(Date.UTC(y, m, d));
  const isReal = date.getUTCMonth() === m && date.getUTCDate() === d;
  return isReal ? withYear(`${MONTHS[m] ?? month} ${sayOrdinal(String(d))}`, year) : null;
}

/** Month first, as Americans write; day first where it must be. */
function sayMonthFirst(first: string, second: string, year: string): string | null {
  return sayNumericDate(year, first, second) ?? sayNumericDate(year, second, first);
}

const NUMERIC: readonly SemioticClass[] = [
  {
    name: 'date',
    // ISO 8601 and similar forms; a time may follow after a T.
    pattern: /([12]\d{3})([-/.])(\d{1,2})\2(\d{1,2})(?:T(?=\d{2}:)|(?![\w/]|[-.]\d))/y,
    say: ([, year = '', , month = '', day = '']) => sayYearFirst(year, month, day),
  },
  {
    name: 'date',
    pattern: /(\d{1,2})([-/])(\d{1,2})\2([12]\d{3}|\d{2})(?![\w/]|[-.]\d)/y,
    say: ([, first = '', , second = '', year = '']) => sayMonthFirst(first, second, year),
  },
  {
    name: 'date',
    // With full stops the day comes first, as in most of Europe.
    pattern: /(\d{1,2})\.(\d{1,2})\.([12]\d{3})(?![\w/]|[-.]\d)/y,
    say: ([, day = '', month = '', year = '']) =>
      sayNumericDate(year, month, day) ?? sayNumericDate(year, day, month),
  },
  {
    name: 'date',
    pattern: /(0?[1-9]|1[0-2])\/([12]\d{3})(?![\w/]|[-.]\d)/y,
    say: ([, month = '', year = '']) => withYear(MONTHS[Number(month) - 1] ?? month, year),
  },
  {
    name: 'date',
    pattern: /([12]\d{3})[-/](0[1-9]|1[0-2])(?![\w/]|[-.]\d)/y,
    say: ([, year = '', month = ''], { before }) =>
      /\d$/.test(before) ? null : withYear(MONTHS[Number(month) - 1] ?? month, year),
  },
];

const BEFORE_DAY =
  /\b(?:on|since|until|till|dated|due|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)[,.]?\s\(?$/i;
const QUARTERS = ['first', 'second', 'third', 'fourth'];

export const DATES: readonly SemioticClass[] = [
  ...NUMERIC,
  {
    name: 'date',
    // `Jan-15`, `Jan-15-2020`
    pattern: new RegExp(`${MONTH}-${DAY}(?:-([12]\\d{3}))?(?![\\w-])`, 'iy'),
    say: ([, month = '', day = '', year]) => withYear(`${monthName(month)} ${days(day, undefined)}`, year),
  },
  {
    name: 'date',
    // `on 5/25`, `due 03/04`; a small fraction such as `on 3/4 of it` is not a date.
    pattern: /(0?[1-9]|1[0-2])\/(0[1-9]|[5-9]|[12]\d|3[01])(?![\w/]|[-.]\d)/y,
    say: ([, month = '', day = ''], { before, after }) =>
      BEFORE_DAY.test(before) && !/^\s+of\b/.test(after)
        ? `${MONTHS[Number(month) - 1] ?? month} ${days(day, undefined)}`
        : null,
  },
  {
    name: 'quarter',
    // `2Q22`, `1Q 2024`
    pattern: /([1-4])Q ?['’]?([12]\d{3}|\d{2})(?!\w)/y,
    say: ([, quarter = '', year = ''], { before }) =>
      `${/\bthe\s$/i.test(before) ? '' : 'the '}${QUARTERS[Number(quarter) - 1] ?? quarter} quarter of ${sayYear(fullYear(year))}`,
  },
  {
    name: 'date',
    pattern: new RegExp(
      `${MONTH}\\s+${DAY}${SUFFIX}(?:${DASH}${DAY}${SUFFIX})?(?![\\d:%]|[.,:/-]\\d)(?![A-Za-z])${YEAR}`,
      'iy',
    ),
    say: ([, month = '', from = '', to, year], { after }) =>
      /^may/.test(month) && year === undefined && /^\s+[a-z]/.test(after)
        ? null
        : withYear(`${monthName(month)} ${days(from, to)}`, year),
  },
  {
    name: 'date',
    pattern: new RegExp(
      `${DAY}${SUFFIX}(?:${DASH}${DAY}${SUFFIX})?\\s+(?:of\\s+)?${MONTH}(?![a-z])${YEAR}`,
      'iy',
    ),
    say: ([, from = '', to, month = '', year], { before }) => {
      if (/^(?:may|march|mar)\b/.test(month) && year === undefined) return null;
      const article = /\bthe\s+$/i.test(before) ? '' : 'the ';
      return withYear(`${article}${days(from, to)} of ${monthName(month)}`, year).replace(',', '');
    },
  },
  {
    name: 'date',
    pattern: new RegExp(`${MONTH},?\\s+(?:of\\s+)?([12]\\d{3})(?![\\d%]|[.,:]\\d)(?!\\s?[a-z]+s\\b)`, 'iy'),
    say: ([, month = '', year = '']) => `${monthName(month)} ${sayYear(Number(year))}`,
  },
  {
    name: 'weekday',
    pattern:
      /(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)(?:\.(?=[ ,])|(?=,? (?:\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)))|(?=\s?[-–]\s?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)))/y,
    say: ([, name = '']) => WEEKDAYS[name.toLowerCase()] ?? name,
  },
  {
    name: 'month',
    pattern: /(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?/y,
    say: ([, name = ''], { previous, after }) =>
      previous === 'range' || /^\s?[-–]\s?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/.test(after)
        ? monthName(name)
        : null,
  },
  {
    name: 'weekday',
    pattern: /(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b/y,
    say: ([, name = ''], { previous }) =>
      previous === 'range' ? (WEEKDAYS[name.toLowerCase()] ?? name) : null,
  },
];
