/** Money: `₩2,000`, `₩30억`, `$12.50`, `5만 USD`. */

import { CURRENCY_CODES } from '../english/currencies.ts';
import type { SemioticClass } from '../semiotic-class.ts';
import { BIG_NUMBER, sayBigNumber } from './large-number.ts';
import { RANGE_DASH, sayNumber, sino } from './numbers.ts';

interface Currency {
  readonly name: string;
  readonly cent?: string;
}

const SIGNS: ReadonlyMap<string, Currency> = new Map([
  ['US$', { name: '달러', cent: '센트' }],
  ['HK$', { name: '홍콩 달러', cent: '센트' }],
  ['A$', { name: '호주 달러', cent: '센트' }],
  ['C$', { name: '캐나다 달러', cent: '센트' }],
  ['$', { name: '달러', cent: '센트' }],
  ['€', { name: '유로', cent: '센트' }],
  ['£', { name: '파운드', cent: '펜스' }],
  ['₩', { name: '원' }],
  ['￦', { name: '원' }],
  ['¥', { name: '엔' }],
  ['￥', { name: '엔' }],
  ['₹', { name: '루피' }],
  ['₽', { name: '루블' }],
  ['₫', { name: '동' }],
  ['฿', { name: '바트' }],
  ['₱', { name: '페소' }],
  ['₿', { name: '비트코인' }],
]);
const CODES: Readonly<Record<string, string>> = {
  ...{ USD: '달러', EUR: '유로', KRW: '원', JPY: '엔', CNY: '위안', GBP: '파운드', CHF: '스위스 프랑' },
  ...{
    HKD: '홍콩 달러',
    AUD: '호주 달러',
    CAD: '캐나다 달러',
    INR: '루피',
    VND: '동',
    THB: '바트',
    BTC: '비트코인',
  },
};
/** The name of a currency by its code (ISO 4217), as Intl has it unless a shorter name is in use. */
function nameOf(code: string): string {
  return CODES[code.toUpperCase()] ?? CURRENCY_NAMES.of(code) ?? code;
}
const CURRENCY_NAMES = new Intl.DisplayNames('ko', { type: 'currency' });
const SIGN = [...SIGNS.keys()].map((sign) => sign.replaceAll('$', '\\$')).join('|');
const CODE = [...CURRENCY_CODES, ...Object.keys(CODES).map((code) => code.toLowerCase())].join('|');
const SCALES: Readonly<Record<string, number>> = { K: 1e3, k: 1e3, M: 1e6, m: 1e6, B: 1e9, bn: 1e9, T: 1e12 };

/** A dollar has cents; a won has none, so its decimals are read as decimals. */
function sayAmount(number: string, currency: Currency): string {
  const [, whole, cents] = /^([\d,]+)\.(\d{2})$/.exec(number) ?? [];
  if (whole === undefined || cents === undefined || currency.cent === undefined) {
    return `${sayBigNumber(number)} ${currency.name}`;
  }
  const minor = Number(cents) === 0 ? '' : `${sino(String(Number(cents)))} ${currency.cent}`;
  if (Number(whole.replaceAll(',', '')) === 0) return minor === '' ? `영 ${currency.name}` : minor;
  return `${sino(whole)} ${currency.name}${minor === '' ? '' : ` ${minor}`}`;
}

const minus = (sign: string | undefined): string => (sign === undefined ? '' : '마이너스 ');

export const MONEY: readonly SemioticClass[] = [
  {
    name: 'money',
    pattern: new RegExp(
      `(${SIGN})\\s?(${BIG_NUMBER})${RANGE_DASH}(?:${SIGN})?(${BIG_NUMBER})(?:\\s?원)?`,
      'y',
    ),
    say: ([, sign = '', from = '', to = '']) => {
      const currency = SIGNS.get(sign);
      return currency ? `${sayBigNumber(from)}에서 ${sayAmount(to, currency)}` : null;
    },
  },
  {
    name: 'money',
    pattern: new RegExp(
      `([-−])?(${SIGN})\\s?([-−])?(?:(\\d{1,12}(?:\\.\\d{1,3})?)(bn|[KkMmBT])(?![A-Za-z])|(${BIG_NUMBER}))(?:\\s?(?:원|달러|유로|엔)(?![가-힣]{2}))?`,
      'y',
    ),
    say: ([, before, sign = '', behind, scaled, scale = '', number = '']) => {
      const currency = SIGNS.get(sign);
      if (currency === undefined) return null;
      if (scaled === undefined) return minus(before ?? behind) + sayAmount(number, currency);
      const value = Math.round(Number(scaled) * (SCALES[scale] ?? 1));
      return `${minus(before ?? behind)}${sino(String(value))} ${currency.name}`;
    },
  },
  {
    name: 'money',
    pattern: new RegExp(`(${BIG_NUMBER})\\s?(?:(${CODE})(?![A-Za-z])|(${SIGN}))`, 'y'),
    say: ([, number = '', code, sign]) => {
      const name = code === undefined ? SIGNS.get(sign ?? '')?.name : nameOf(code);
      return name === undefined ? null : `${sayBigNumber(number)} ${name}`;
    },
  },
  {
    name: 'money',
    pattern: new RegExp(`(${CODE})\\s?(${BIG_NUMBER})`, 'y'),
    say: ([, code = '', number = '']) => `${sayBigNumber(number)} ${nameOf(code)}`,
  },
  {
    name: 'money',
    pattern: /(\d{1,6}(?:\.\d{1,2})?)¢/y,
    say: ([, number = '']) => `${sayNumber(number)} 센트`,
  },
];
