/** Korean as it is spoken: numbers (Sino-Korean, native before counters), dates, times, money, units, symbols. */
import { toCardinal } from 'n2words/ko-KR';
import { applyRules, type Rule } from './rule.ts';

const NATIVE_TENS = ['', '열', '스물', '서른', '마흔', '쉰', '예순', '일흔', '여든', '아흔'];
const NATIVE_ONES = ['', '한', '두', '세', '네', '다섯', '여섯', '일곱', '여덟', '아홉'];
/** Counters that take native numbers (한 개, 두 명). */
const COUNTERS = '개|명|살|마리|권|잔|병|번|시간|시|사람|장|대|송이|켤레|그루|채|달|곳';
const DIGIT_NAMES = '공일이삼사오육칠팔구';
const DIGITS_LIMIT = 16;

const UNITS: Readonly<Record<string, string>> = {
  ...{ km: '킬로미터', m: '미터', cm: '센티미터', mm: '밀리미터', kg: '킬로그램', g: '그램', mg: '밀리그램' },
  ...{
    L: '리터',
    l: '리터',
    ml: '밀리리터',
    mL: '밀리리터',
    'km/h': '킬로미터 매 시',
    s: '초',
    ms: '밀리초',
  },
  ...{
    KB: '킬로바이트',
    MB: '메가바이트',
    GB: '기가바이트',
    TB: '테라바이트',
    Hz: '헤르츠',
    GHz: '기가헤르츠',
  },
  ...{ '%': '퍼센트', '°C': '도', '℃': '도', '°': '도', W: '와트', kW: '킬로와트', V: '볼트', px: '픽셀' },
};
const unitNames = Object.keys(UNITS)
  .sort((a, b) => b.length - a.length)
  .map((name) => name.replaceAll('/', '\\/'))
  .join('|');
const CURRENCIES: Readonly<Record<string, string>> = {
  $: '달러',
  '€': '유로',
  '£': '파운드',
  '₩': '원',
  '¥': '엔',
};
const SYMBOLS: Readonly<Record<string, string>> = {
  ...{
    '&': '그리고',
    '+': '더하기',
    '=': '는',
    '@': '골뱅이',
    '×': '곱하기',
    '÷': '나누기',
    '±': '플러스마이너스',
  },
  ...{ '%': '퍼센트', '°': '도', '₩': '원', $: '달러', '€': '유로', '£': '파운드', '¥': '엔', '#': '샵' },
};

const NUMBER = '\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?';

const RULES: readonly Rule[] = [
  {
    pattern: /\b([12]\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b/g,
    say: (_, year = '', month = '', day = '') => `${sino(year)}년 ${sayMonth(month)} ${sino(day)}일`,
  },
  {
    // Telephone numbers.
    pattern: /\b\d{2,4}-\d{3,4}-\d{4}\b/g,
    say: (groups) =>
      groups
        .split('-')
        .map((digits) => sayDigits(digits, '공'))
        .join(', '),
  },
  { pattern: /(?<!\d)(0?[1-9]|1[0-2])월/g, say: (_, month = '') => sayMonth(month) },
  {
    pattern: /\b([01]?\d|2[0-3]):([0-5]\d)(?!\d)/g,
    say: (_, hours = '', minutes = '') => sayTime(Number(hours), Number(minutes)),
  },
  {
    pattern: new RegExp(`([$€£₩¥])\\s?(${NUMBER})`, 'g'),
    say: (_, sign = '', number = '') => `${sayNumber(number)} ${CURRENCIES[sign] ?? ''}`,
  },
  {
    pattern: new RegExp(`(?<![\\w.])(${NUMBER})\\s?[-–~]\\s?(?=\\d)`, 'g'),
    say: (_, number = '') => `${sayNumber(number)}에서 `,
  },
  {
    pattern: new RegExp(`(?<![\\w.])([-−]?(?:${NUMBER}))\\s?(${unitNames})(?![A-Za-z])`, 'g'),
    say: (_, number = '', unit = '') => `${sayNumber(number)} ${UNITS[unit] ?? unit}`,
  },
  {
    pattern: new RegExp(`(?<![\\d.,])([1-9]\\d?)\\s?(?=(?:${COUNTERS}))`, 'g'),
    say: (_, number = '') => `${native(Number(number))} `,
  },
  { pattern: new RegExp(`(?<![\\w.])[-−]?(?:${NUMBER})`, 'g'), say: (number) => sayNumber(number) },
  { pattern: /\d+/g, say: (digits) => ` ${sino(digits)} ` },
  { pattern: /[&+=@×÷±%°₩$€£¥#]/gu, say: (symbol) => ` ${SYMBOLS[symbol] ?? ' '} ` },
  { pattern: /[*_~^|\\<>{}[\]/]/g, say: () => ' ' },
  { pattern: /\s+/g, say: () => ' ' },
  { pattern: /\s(?=[,.;:!?](?:\s|$))/g, say: () => '' },
];

/** Korean text in words. Sentence marks stay. */
export function normaliseKorean(text: string): string {
  return applyRules(text.normalize('NFC'), RULES).trim();
}

function sayNumber(written: string): string {
  const sign = /^[-−]/.test(written) ? '마이너스 ' : '';
  const [whole = '', fraction] = written.replace(/^[-−]/, '').replaceAll(',', '').split('.');
  const said = sino(whole);
  return sign + (fraction === undefined ? said : `${said} 점 ${sayDigits(fraction, '영')}`);
}

function sino(digits: string): string {
  if (digits.length > DIGITS_LIMIT || /^0\d{2}/.test(digits)) return sayDigits(digits, '공');
  return toCardinal(BigInt(digits)).replaceAll(' ', '');
}

function sayDigits(digits: string, zero: string): string {
  return [...digits].map((digit) => (digit === '0' ? zero : (DIGIT_NAMES[Number(digit)] ?? ''))).join(' ');
}

/** June and October lose a consonant when they are said. */
function sayMonth(month: string): string {
  const value = Number(month);
  if (value === 6) return '유월';
  return value === 10 ? '시월' : `${sino(String(value))}월`;
}

function sayTime(hours: number, minutes: number): string {
  const half = hours > 12 ? '오후 ' : '';
  const hour = hours % 12 === 0 ? 12 : hours % 12;
  return `${half}${native(hour)} 시${minutes === 0 ? '' : ` ${sino(String(minutes))}분`}`;
}

/** 1 to 99 in native numbers, in the form that stands before a counter. */
function native(value: number): string {
  if (value === 20) return '스무';
  return (NATIVE_TENS[Math.floor(value / 10)] ?? '') + (NATIVE_ONES[value % 10] ?? '');
}
