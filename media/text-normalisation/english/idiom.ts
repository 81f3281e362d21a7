/** Fixed expressions that no other class could read, and names of programming languages. */
import type { SemioticClass } from '../semiotic-class.ts';

const IDIOMS: Readonly<Record<string, string>> = {
  ...{
    '24/7': 'twenty four seven',
    '24-7': 'twenty four seven',
    '24/7/365': 'twenty four seven three sixty five',
    '9/11': 'nine eleven',
    '7/7': 'seven seven',
    '50/50': 'fifty fifty',
  },
  ...{ '50-50': 'fifty fifty', '20/20': 'twenty twenty', '401(k)': 'four oh one k', '401k': 'four oh one k' },
  ...{
    '403(b)': 'four oh three b',
    'C++': 'C plus plus',
    'c++': 'C plus plus',
    'C#': 'C sharp',
    'c#': 'C sharp',
  },
  ...{
    'F#': 'F sharp',
    'J#': 'J sharp',
    '.NET': 'dot net',
    '.Net': 'dot net',
    'w/o': 'without',
    'w/': 'with ',
  },
  ...{ 'c/o': 'care of', 'C/O': 'care of', 'N/A': 'not applicable', 'n/a': 'not applicable', 'A/C': 'A C' },
  ...{
    'b/c': 'because',
    'and/or': 'and or',
    'either/or': 'either or',
    '(s)': 's',
    'Wi-Fi': 'Wi Fi',
    '7-Eleven': 'seven eleven',
  },
  ...{ '4x4': 'four by four', '4×4': 'four by four', '2x4': 'two by four' },
};
const NAMES = Object.keys(IDIOMS)
  .toSorted((a, b) => b.length - a.length)
  .map((name) => name.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
  .join('|');

export const IDIOM: readonly SemioticClass[] = [
  {
    name: 'idiom',
    pattern: new RegExp(`(?<![\\w/]|\\d[.,-])(${NAMES})(?![\\w/#]|[.,-]\\d)|(?<=[a-z])\\(s\\)`, 'y'),
    say: ([whole = '']) => IDIOMS[whole] ?? null,
  },
];
