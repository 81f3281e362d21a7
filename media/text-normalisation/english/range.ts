/** The dash between two quantities: `10-12`, `2pm-5pm`, `Mon–Fri`, `3 – 5`. */
import type { SemioticClass } from '../semiotic-class.ts';

const RANGED: ReadonlySet<string> = new Set(
  'cardinal scaled year decade measure money time date weekday month ordinal fraction ratio roman letters code version'.split(
    ' ',
  ),
);

/** Words for times that an en dash may follow. */
const NAMED =
  /\b(?:noon|midnight|now|today|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December)$/;

/** Words for times that any dash may follow. */
const HOURS = /\b(?:noon|midnight)$/i;

export const RANGES: readonly SemioticClass[] = [
  {
    name: 'range',
    pattern:
      /(\s?)([-–—~〜])(\s?)(?=[\d$€£¥₩₹.½¼¾]|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun|noon|midnight|present)|[IVX]+\b)/y,
    say: ([, left = '', dash = '', right = ''], { previous, before, after }) => {
      if (!RANGED.has(previous ?? '') && !(dash === '–' && NAMED.test(before)) && !HOURS.test(before))
        return null;
      if (left !== right && left !== '') return null;
      const isDifference =
        dash === '-' && (left !== '' ? /^[\d., a-z()*/+-]{0,40}=/ : /^[\d.,]{1,20}\s?=/).test(after);
      if (isDifference) return null;
      // `4-4-2` is a series of numbers.
      if (dash === '-' && left === '' && (/^\d{1,3}-\d/.test(after) || /\d-\d{1,3}$/.test(before)))
        return ' ';
      // A code such as `F-16` or `B-52` is not a range.
      return previous === 'letters' || previous === 'code' ? ' ' : ' to ';
    },
  },
];
