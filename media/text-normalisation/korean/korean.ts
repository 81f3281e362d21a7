/** Korean as it is spoken: numbers (Sino-Korean, native before counters), dates, times, money, units, symbols. */
import { readAloud, type SemioticClass } from '../semiotic-class.ts';
import { COUNTED } from './counters.ts';
import { DATES } from './date.ts';
import { LARGE_NUMBERS } from './large-number.ts';
import { LATIN } from './latin.ts';
import { FRACTIONS, MEASURES } from './measure.ts';
import { MONEY } from './money.ts';
import { NUMBER, particleBehind, RANGE_DASH, SIGN_PLACE, sayNumber, sino } from './numbers.ts';
import { TELEPHONES } from './telephone.ts';
import { TIMES } from './time.ts';

const SYMBOLS: Readonly<Record<string, string>> = {
  ...{
    '&': '앤드',
    '+': '더하기',
    '@': '골뱅이',
    '×': '곱하기',
    '÷': '나누기',
    '±': '플러스마이너스',
    '%': '퍼센트',
  },
  ...{
    '°': '도',
    '₩': '원',
    $: '달러',
    '€': '유로',
    '£': '파운드',
    '¥': '엔',
    '#': '샵',
    '→': '에서',
    '√': '루트',
    π: '파이',
  },
  ...{ '≥': '크거나 같다', '≤': '작거나 같다', '≠': '같지 않다', '∞': '무한대' },
};
const SIGN_WORDS: Readonly<Record<string, string>> = { '-': '마이너스 ', '−': '마이너스 ', '+': '플러스 ' };

/** `4-4-2` is a series of numbers. */
function isRow(whole: string, before: string, after: string): boolean {
  return /^\d{1,3}-$/.test(whole) && (/^\d{1,3}-\d/.test(after) || /\d-$/.test(before));
}

const PLAIN: readonly SemioticClass[] = [
  {
    name: 'version',
    pattern: /[vV]?(\d{1,6}(?:\.\d{1,6}){2,4})(?!\d|\.\d)/y,
    say: ([, numbers = '']) => numbers.split('.').map(sino).join(' 점 '),
  },
  {
    name: 'operator',
    // `5-3=2`
    pattern: /\s?-\s?(?=\d)/y,
    say: (_, { before, after }) =>
      /\d$/.test(before) && /^[\d\s+*×÷.-]{1,20}=/.test(after) ? ' 빼기 ' : null,
  },
  {
    name: 'operator',
    pattern: /\s?=\s?/y,
    say: (_, { before }) => {
      const [last = ''] = /\d{1,15}$/.exec(before) ?? [];
      return `${particleBehind(last === '' ? before : sino(last), '은')} `;
    },
  },
  {
    name: 'operator',
    pattern: /\s?[*x×]\s?(?=\d)/y,
    say: (_, { before }) => (/\d$/.test(before) ? ' 곱하기 ' : null),
  },
  {
    name: 'power',
    pattern: /\^?([²³]|(?<=\^)[23])/y,
    say: ([, power = '']) => (power === '²' || power === '2' ? ' 제곱' : ' 세제곱'),
  },
  {
    name: 'range',
    pattern: new RegExp(`(${SIGN_PLACE}[-−])?(${NUMBER})${RANGE_DASH}(?=\\d)`, 'y'),
    say: ([whole = '', sign = '', number = ''], { before, after }) =>
      whole.includes('-') && /^[\d\s+*×÷.-]{1,20}=/.test(after)
        ? null
        : `${SIGN_WORDS[sign] ?? ''}${sayNumber(number)}${isRow(whole, before, after) ? '' : '에서'} `,
  },
  {
    name: 'list',
    // `1·2위`
    pattern: /(\d{1,4})·(?=\d)/y,
    say: ([, number = '']) => `${sino(number)}, `,
  },
  {
    name: 'cardinal',
    pattern: new RegExp(`(${SIGN_PLACE}[-−+])?(${NUMBER})`, 'y'),
    say: ([, sign = '', number = '']) => (SIGN_WORDS[sign] ?? '') + sayNumber(number),
  },
  { name: 'roman', pattern: /[Ⅰ-Ⅻ]/uy, say: ([char = '']) => sino(String(char.charCodeAt(0) - 0x215f)) },
  {
    name: 'range',
    pattern: /[~〜∼](?=[\p{L}\d])/uy,
    say: (_, { before }) => (/[\p{L}\d]$/u.test(before) ? '에서 ' : '약 '),
  },
  {
    name: 'symbol',
    pattern: /[&+@×÷±%°₩$€£¥#→√π≥≤≠∞]/uy,
    say: ([symbol = '']) => ` ${SYMBOLS[symbol] ?? ''} `,
  },
  { name: 'symbol', pattern: /[*_~^|\\<>{}[\]/™®•〜∼]/uy, say: () => ' ' },
];

/** In order of precedence: if several classes match, the first one reads the token. */
const CLASSES: readonly SemioticClass[] = [
  { name: 'idiom', pattern: /24\/7(?![\d/])/y, say: () => '이십사 시간 칠 일' },
  ...TIMES,
  ...DATES,
  ...TELEPHONES,
  ...LATIN.filter(({ name }) => name === 'electronic'),
  ...MONEY,
  ...MEASURES,
  ...FRACTIONS,
  ...COUNTED,
  ...LARGE_NUMBERS,
  ...LATIN.filter(({ name }) => name !== 'electronic'),
  ...PLAIN,
];

/** Korean text in words. Sentence punctuation is kept. */
export function normaliseKorean(text: string): string {
  return readAloud(plainUnits(text.normalize('NFC')), CLASSES);
}

/** Turns single-character units (㎏, ㎡) and full-width digits and letters into plain ones. */
function plainUnits(text: string): string {
  return text
    .replaceAll(/[㎀-㏟０-９Ａ-Ｚａ-ｚ]/g, (char) => char.normalize('NFKC'))
    .replaceAll(/(?<=\d)\s?m2(?![\dA-Za-z])/g, 'm²');
}
