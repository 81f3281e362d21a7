/** Quantities with a unit: `12 kg`, `60 km/h`, `-2°C`, `70%`, `10-km`, `5'11"`, `40°26′N`. */
import type { Place, SemioticClass } from '../semiotic-class.ts';
import { QUANTITY, sayQuantity } from './fraction.ts';
import { isOne, SIGN_PLACE, sayNumber } from './numbers.ts';
import { UNIT_PATTERN, unitName } from './units.ts';

/** What may follow a length, which tells `5 in` (inches) from `five in the morning`. */
const BEHIND_INCHES =
  /^(?:\.?$|[,;)]|\.? ?(?:x|by|long|wide|tall|high|thick|deep|in diameter|screen|display|pipe|of (?:rain|snow))\b)/;
const SIZED =
  /^ ?(?:x|by|long|wide|tall|high|thick|deep|screen|monitor|display|tv|pipe|laptop|vinyl|tablet)\b/i;
const COMPASS: Readonly<Record<string, string>> = { N: 'north', S: 'south', E: 'east', W: 'west' };
const SIGN = `(${SIGN_PLACE}[-−+])?`;
const SIGN_WORDS: Readonly<Record<string, string>> = { '-': 'minus ', '−': 'minus ', '+': 'plus ' };

/** `12/kg` is twelve per kilogram. */
const PER_UNIT: SemioticClass = {
  name: 'measure',
  pattern: new RegExp(`/(${UNIT_PATTERN})(?![A-Za-z0-9²³/])`, 'y'),
  say: ([, unit = ''], { before }) => {
    const name = unit.length > 1 ? unitName(unit, 1) : undefined;
    return name === undefined || !/\d$/.test(before) ? null : ` per ${name}`;
  },
};

export const MEASURES: readonly SemioticClass[] = [
  {
    name: 'measure',
    pattern: /(\d{1,3})°\s?(\d{1,2})['′’](?:\s?(\d{1,2}(?:\.\d{1,3})?)(?:["″”]|''))?\s?([NSEW])?(?!\w)/y,
    say: ([, degrees = '', minutes = '', seconds, side]) =>
      [
        `${sayNumber(degrees)} degrees ${sayNumber(String(Number(minutes)))} minutes`,
        seconds === undefined ? '' : `${sayNumber(seconds)} seconds`,
        side === undefined ? '' : (COMPASS[side] ?? side),
      ].join(' '),
  },
  {
    name: 'measure',
    pattern: /(\d{1,3}(?:\.\d{1,6})?)°\s?([NSEW])(?!\w)/y,
    say: ([, degrees = '', side = '']) => `${sayNumber(degrees)} degrees ${COMPASS[side] ?? side}`,
  },
  {
    name: 'measure',
    pattern: /(\d{1,2})\s?['′’]\s?(\d{1,2}(?:\.\d)?)(?:["″”]|''|(?![\w'′]))/y,
    say: ([, feet = '', inches = '']) => `${sayNumber(feet)} foot ${sayNumber(inches)}`,
  },
  {
    name: 'measure',
    pattern: new RegExp(`(${QUANTITY})(["″]|'')(?!\\w)`, 'y'),
    say: ([, number = '', mark], { before, after }) => {
      const isClosingQuote = mark === '"' && (before.split('"').length % 2 === 0 || !SIZED.test(after));
      if (isClosingQuote) return null;
      return `${sayQuantity(number)} ${SIZED.test(after) || isOne(number) ? 'inch' : 'inches'}`;
    },
  },
  {
    name: 'measure',
    // A scale may come in between, as in `5 million km`; a hyphen makes an adjective, as in `a 10-km run`.
    pattern: new RegExp(
      `${SIGN}(${QUANTITY})(?: (thousand|million|billion|trillion))?(\\s|-)?(${UNIT_PATTERN})(?:\\.(?=\\s[a-z0-9(]))?(?![A-Za-z0-9²³'’/]|-[A-Za-z]|\\.[A-Za-z])`,
      'y',
    ),
    say: ([, sign = '', number = '', scale, gap, unit = ''], { before, after }) => {
      if (isNoUnit(unit, gap, { before, after })) return null;
      const isAdjective =
        gap === '-' || (/\ban?\s$/i.test(before) && /^ [a-z]{3,}\b(?! (?:than|of))/.test(after));
      const isSingular = (isOne(number) && scale === undefined) || isAdjective || isPart(number);
      const name = unitName(unit, isSingular ? 1 : 2);
      if (name === undefined) return null;
      const size = scale === undefined ? '' : ` ${scale}`;
      return `${SIGN_WORDS[sign] ?? ''}${sayQuantity(number)}${size}${link(number, name)}${name}`;
    },
  },
  PER_UNIT,
  {
    name: 'measure',
    // A speed without a number: `in km/h`.
    pattern: /(?<![\w/])(?:k?m|mi|ft)\/[hs](?![\w²/])/y,
    say: ([unit = ''], { before }) => (/\d\s?$/.test(before) ? null : (unitName(unit, 2) ?? null)),
  },
];

/** Whether the letters after a number are not a unit there. */
function isNoUnit(
  unit: string,
  gap: string | undefined,
  { before, after }: Pick<Place, 'before' | 'after'>,
): boolean {
  if (unit === 'in') return !BEHIND_INCHES.test(after);
  // `708 N 1st St` is an address.
  if (/^[NSEW]$/.test(unit) && /^\.?\s+(?:\d+(?:st|nd|rd|th)\b|\p{Lu}\p{Ll})/u.test(after)) return true;
  // `221B` is a code.
  if (/^[ABJNb]$/.test(unit) && gap === undefined) return true;
  // `133-A` is a code, `a 10-A fuse` is a measure.
  if (/^[A-Z]$/.test(unit) && gap === '-') return !/\b(?:an?|the)\s$/i.test(before);
  return /^[a-z]$/.test(unit) && gap === '-';
}

function link(number: string, name: string): string {
  if (!isPart(number) || /^(?:percent|degree)/.test(name)) return ' ';
  return name === 'hour' ? ' of an ' : ' of a ';
}

/** `¾ mile` is three quarters of a mile. */
function isPart(number: string): boolean {
  return /^(?:\d+\/\d+|[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])$/u.test(number.trim());
}
