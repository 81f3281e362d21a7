/** Quantities with a unit, and fractions: `0.5kg`, `3m²`, `60km/h`, `25℃`, `3/5`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { readVulgarFraction, VULGAR_FRACTIONS } from '../vulgar-fraction.ts';
import { BIG_NUMBER, sayBigNumber } from './large-number.ts';
import { PARTICLE, RANGE_DASH, SIGN_PLACE, sayNumber, sino, withParticle } from './numbers.ts';

const PREFIXES: Readonly<Record<string, string>> = {
  ...{ n: '나노', µ: '마이크로', μ: '마이크로', m: '밀리', c: '센티', d: '데시', h: '헥토' },
  ...{ k: '킬로', K: '킬로', M: '메가', G: '기가', T: '테라' },
};
const BASES: readonly (readonly [symbol: string, name: string, prefixes: string])[] = [
  ['m', '미터', 'nµμmck'],
  ['g', '그램', 'µμmk'],
  ['s', '초', 'nµμm'],
  ['L', '리터', 'mdc'],
  ['l', '리터', 'mdc'],
  ['W', '와트', 'mkMGT'],
  ['Wh', '와트시', 'kMGT'],
  ['V', '볼트', 'mk'],
  ['A', '암페어', 'm'],
  ['Ah', '암페어시', 'm'],
  ['J', '줄', 'kM'],
  ['N', '뉴턴', 'k'],
  ['Pa', '파스칼', 'hkM'],
  ['Hz', '헤르츠', 'kMG'],
  ['B', '바이트', 'kKMGT'],
  ['b', '비트', 'kMG'],
  ['cal', '칼로리', 'k'],
];
const OTHERS: Readonly<Record<string, string>> = {
  ...{
    '%': '퍼센트',
    '%p': '퍼센트포인트',
    '%P': '퍼센트포인트',
    '‰': '퍼밀',
    '°': '도',
    px: '픽셀',
    dB: '데시벨',
  },
  ...{
    rpm: '알피엠',
    RPM: '알피엠',
    bpm: '비피엠',
    fps: '에프피에스',
    ppm: '피피엠',
    dpi: '디피아이',
    Mbps: '메가비피에스',
  },
  ...{
    Gbps: '기가비피에스',
    Kbps: '킬로비피에스',
    kbps: '킬로비피에스',
    ft: '피트',
    in: '인치',
    inch: '인치',
    lb: '파운드',
  },
  ...{
    lbs: '파운드',
    oz: '온스',
    yd: '야드',
    mi: '마일',
    ha: '헥타르',
    t: '톤',
    min: '분',
    h: '시간',
    hr: '시간',
    sec: '초',
  },
  ...{
    cc: '시시',
    K: '케이',
    KG: '킬로그램',
    KM: '킬로미터',
    CM: '센티미터',
    ML: '밀리리터',
    MM: '밀리미터',
    gal: '갤런',
  },
};
const UNITS: ReadonlyMap<string, string> = new Map([
  ...BASES.flatMap(([symbol, name, prefixes]): [string, string][] => [
    [symbol, name],
    ...[...prefixes].map((prefix): [string, string] => [prefix + symbol, (PREFIXES[prefix] ?? '') + name]),
  ]),
  ...Object.entries(OTHERS),
]);
const UNIT = [...UNITS.keys()].toSorted((a, b) => b.length - a.length).join('|');
/** Units whose rate or scale is said before the number, such as speeds per hour or per second. */
const RATES: Readonly<Record<string, readonly [before: string, unit: string]>> = {
  ...{
    'km/h': ['시속', '킬로미터'],
    'km/hr': ['시속', '킬로미터'],
    kmh: ['시속', '킬로미터'],
    kph: ['시속', '킬로미터'],
  },
  ...{
    'm/s': ['초속', '미터'],
    'km/s': ['초속', '킬로미터'],
    mph: ['시속', '마일'],
    'm/min': ['분속', '미터'],
  },
  ...{ '°C': ['섭씨', '도'], '℃': ['섭씨', '도'], '°F': ['화씨', '도'], '℉': ['화씨', '도'] },
};
const RATE = Object.keys(RATES)
  .toSorted((a, b) => b.length - a.length)
  .map((name) => name.replaceAll('/', '\\/'))
  .join('|');
const POWERS: Readonly<Record<string, string>> = { '²': '제곱', '2': '제곱', '³': '세제곱', '3': '세제곱' };
const SIGN_WORDS: Readonly<Record<string, string>> = { '-': '마이너스 ', '−': '마이너스 ', '+': '플러스 ' };

