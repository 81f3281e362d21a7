/** Money: `$12.50`, `€3bn`, `US$5`, `25 USD`, `5¢`, `$5–10`, `$5/month`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { CURRENCY_CODES, CURRENCY_SIGNS, type Currency, currencyOfCode } from './currencies.ts';
import { isOne, NUMBER, SCALE_WORDS, SIGN_PLACE, sayNumber, sayWhole } from './numbers.ts';
import { unitName } from './units.ts';

const SCALES: Readonly<Record<string, string>> = {
  ...{ k: 'thousand', K: 'thousand', m: 'million', M: 'million', mn: 'million', mm: 'million' },
  ...{
    mil: 'million',
    b: 'billion',
    B: 'billion',
    bn: 'billion',
    t: 'trillion',
    T: 'trillion',
    tn: 'trillion',
  },
};
const SIGNS = [...CURRENCY_SIGNS.keys()]
  .sort((a, b) => b.length - a.length)
  .map((sign) => sign.replaceAll(/[$.]/g, '\\$&'))
  .join('|');
/** Amounts may have a comma before the hundredths, as in `45,50 €`. */
const AMOUNT = `\\d{1,3}(?:\\.\\d{3}){0,4},\\d{2}(?![\\d,])|${NUMBER}`;
const CODES = CURRENCY_CODES.join('|');
const SCALE = `(?:\\s?(mn|mm|mil|bn|tn|[kKmMbBtT])(?![A-Za-z])|[\\s-](${SCALE_WORDS})\\b)?`;
const DASH = '\\s?[-–—]\\s?';
/** What is paid for: `/month`, `/kg`; `a month` stays as written. */
const PER = '(?:\\s?\\/\\s?([A-Za-z²³]{1,12})(?![\\w/]))?';

/** An amount in words. Up to two digits after the point are hundredths, longer fractions are said as decimals. */
function sayAmount(written: string, scale: string | undefined, currency: Currency): string {
  const number = /,\d{2}$/.test(written) ? written.replaceAll('.', '').replace(',', '.') : written;
  if (scale !== undefined) return `${sayNumber(number)} ${SCALES[scale] ?? scale} ${currency.many}`;
  const [whole = '', decimals = ''] = number.replaceAll(/[\s,]/g, '').split('.');
  // `$20.5` and `$20.500` are fifty cents too.
  const cents = decimals === '' ? '' : decimals.replace(/0+$/, '').padEnd(2, '0');
  if (currency.cent === null || cents.length !== 2) {
    return `${sayNumber(number)} ${isOne(number) ? currency.one : currency.many}`;
  }
  const major = `${sayWhole(whole === '' ? '0' : whole)} ${isOne(whole) ? currency.one : currency.many}`;
  if (Number(cents) === 0) return major;
  const { one, many } = currency.cent;
  const minor = `${sayWhole(String(Number(cents)))} ${Number(cents) === 1 ? one : many}`;
  return Number(whole) === 0 ? minor : `${major} and ${minor}`;
}

/** A noun that the amount before it modifies, as an adjective. */
const NOUN =
  /^[\s-](?!(?:a|an|the|in|on|at|to|of|for|from|by|per|and|or|each|more|less|off|is|was|if|as|with|every)\b)[a-z]{3,}/;

function sayPer(unit: string | undefined): string {
  return unit === undefined ? '' : ` per ${unitName(unit, 1) ?? unit}`;
}

const minus = (sign: string | undefined): string => (sign === undefined ? '' : 'minus ');

export const MONEY: readonly SemioticClass[] = [
  {
    name: 'money',
    // `$5-10`, `$2-3 million`: the sign is written once and applies to both.
    pattern: new RegExp(`(${SIGNS})\\s?(${AMOUNT})${DASH}(${AMOUNT})${SCALE}(?![\\w%])`, 'y'),
    say: ([, sign = '', from = '', to = '', short, word]) => {
      const currency = CURRENCY_SIGNS.get(sign);
      return currency ? `${sayNumber(from)} to ${sayAmount(to, short ?? word, currency)}` : null;
    },
  },
  {
    name: 'money',
    pattern: new RegExp(`(${SIGN_PLACE}[-−])?(${SIGNS})\\s?([-−])?(${AMOUNT})${SCALE}${PER}`, 'y'),
    say: ([, before, sign = '', behind, number = '', short, word, per], place) => {
      const currency = CURRENCY_SIGNS.get(sign);
      if (currency === undefined) return null;
      // `a $5 bill`
      if (/\ban?\s$/i.test(place.before) && NOUN.test(place.after)) {
        return sayAmount(number, short ?? word, { ...currency, many: currency.one });
      }
      return minus(before ?? behind) + sayAmount(number, short ?? word, currency) + sayPer(per);
    },
  },
  {
    name: 'money',
    pattern: new RegExp(`(${CODES})\\s?([-−])?(${AMOUNT})${SCALE}${PER}`, 'y'),
    say: ([, code = '', sign, number = '', short, word, per]) => {
      const currency = currencyOfCode(code);
      if (currency === undefined) return null;
      return minus(sign) + sayAmount(number, short ?? word, currency) + sayPer(per);
    },
  },
  {
    name: 'money',
    pattern: new RegExp(
      `(${SIGN_PLACE}[-−])?(${AMOUNT})${SCALE}\\s?(?:(${SIGNS})(?![\\w])|(${CODES})(?![A-Za-z]))${PER}`,
      'y',
    ),
    say: ([, minusSign, number = '', short, word, sign, code, per]) => {
      const currency = sign === undefined ? currencyOfCode(code ?? '') : CURRENCY_SIGNS.get(sign);
      if (currency === undefined) return null;
      return minus(minusSign) + sayAmount(number, short ?? word, currency) + sayPer(per);
    },
  },
  {
    name: 'money',
    pattern: new RegExp(`(${NUMBER})\\s?¢`, 'y'),
    say: ([, number = '']) => `${sayNumber(number)} ${isOne(number) ? 'cent' : 'cents'}`,
  },
];
