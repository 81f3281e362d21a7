/** English as it is spoken: everything in written shorthand becomes words. */
import { readAloud, type SemioticClass } from '../semiotic-class.ts';
import { ABBREVIATED, COMPASS_POINTS } from './abbreviation.ts';
import { ADDRESSES } from './address.ts';
import { CARDINALS } from './cardinal.ts';
import { DATES } from './date.ts';
import { ELECTRONIC } from './electronic.ts';
import { FRACTIONS } from './fraction.ts';
import { IDIOM } from './idiom.ts';
import { LETTERS } from './letters.ts';
import { MATHS } from './maths.ts';
import { MEASURES } from './measure.ts';
import { MONEY } from './money.ts';
import { ORDINALS } from './ordinal.ts';
import { RANGES } from './range.ts';
import { ROMAN } from './roman.ts';
import { TELEPHONES } from './telephone.ts';
import { TIMES } from './time.ts';
import { YEARS } from './year.ts';

const SYMBOLS: Readonly<Record<string, string>> = {
  ...{ '&': ' and ', '@': ' at ', '%': ' percent ', '°': ' degrees ', '§': ' section ', '©': ' copyright ' },
  ...{
    $: ' dollars ',
    '€': ' euros ',
    '£': ' pounds ',
    '₩': ' won ',
    '¥': ' yen ',
    '₹': ' rupees ',
    '¢': ' cents ',
  },
};

/** `7 days/week` */
const PER_WHOLE = /^(?:second|minute|hour|day|night|week|month|year|person|piece|unit|mile)\b/;

const MARKS: readonly SemioticClass[] = [
  {
    name: 'slash',
    pattern: /\/(?=\w)/y,
    say: (_, { before, after }) => {
      if (!/\w$/.test(before)) return ' ';
      return PER_WHOLE.test(after) && /\b(?:[a-z]+s|\d+)$/.test(before) ? ' per ' : ' slash ';
    },
  },
  { name: 'hyphen', pattern: /-(?=\p{L})/uy, say: (_, { before }) => (/\d$/.test(before) ? ' ' : null) },
  { name: 'symbol', pattern: /[&@%°§©$€£₩¥₹¢]/uy, say: ([symbol = '']) => SYMBOLS[symbol] ?? ' ' },
  { name: 'symbol', pattern: /[*_#~^|\\<>{}[\]™®•·]/uy, say: () => ' ' },
];

/** In order of precedence: if several classes match, the first one reads the token. */
const CLASSES: readonly SemioticClass[] = [
  ...IDIOM,
  ...ELECTRONIC.filter(({ name }) => name !== 'version'),
  ...TIMES,
  ...DATES,
  ...TELEPHONES,
  ...ELECTRONIC.filter(({ name }) => name === 'version'),
  ...MONEY,
  ...YEARS.filter(({ name }) => name !== 'year'),
  ...COMPASS_POINTS,
  ...ADDRESSES,
  ...MEASURES,
  ...FRACTIONS,
  ...ORDINALS,
  ...ROMAN,
  ...ABBREVIATED,
  ...RANGES,
  ...LETTERS.filter(({ name }) => name === 'letters'),
  ...YEARS.filter(({ name }) => name === 'year'),
  ...MATHS,
  ...CARDINALS.filter(({ name }) => name !== 'cardinal'),
  ...LETTERS.filter(({ name }) => name === 'code'),
  ...CARDINALS.filter(({ name }) => name === 'cardinal'),
  ...MARKS,
];

/** English text in words: numbers, dates, times, money, units, abbreviations, symbols. Sentence punctuation is kept. */
export function normaliseEnglish(text: string): string {
  return readAloud(plainDigits(text.normalize('NFC')), CLASSES);
}

/** Turns subscripts and full-width digits into plain digits. */
function plainDigits(text: string): string {
  return text.replaceAll(/[₀-₉０-９]/g, (digit) => digit.normalize('NFKC'));
}
