/** Plain numbers: `13,000`, `-2`, `004`, `1.5 million`, `10K`, `#5`, `~30`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { NUMBER, SCALE_WORDS, SIGN_PLACE, sayCodeDigits, sayDigits, sayNumber } from './numbers.ts';

const SIGN_WORDS: Readonly<Record<string, string>> = {
  '-': 'minus ',
  '−': 'minus ',
  '+': 'plus ',
  '±': 'plus or minus ',
};
const SCALES: Readonly<Record<string, string>> = {
  M: 'million',
  B: 'billion',
  bn: 'billion',
  mn: 'million',
  T: 'trillion',
};

export const CARDINALS: readonly SemioticClass[] = [
  {
    name: 'about',
    pattern: /[~≈]\s?(?=[\d$€£₩])/y,
    say: (_, { before }) => (/\babout\s$/i.test(before) ? '' : 'about '),
  },
  {
    name: 'number sign',
    pattern: /(?:#|№|Nr?\.°)\s?(?=\d)/y,
    say: () => 'number ',
  },
  {
    name: 'scaled',
    pattern: new RegExp(`(${SIGN_PLACE}[-−+±])?(${NUMBER})\\s?(M|B|T|bn|mn)(?![\\w&])`, 'y'),
    // `221B Baker Street` is a code, `5B people` means billions.
    say: ([, sign = '', number = '', scale = ''], { after }) =>
      scale === 'B' && !/^\s+[a-z]/.test(after)
        ? null
        : `${SIGN_WORDS[sign] ?? ''}${sayNumber(number)} ${SCALES[scale] ?? scale}`,
  },
  {
    name: 'scaled',
    pattern: new RegExp(`(${SIGN_PLACE}[-−+±])?(${NUMBER})[kK](?![\\w])`, 'y'),
    say: ([, sign = '', number = '']) => `${SIGN_WORDS[sign] ?? ''}${sayNumber(number)} k`,
  },
  {
    name: 'scaled',
    // Scientific notation: `1.2e10`.
    pattern: /(-?\d{1,20}(?:\.\d{1,20})?)[eE]([-+]?\d{1,3})(?!\w)/y,
    say: ([, number = '', power = '']) =>
      `${sayNumber(number)} times ten to the power of ${sayNumber(power.replace('+', ''))}`,
  },
  {
    name: 'cardinal',
    pattern: new RegExp(
      `(${SIGN_PLACE}[-−+±])?(${NUMBER})(?:(\\+)(?!\\s?[\\d=]))?(?: (${SCALE_WORDS})\\b)?`,
      'y',
    ),
    say: ([, sign = '', number = '', plus, scale], { before, after }) => {
      // After letters and a hyphen it is a code: `covid-19`, `MH-370`.
      if (/\p{L}-$/u.test(before) && /^\d+$/.test(number)) return sayCodeDigits(number);
      if (/^[.,]\d/.test(after) && /^\d+$/.test(number) && /\d[.,]$/.test(before)) return sayDigits(number);
      const size = scale === undefined ? '' : ` ${scale}`;
      return `${SIGN_WORDS[sign] ?? ''}${sayNumber(number)}${plus === undefined ? '' : ' plus'}${size}`;
    },
  },
];
