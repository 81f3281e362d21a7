/** Money, percentages and units as an English speaker says them. */
import { sayNumber } from './english-numbers.ts';
import type { Rule } from './rule.ts';

type Forms = readonly [one: string, many: string];

const CURRENCIES: Readonly<Record<string, { readonly unit: Forms; readonly cent: Forms | null }>> = {
  $: { unit: ['dollar', 'dollars'], cent: ['cent', 'cents'] },
  '€': { unit: ['euro', 'euros'], cent: ['cent', 'cents'] },
  '£': { unit: ['pound', 'pounds'], cent: ['penny', 'pence'] },
  '₩': { unit: ['won', 'won'], cent: null },
  '¥': { unit: ['yen', 'yen'], cent: null },
  USD: { unit: ['U S dollar', 'U S dollars'], cent: ['cent', 'cents'] },
  EUR: { unit: ['euro', 'euros'], cent: ['cent', 'cents'] },
  GBP: { unit: ['pound', 'pounds'], cent: ['penny', 'pence'] },
  KRW: { unit: ['Korean won', 'Korean won'], cent: null },
  JPY: { unit: ['yen', 'yen'], cent: null },
};
const SCALES: Readonly<Record<string, string>> = {
  ...{ k: 'thousand', K: 'thousand', m: 'million', M: 'million', mn: 'million', bn: 'billion' },
  ...{ b: 'billion', B: 'billion', T: 'trillion' },
};

const UNITS: Readonly<Record<string, Forms>> = {
  ...{ km: both('kilometer'), m: both('meter'), cm: both('centimeter'), mm: both('millimeter') },
  ...{ kg: both('kilogram'), g: both('gram'), mg: both('milligram'), lb: both('pound'), lbs: both('pound') },
  ...{ oz: both('ounce'), mi: both('mile'), ft: ['foot', 'feet'], yd: both('yard') },
  ...{ l: both('liter'), L: both('liter'), ml: both('milliliter'), mL: both('milliliter') },
  ...{
    ms: both('millisecond'),
    s: both('second'),
    sec: both('second'),
    min: both('minute'),
    h: both('hour'),
  },
  ...{ hr: both('hour'), hrs: both('hour'), px: both('pixel'), fps: per('frame', 'second') },
  ...{ mph: per('mile', 'hour'), kmh: per('kilometer', 'hour'), 'km/h': per('kilometer', 'hour') },
  ...{ 'm/s': per('meter', 'second'), 'm²': both('square meter'), 'km²': both('square kilometer') },
  ...{ KB: both('kilobyte'), kB: both('kilobyte'), MB: both('megabyte'), GB: both('gigabyte') },
  ...{ TB: both('terabyte'), Mbps: per('megabit', 'second'), Gbps: per('gigabit', 'second') },
  ...{ Hz: ['hertz', 'hertz'], kHz: ['kilohertz', 'kilohertz'], MHz: ['megahertz', 'megahertz'] },
  ...{ GHz: ['gigahertz', 'gigahertz'], W: both('watt'), kW: both('kilowatt'), kWh: both('kilowatt hour') },
  ...{ V: both('volt'), mA: both('milliamp'), dB: both('decibel') },
  ...{ '°C': degrees('Celsius'), '°F': degrees('Fahrenheit'), '°': both('degree') },
};

function both(word: string): Forms {
  return [word, `${word}s`];
}

function per(word: string, time: string): Forms {
  return [`${word} per ${time}`, `${word}s per ${time}`];
}

function degrees(scale: string): Forms {
  return [`degree ${scale}`, `degrees ${scale}`];
}

/** Whole digits may be grouped by commas; a point needs digits behind it. */
export const NUMBER = '\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?';
const unitNames = Object.keys(UNITS)
  .sort((a, b) => b.length - a.length)
  .map((name) => name.replaceAll('/', '\\/'))
  .join('|');

function chosen(forms: Forms, number: string): string {
  return Number(number.replaceAll(',', '')) === 1 ? forms[0] : forms[1];
}

function sayMoney(sign: string, number: string, scale: string | undefined): string {
  const currency = CURRENCIES[sign];
  if (currency === undefined) return `${sign} ${number}`;
  if (scale !== undefined) return `${sayNumber(number)} ${SCALES[scale] ?? scale} ${currency.unit[1]}`;
  const [whole = '0', cents = ''] = number.split('.');
  if (currency.cent === null || cents.length !== 2)
    return `${sayNumber(number)} ${chosen(currency.unit, number)}`;
  const major = `${sayNumber(whole)} ${chosen(currency.unit, whole)}`;
  if (Number(cents) === 0) return major;
  const minor = `${sayNumber(String(Number(cents)))} ${chosen(currency.cent, cents)}`;
  return Number(whole.replaceAll(',', '')) === 0 ? minor : `${major} and ${minor}`;
}

/** `$12.50`, `€3bn`, `25 USD`, `5%`, `10 km/h`, `10–20 km`. */
export const ENGLISH_QUANTITIES: readonly Rule[] = [
  {
    pattern: new RegExp(
      `([$€£₩¥])\\s?(${NUMBER})(?:(k|K|m|M|mn|bn|b|B|T)\\b|\\s(hundred|thousand|million|billion|trillion)\\b)?`,
      'g',
    ),
    say: (_, sign = '', number = '', scale, word) => sayMoney(sign, number, scale ?? word),
  },
  {
    pattern: new RegExp(`\\b(${NUMBER})\\s?(USD|EUR|GBP|KRW|JPY)\\b`, 'g'),
    say: (_, number = '', code = '') => sayMoney(code, number, undefined),
  },
  {
    // A range keeps its unit at the end.
    pattern: new RegExp(
      `(?<![\\w.-])(${NUMBER})\\s?[–—-]\\s?(?=(?:${NUMBER})(?:\\s?(?:%|${unitNames})(?![A-Za-z])))`,
      'g',
    ),
    say: (_, number = '') => `${sayNumber(number)} to `,
  },
  {
    pattern: new RegExp(`(?<![\\w.])([-−]?(?:${NUMBER}))\\s?%`, 'g'),
    say: (_, number = '') => `${sayNumber(number)} percent`,
  },
  {
    pattern: new RegExp(`(?<![\\w.])([-−]?(?:${NUMBER}))\\s?(${unitNames})(?![A-Za-z0-9²])`, 'g'),
    say: (_, number = '', name = '') => `${sayNumber(number)} ${chosen(UNITS[name] ?? [name, name], number)}`,
  },
];
