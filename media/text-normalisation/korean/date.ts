/** Dates: `2024/01/30`, `1999.9.17`, `8월20일〜25일`, `6·25`, `3.1절`, `(월)`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { NUMBER, RANGE_DASH, sayDigits, sayNumber, sino } from './numbers.ts';

/** June and October lose a consonant when spoken. */
function sayMonth(month: string): string {
  const value = Number(month);
  if (value === 6) return '유월';
  return value === 10 ? '시월' : `${sino(String(value))}월`;
}

const plain = (digits: string): string => sino(String(Number(digits)));

/** Null if there is no such day: the text is then not a date. */
function sayDate(year: string, month: string, day: string): string | null {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isReal = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isReal ? `${plain(year)}년 ${sayMonth(month)} ${plain(day)}일` : null;
}

/** What follows days that stand for what happened on them. */
const EVENT_AFTER =
  /^(?: ?(?:절|전쟁|운동|혁명|항쟁|사태|민주화|참변|사건|광복절|계엄|테러|독립|만세|쿠데타|군사|정변|선언|남북|지방선거|총선|대선|학살|의거))/;
const NO_EVENT_AFTER =
  /^(?:위|층|회|호|차|번|학년|월|분기|단계|조|공구|등|반|권|장|급|세대|동|킬로|미터|%|배|점|개|명|호선|부|선|구간|[.·]?\d)/;

/** 6·25 is 육이오, 12·12 is 십이십이. */
function sayEvent(month: string, day: string): string | null {
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31) return null;
  return sino(month) + (month === day ? sino(day) : sayDigits(day, '공'));
}

export const DATES: readonly SemioticClass[] = [
  {
    name: 'date',
    pattern: /([12]\d{3})([-/.])\s?(\d{1,2})\2\s?(\d{1,2})\.?(?:T(?=\d{2}:)|(?![\d/]|[-.]\d))/y,
    say: ([, year = '', , month = '', day = '']) => sayDate(year, month, day),
  },
  {
    name: 'date',
    pattern: /(\d{1,2})([-/.])(\d{1,2})\2([12]\d{3})(?![\d/]|[-.]\d)/y,
    say: ([, month = '', , day = '', year = '']) => sayDate(year, month, day) ?? sayDate(year, day, month),
  },
  {
    name: 'date',
    pattern: new RegExp(`(0?[1-9]|1[0-2])(?:${RANGE_DASH}(0?[1-9]|1[0-2]))?월`, 'y'),
    say: ([, from = '', to]) => (to === undefined ? sayMonth(from) : `${sayMonth(from)}에서 ${sayMonth(to)}`),
  },
  {
    name: 'date',
    pattern: new RegExp(
      `(${NUMBER})(년|월|일|주|분|초|년대|학년|개월|회|호|층|세|도|점|쪽|페이지)${RANGE_DASH}(?=\\d)`,
      'y',
    ),
    say: ([, from = '', unit = '']) =>
      `${sayNumber(from)}${unit}${/^(?:년|월|일|년대)$/.test(unit) ? '부터' : '에서'} `,
  },
  {
    name: 'date',
    // From one day or year to another: `7월 5~9일`, `80~90년대`, `2019~2023년`.
    pattern: new RegExp(`(\\d{1,4})${RANGE_DASH}(?=(?:\\d{1,4}년대|[12]\\d{3}년|\\d{1,2}일))`, 'y'),
    say: ([, from = ''], { before, after }) =>
      /^\d+일/.test(after) && !/월\s?$/.test(before) ? null : `${plain(from)}부터 `,
  },
  {
    name: 'event',
    pattern: /(\d{1,2})([·.])(\d{1,2})(?!\d)/y,
    say: ([, month = '', mark, day = ''], { before, after }) => {
      const isEvent = EVENT_AFTER.test(after) || (mark === '·' && !NO_EVENT_AFTER.test(after));
      return isEvent && !/[\d.·]$/.test(before) ? sayEvent(month, day) : null;
    },
  },
  {
    name: 'weekday',
    pattern: /\(([월화수목금토일])\)(\s?[~〜∼–-]\s?(?=\d))?/y,
    say: ([, day = '', dash]) => ` ${day}요일${dash === undefined ? '' : '부터'} `,
  },
  {
    name: 'weekday',
    // `(월~금)`, `월~금`
    pattern: /(\()?(?<![가-힣])([월화수목금토일])\s?[~〜∼]\s?([월화수목금토일])(?:요일|(?![가-힣]))(\))?/y,
    say: ([, open = '', from = '', to = '', close = '']) => {
      const said = `${from}요일부터 ${to}요일`;
      return open !== '' && close !== '' ? ` ${said} ` : open + said + close;
    },
  },
  {
    name: 'date',
    // The zero is not said: `01월 05일`, `9시 09분`.
    pattern: /0(\d)(?=\s?[일시분초](?![가-힣]{2}))/y,
    say: ([, digit = ''], { before, after }) =>
      /[\d.,:]$/.test(before) || /^\s?시/.test(after) ? null : sino(digit),
  },
  {
    name: 'date',
    // `'24년`
    pattern: /['’](\d{2})년/y,
    say: ([, year = '']) => `${plain(year)}년`,
  },
];
