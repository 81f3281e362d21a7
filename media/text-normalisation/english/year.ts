/** Years and decades: `1999`, `the mid-1980s`, `'90s`, `750 BC`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { pluralise, sayNumber, sayYear } from './numbers.ts';

/** Nouns and measures after a number that is a count and not a date: `1500 people`. */
const COUNTED =
  /^\s+(?:(?:more|new|other|different|small|large|young|old|active|square|cubic)\s+)?(?:people|men|women|children|feet|(?!is\b|was\b|has\b|as\b|this\b|its\b|does\b|across\b|census\b|series\b|olympics\b|elections?\b)[a-z]{2,}s)\b/;
const COUNTING =
  /\b(?:over|than|nearly|almost|least|most|roughly|only|every|first|next|another|up to|approximately|exactly)\s+$/i;

export const YEARS: readonly SemioticClass[] = [
  {
    name: 'season',
    // `the 2024/25 season`
    pattern: /((?:1[89]|20)\d{2})[/–](\d{2})(?![\w/]|[.,-]\d)/y,
    say: ([, year = '', next = '']) =>
      Number(next) === (Number(year) % 100) + 1 ? `${sayYear(Number(year))} ${sayNumber(next)}` : null,
  },
  {
    name: 'decade',
    pattern: /(?:['’](?=\d0s))?(\d{0,2})(\d0)['’]?s(?!\w)/y,
    say: ([, century = '', decade = ''], { before }) => {
      if (century.length === 1 || (century === '' && decade === '00')) return null;
      if (/[\d.,]$/.test(before)) return null;
      const said = century === '' ? sayNumber(decade) : sayYear(Number(century + decade));
      return pluralise(said);
    },
  },
  {
    name: 'short year',
    // `the class of '09`
    pattern: /['’](\d)(\d)(?![\w'’])/y,
    say: ([, decade = '', year = ''], { before }) => {
      if (!/(?:^|\s)$/.test(before)) return null;
      return decade === '0' ? `oh ${sayNumber(year)}` : sayNumber(decade + year);
    },
  },
  {
    name: 'era',
    pattern: /(\d{1,4})\s?(BCE|BC|CE|AD|B\.C\.E?\.?|A\.D\.)(?!\w)/y,
    say: ([, year = '', era = '']) => `${sayYear(Number(year))} ${[...era.replaceAll('.', '')].join(' ')}`,
  },
  {
    name: 'year',
    pattern: /((?:1\d|20)\d{2})(?![\d%\w]|[.,]\d)/y,
    say: ([, year = ''], { before, after }) => {
      if (year.startsWith('10') && !/\bin\s$/i.test(before)) return null;
      if (/[\d.,#$€£]$/.test(before) || COUNTED.test(after) || COUNTING.test(before)) return null;
      return sayYear(Number(year));
    },
  },
];