/** A number or a range of numbers. */
const AMOUNT = `(${SIGN_PLACE}[-−+])?(${BIG_NUMBER})(?:${RANGE_DASH}(${BIG_NUMBER}))?`;

function sayAmount(sign: string | undefined, from: string, to: string | undefined): string {
  const range = to === undefined ? '' : `에서 ${sayBigNumber(to)}`;
  return (SIGN_WORDS[sign ?? ''] ?? '') + sayBigNumber(from) + range;
}

/** A fraction: whole, above and below; a root sign may come before either of the latter. */
const FRACTION = '(?:(\\d{1,4}(?: |[과와] ?)))?(√?)(\\d{1,5})[/⁄](√?)(\\d{1,5})(?![\\d/])';

/** @param parts the groups of FRACTION */
function sayFraction(parts: readonly (string | undefined)[]): string {
  const [whole, rootAbove, above = '', rootBelow, below = ''] = parts;
  const root = (sign: string | undefined): string => (sign === '√' ? '루트 ' : '');
  const [, number = '', particle = ''] = /^(\d+)\s*([과와]?)/.exec(whole ?? '') ?? [];
  const start =
    number === '' ? '' : `${particle === '' ? withParticle(sino(number), '과') : sino(number) + particle} `;
  return `${start}${root(rootBelow)}${sino(below)} 분의 ${root(rootAbove)}${sino(above)}`;
}

export const MEASURES: readonly SemioticClass[] = [
  {
    name: 'measure',
    pattern: new RegExp(`(${SIGN_PLACE}[-−+])?${FRACTION}\\s?(${RATE}|${UNIT})(?![A-Za-z²³\\d])`, 'y'),
    say: ([, sign = '', ...rest]) => {
      const unit = rest[5] ?? '';
      const [rate = '', name = UNITS.get(unit) ?? unit] = RATES[unit] ?? [];
      const number = (SIGN_WORDS[sign] ?? '') + sayFraction(rest.slice(0, 5));
      return `${rate === '' ? '' : `${rate} `}${number} ${name}`;
    },
  },
  {
    name: 'measure',
    pattern: new RegExp(`${AMOUNT}\\s?(${RATE})(?![A-Za-z²³])`, 'y'),
    say: ([, sign, from = '', to, rate = ''], { before }) => {
      const [word, unit] = RATES[rate] ?? ['', rate];
      const isSaid = new RegExp(`(?:${word}|영하|영상)\\s?$`).test(before);
      return `${isSaid ? '' : `${word} `}${sayAmount(sign, from, to)} ${unit}`;
    },
  },
  {
    name: 'measure',
    pattern: new RegExp(
      `${AMOUNT}\\s?(${UNIT})(?:([²³])|\\^?([23])(?!\\d))?(?:\\/(${UNIT}))?(?![A-Za-z²³\\d])`,
      'y',
    ),
    say: ([, sign, from = '', to, unit = '', raised, digit, per], { before }) => {
      // `B2B` is a code.
      if (/[A-Za-z]$/.test(before)) return null;
      const power = POWERS[raised ?? digit ?? ''] ?? '';
      const bottom = per === undefined ? '' : ` 퍼 ${UNITS.get(per) ?? per}`;
      return `${sayAmount(sign, from, to)} ${power}${UNITS.get(unit) ?? unit}${bottom}`;
    },
  },
];

export const FRACTIONS: readonly SemioticClass[] = [
  {
    name: 'fraction',
    // The particle agrees with the word said last: `4/7이` is 칠 분의 사가.
    pattern: new RegExp(`(${SIGN_PLACE}[-−+])?${FRACTION}(?:${PARTICLE})?`, 'y'),
    say: ([, sign = '', ...rest]) =>
      (SIGN_WORDS[sign] ?? '') + withParticle(sayFraction(rest.slice(0, 5)), rest[5] ?? ''),
  },
  {
    name: 'fraction',
    pattern: new RegExp(`(\\d{1,4})?\\s?([${VULGAR_FRACTIONS}])`, 'uy'),
    say: ([, whole, char = '']) => {
      const [above, below] = readVulgarFraction(char);
      return `${whole === undefined ? '' : `${sayNumber(whole)}과 `}${sino(String(below))} 분의 ${sino(String(above))}`;
    },
  },
  {
    name: 'fraction',
    pattern: /(\d{1,4})\s?분의\s?(\d{1,4})/y,
    say: ([, below = '', above = '']) => `${sino(below)} 분의 ${sino(above)}`,
  },
];
