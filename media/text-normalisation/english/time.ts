/** Times of day and durations: `14:30`, `5 p.m.`, `1:01:01`, `2h 30m`. */

import type { SemioticClass } from '../semiotic-class.ts';
import { endsSentence } from '../sentence-end.ts';
import { sayWhole } from './numbers.ts';

/** `am`, `a.m.`, `AM`; the last point may also end the sentence. */
const HALF = '(?:\\s?([ap])(?:m(?![\\w])|\\.\\s?m(?:\\.|(?![\\w]))))';

function sayHalf(letter: string, written: string, after: string): string {
  const stop = written.endsWith('.') && endsSentence(written, after) ? '.' : '';
  return ` ${letter.toLowerCase()} m${stop}`;
}

function sayMinutes(minutes: number): string {
  if (minutes === 0) return '';
  return minutes < 10 ? ` oh ${sayWhole(String(minutes))}` : ` ${sayWhole(String(minutes))}`;
}

function counted(written: string, unit: string): string {
  const count = Number(written);
  return `${sayWhole(String(count))} ${unit}${count === 1 ? '' : 's'}`;
}

/** A clock time without its half of the day; hours above 12 are said with p m. */
function sayClock(hours: number, minutes: number, isLast: boolean): string {
  if (hours > 12 || hours === 0) {
    const half = hours > 12 ? 'p m' : 'a m';
    return `${sayWhole(String(hours % 12 === 0 ? 12 : hours % 12))}${sayMinutes(minutes)} ${half}`;
  }
  const hour = sayWhole(String(hours));
  return minutes === 0 && isLast ? `${hour} o'clock` : hour + sayMinutes(minutes);
}

export const TIMES: readonly SemioticClass[] = [
  {
    name: 'time',
    pattern: new RegExp(`([01]?\\d|2[0-3])[:.]([0-5]\\d)(?::([0-5]\\d))?${HALF}`, 'iy'),
    say: ([whole = '', hours = '', minutes = '', seconds, half = ''], { after }) => {
      const past = Number(seconds ?? 0) === 0 ? '' : ` and ${counted(seconds ?? '', 'second')}`;
      const hour = Number(hours) % 12 === 0 ? 12 : Number(hours) % 12;
      return sayWhole(String(hour)) + sayMinutes(Number(minutes)) + past + sayHalf(half, whole, after);
    },
  },
  {
    name: 'time',
    pattern: new RegExp(`(0?\\d|1[0-2])${HALF}`, 'iy'),
    say: ([whole = '', hours = '', half = ''], { after }) =>
      sayWhole(String(Number(hours))) + sayHalf(half, whole, after),
  },
  {
    name: 'time',
    pattern: /(\d{1,3}):([0-5]\d):([0-5]\d)(?:\.(\d{1,3}))?(?![\d:])/y,
    say: ([, hours = '', minutes = '', seconds = '', fraction], { before }) => {
      if (fraction === undefined && /\bat\s$/i.test(before) && Number(hours) < 24) {
        return `${sayClock(Number(hours), Number(minutes), false)} and ${counted(seconds, 'second')}`;
      }
      const rest = fraction === undefined ? '' : ` point ${[...fraction].map(sayWhole).join(' ')}`;
      const second =
        rest === '' ? counted(seconds, 'second') : `${sayWhole(String(Number(seconds)))}${rest} seconds`;
      return [counted(hours, 'hour'), counted(minutes, 'minute'), `and ${second}`].join(' ');
    },
  },
  {
    name: 'time',
    pattern: /([01]?\d|2[0-3]):([0-5]\d)(?![\d:]|\.\d)(?:\s?h(?:rs?|ours)?\b)?/y,
    say: ([, hours = '', minutes = ''], { after }) =>
      sayClock(Number(hours), Number(minutes), !/^\s?[-–—]\s?\d/.test(after)),
  },
  {
    name: 'time',
    pattern: /(\d{1,2})\s?h(?:rs?)?\s?([0-5]?\d)(?:\s?m(?:ins?)?)?(?:\s?([0-5]?\d)\s?s(?:ecs?)?)?(?!\w)/y,
    say: ([, hours = '', minutes = '', seconds]) =>
      [
        counted(hours, 'hour'),
        counted(minutes, 'minute'),
        seconds === undefined ? '' : counted(seconds, 'second'),
      ].join(' '),
  },
  {
    name: 'time',
    pattern: /(\d{1,3})\s?m(?:ins?)?\s?([0-5]?\d)\s?s(?:ecs?)?(?!\w)/y,
    say: ([, minutes = '', seconds = '']) => `${counted(minutes, 'minute')} ${counted(seconds, 'second')}`,
  },
  { name: 'time', pattern: /24:00(?![\d:])/y, say: () => 'midnight' },
  {
    name: 'ratio',
    // A score or a ratio: `3:1`, `16:9`.
    pattern: /(\d{1,4}):(\d{1,4})(?![\d:]|\.\d)/y,
    say: ([, left = '', right = '']) => `${sayWhole(left)} to ${sayWhole(right)}`,
  },
];
