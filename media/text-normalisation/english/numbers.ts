/** Numbers as an English speaker says them. */
import { toCardinal, toOrdinal } from 'n2words/en-US';

/** Longer numbers without commas are said digit by digit: they are codes, and too long to follow otherwise. */
const DIGITS_LIMIT = 15;

/** A number: digits, grouped by commas or by spaces, with or without a fraction. Has no capturing groups. */
export const NUMBER = [
  '\\d{1,3}(?:,\\d{3}){1,6}(?!\\d)(?:\\.\\d+)?',
  '\\d{1,3}(?:[\\u00a0\\u202f\\u2009]\\d{3}){1,6}(?!\\d)(?:\\.\\d+)?',
  '\\d{1,3}(?: \\d{3}){2,6}(?![\\d-])',
  '\\d{1,3}(?: 000){1,6}(?![\\d-])',
  '\\d{1,40}(?:\\.\\d{1,40})?',
  '(?<![\\d.])\\.\\d{1,40}',
].join('|');

/** Where a sign belongs to the number after it: not after another quantity. Has no capturing groups. */
export const SIGN_PLACE = '(?<![\\w)%°²³¢€£₩¥])';

/** Scale words after a number. */
export const SCALE_WORDS = 'hundred|thousand|million|billion|trillion|quadrillion|dozen';

/** A number as written (`1,234.5`, `1 000`, `-7`, `007`) in words. Digits after the point are said one by one. */
export function sayNumber(written: string): string {
  const sign = /^[-−]/.test(written) ? 'minus ' : '';
  const [whole = '', fraction] = written.replaceAll(/[-−+,\s]/g, '').split('.');
  const isGrouped = /\d,\d/.test(written);
  const said = whole === '' ? 'zero' : isGrouped ? spaced(toCardinal(BigInt(whole))) : sayWhole(whole);
  return sign + (fraction === undefined ? said : `${said} point ${sayDigits(fraction)}`);
}

/** A whole number of plain digits in words; digit by digit if it has a leading zero or is very long. */
export function sayWhole(digits: string): string {
  if (digits.length > DIGITS_LIMIT || /^0\d/.test(digits)) return sayDigits(digits);
  return spaced(toCardinal(BigInt(digits)));
}

/** Says each digit by itself. */
export function sayDigits(digits: string): string {
  return [...digits].map((digit) => toCardinal(Number(digit))).join(' ');
}

/** Digits in codes: up to two are read as a number, more one by one. */
export function sayCodeDigits(digits: string): string {
  return digits.length > 2 ? sayDigits(digits) : sayWhole(digits);
}

/** Turns `22` into `twenty second`. */
export function sayOrdinal(digits: string): string {
  const value = BigInt(digits.replaceAll(',', ''));
  if (value === 0n) return 'zeroth';
  return spaced(toOrdinal(value));
}

/** Years are said in pairs: `1999` is nineteen ninety nine, `2005` two thousand five, `1900` nineteen hundred. */
export function sayYear(year: number): string {
  const century = Math.floor(year / 100);
  const rest = year % 100;
  if (year < 1000 || year > 9999 || (century % 10 === 0 && rest < 10)) return spaced(toCardinal(year));
  if (rest === 0) return `${spaced(toCardinal(century))} hundred`;
  const low = rest < 10 ? `oh ${toCardinal(rest)}` : spaced(toCardinal(rest));
  return `${spaced(toCardinal(century))} ${low}`;
}

/** Whether a written number is exactly one, which decides between `dollar` and `dollars`. */
export function isOne(written: string): boolean {
  return Number(written.replaceAll(/[-−+,\s]/g, '')) === 1;
}

/** The plural of a spoken number: `eighties`, `two thousands`. */
export function pluralise(said: string): string {
  if (said.endsWith('y')) return `${said.slice(0, -1)}ies`;
  return said.endsWith('x') ? `${said}es` : `${said}s`;
}

function spaced(words: string): string {
  return words.replaceAll('-', ' ').replaceAll(',', '');
}
