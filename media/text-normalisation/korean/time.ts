/** Times of day, and scores: `10:30`, `밤 11:50:05`, `3:1`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { native, sino } from './numbers.ts';

const plain = (digits: string): string => sino(String(Number(digits)));

/** Hours up to twelve are native, later ones Sino-Korean. */
function sayHour(hours: string): string {
  const value = Number(hours);
  return value >= 1 && value <= 12 ? native(value) : plain(hours);
}

export const TIMES: readonly SemioticClass[] = [
  {
    name: 'time',
    pattern: /([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:])(?:\s?([AaPp])\.?[Mm]\.?)?/y,
    say: ([, hours = '', minutes = '', seconds, half]) =>
      [
        half === undefined ? '' : half.toLowerCase() === 'a' ? '오전 ' : '오후 ',
        `${sayHour(hours)} 시`,
        minutes === '00' && (seconds ?? '00') === '00' ? '' : ` ${plain(minutes)} 분`,
        seconds === undefined || seconds === '00' ? '' : ` ${plain(seconds)} 초`,
      ].join(''),
  },
  {
    name: 'time',
    pattern: /(\d{1,2})\s?([AaPp])\.?[Mm]\.?(?![A-Za-z])/y,
    say: ([, hours = '', half = '']) =>
      `${half.toLowerCase() === 'a' ? '오전' : '오후'} ${sayHour(hours)} 시`,
  },
  {
    name: 'ratio',
    pattern: /(\d{1,4}):(\d{1,4})(?![\d:])/y,
    say: ([, left = '', right = '']) => `${plain(left)} 대 ${plain(right)}`,
  },
  {
    name: 'ratio',
    pattern: /(\d{1,2})-(\d{1,2})(?=으?로 (?:승|이|이겼|졌|패|끝|앞|역전|비|완|꺾|제압|대승|물리))/y,
    say: ([, left = '', right = '']) => `${plain(left)} 대 ${plain(right)}`,
  },
];
