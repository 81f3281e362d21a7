/** Numbers as an English speaker says them. */
import { toCardinal, toOrdinal } from 'n2words/en-US';

/** Longer numbers are said digit by digit: nobody follows a quintillion. */
const DIGITS_LIMIT = 15;

/** A number as written (`1,234.5`, `-7`, `007`, `1.2.3`) in words. Digits behind the point are said one by one. */
export function sayNumber(written: string): string {
  const sign = /^[-−]/.test(written) ? 'minus ' : '';
  const parts = written
    .replace(/^[-−+]/, '')
    .replaceAll(',', '')
    .split('.');
  const [whole = '', ...fractions] = parts;
  const said = [
    whole === '' ? 'zero' : sayWhole(whole),
    ...fractions.map((digits) => (parts.length > 2 ? sayWhole(digits) : sayDigits(digits))),
  ];
  return sign + said.join(' point ');
}

/** A whole number of digits alone; with a leading zero, or very long, digit by digit. */
export function sayWhole(digits: string): string {
  if (digits.length > DIGITS_LIMIT || /^0\d/.test(digits)) return sayDigits(digits);
  return spaced(toCardinal(BigInt(digits)));
}

/** Each digit by itself. */
export function sayDigits(digits: string): string {
  return [...digits].map((digit) => toCardinal(Number(digit))).join(' ');
}

/** `22` as `twenty second`. */
export function sayOrdinal(digits: string): string {
  const value = BigInt(digits);
  if (value === 0n) return 'zeroth';
  return spaced(toOrdinal(value)).replace(/^one (hundred|thousand)(th\b)/, '$1$2');
}

/** Years are said in pairs: `1999` nineteen ninety nine, `2005` two thousand five, `1900` nineteen hundred. */
export function sayYear(year: number): string {
  const century = Math.floor(year / 100);
  const rest = year % 100;
  if (year < 1000 || year > 9999 || (century % 10 === 0 && rest < 10)) return spaced(toCardinal(year));
  if (rest === 0) return `${spaced(toCardinal(century))} hundred`;
  const low = rest < 10 ? `oh ${toCardinal(rest)}` : spaced(toCardinal(rest));
  return `${spaced(toCardinal(century))} ${low}`;
}

/** A clock time in words; 24-hour times are said with a.m. or p.m. */
export function sayTime(hours: number, minutes: number, suffix: 'am' | 'pm' | null): string {
  const half = suffix ?? (hours > 12 ? 'pm' : hours === 0 ? 'am' : null);
  const hour = toCardinal(hours % 12 === 0 ? 12 : hours % 12);
  const past =
    minutes === 0 ? '' : minutes < 10 ? ` oh ${toCardinal(minutes)}` : ` ${sayWhole(String(minutes))}`;
  if (half === null) return minutes === 0 ? `${hour} o'clock` : hour + past;
  return `${hour}${past} ${half === 'am' ? 'a m' : 'p m'}`;
}

function spaced(words: string): string {
  return words.replaceAll('-', ' ');
}
