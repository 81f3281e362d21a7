/** Mathematical signs: `2 + 2 = 4`, `x^2`, `3 × 4`, `√16`, `a < b`, `1920x1080`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { sayNumber, sayYear } from './numbers.ts';

const SIGNS: Readonly<Record<string, string>> = {
  ...{ '=': 'equals', '+': 'plus', '−': 'minus', '×': 'times', '÷': 'divided by', '±': 'plus or minus' },
  ...{
    '≈': 'is approximately',
    '≠': 'is not equal to',
    '≤': 'is less than or equal to',
    '√': 'the square root of',
  },
  ...{ '≥': 'is greater than or equal to', '∞': 'infinity', '∑': 'the sum of', '∫': 'the integral of' },
  ...{
    '∂': 'partial',
    '∆': 'delta',
    '∈': 'is in',
    '∝': 'is proportional to',
    '⋅': 'times',
    '≡': 'is equivalent to',
  },
  ...{ '==': 'equals', '===': 'equals', '!=': 'is not equal to', '<=': 'is less than or equal to' },
  ...{
    '>=': 'is greater than or equal to',
    '=>': 'to',
    '->': 'to',
    '→': 'to',
    '⇒': 'implies',
    '←': 'from',
    '↔': 'to and from',
  },
};
const GREEK =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon phi chi psi omega'.split(
    ' ',
  );
const POWERS: Readonly<Record<string, string>> = {
  '2': 'squared',
  '²': 'squared',
  '3': 'cubed',
  '³': 'cubed',
};
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Sizes are said in pairs: `1080` is ten eighty. */
const sayPairs = (digits: string): string =>
  digits.length === 4 ? sayYear(Number(digits)) : sayNumber(digits);

export const MATHS: readonly SemioticClass[] = [
  {
    name: 'size',
    // `1920x1080`
    pattern: /(\d{3,4})[x×](\d{3,4})(?![\w.,])/y,
    say: ([, width = '', height = ''], { before, after }) =>
      /[\w.,]$/.test(before) || /^\s?=/.test(after) ? null : `${sayPairs(width)} by ${sayPairs(height)}`,
  },
  {
    name: 'size',
    // `2x8 m2`: what follows may have a unit.
    pattern: /(\d{1,4})x(?=\d{1,4}(?![\w.,]|\s?=))/y,
    say: ([, first = ''], { before }) => (/[\w.,]$/.test(before) ? null : `${sayNumber(first)} by `),
  },
  {
    name: 'power',
    pattern: /\^\{?\(?(-?\d{1,9}(?:\.\d{1,9})?|[a-z])(?![\w.]\w|\w)\)?\}?|([⁰¹²³⁴-⁹]{1,4})/y,
    say: ([, power, raised], { before }) => {
      if (!/[\w)\]π]$/.test(before)) return null;
      const digits = power ?? [...(raised ?? '')].map((char) => SUPERSCRIPTS.indexOf(char)).join('');
      const said = /^-?[\d.]+$/.test(digits) ? sayNumber(digits) : digits;
      return POWERS[digits] ?? `to the power of ${said}`;
    },
  },
  {
    name: 'operator',
    // Between numbers: `by` in `1920x1080`, `times` in `3 x 4 = 12`.
    pattern: /\s?([x×*✕])\s?(?=[\d(])/y,
    say: ([, sign = ''], { before, after, previous }) => {
      if (previous === null && !/[\d)]\s?$/.test(before)) return null;
      return sign === '*' || /=|^\d+[\^⁰¹²³⁴-⁹]/.test(after) || /=/.test(before) ? ' times ' : ' by ';
    },
  },
  {
    name: 'operator',
    // `2x faster`, but `2x + 3`.
    pattern: /[x×](?![\w^])/y,
    say: (_, { before, after, previous }) => {
      if (previous !== 'cardinal' || /\s$/.test(before)) return null;
      return /^\s*[-+=*/^)²³<>]/.test(after) || /[=+]\s*[\d.]+$/.test(before) ? 'x' : 'times';
    },
  },
  {
    name: 'operator',
    // `5-3=2`
    pattern: /\s?-\s?(?=[\d.,]{1,20}\s?=)/y,
    say: (_, { before }) => (/\d$/.test(before) ? ' minus ' : null),
  },
  {
    name: 'operator',
    pattern: /\s-\s(?=[\w(√π])/y,
    say: (_, { before, after }) => {
      const isOperand = /(?:\d|\b[a-zA-Z]|[)²³])$/.test(before) && /^(?:\d|[a-zA-Z]\b|[(√π])/.test(after);
      const isFormula =
        /[=+*^<>√]/.test(before) || /^[^.!?]{0,40}[=^]/.test(after) || /\b[a-z]$/.test(before);
      return isOperand && isFormula ? ' minus ' : null;
    },
  },
  {
    name: 'operator',
    pattern: /\s?\/\s?(?=[\w(])/y,
    say: ([whole = ''], { before, after }) =>
      whole.trim().length < whole.length && /[\d)]$/.test(before) && /^[\d(]/.test(after)
        ? ' divided by '
        : null,
  },
  {
    name: 'operator',
    pattern: /\s\*\s(?=[a-z\d(])/y,
    say: (_, { before }) => (/[\w)]$/.test(before) ? ' times ' : null),
  },
  {
    name: 'comparison',
    pattern: /([<>])(?![=<>])\s?/y,
    say: ([, sign = ''], { before, after }) => {
      if (!/^[\d$€£(a-z-]/.test(after)) return null;
      const words = sign === '<' ? 'less than ' : 'greater than ';
      const hasLeft = /(?:\d|\b[a-zA-Z]|\))\s?$/.test(before);
      if (!hasLeft) return /^[\d$€£]/.test(after) ? (sign === '<' ? 'less than ' : 'more than ') : null;
      return ` is ${words}`;
    },
  },
  {
    name: 'comparison',
    pattern: /([≤≥])\s?(?=\d)/y,
    say: ([, sign = ''], { before }) =>
      /(?:\d|\b[a-zA-Z])\s$/.test(before) ? null : sign === '≤' ? 'at most ' : 'at least ',
  },
  {
    name: 'operator',
    pattern: /===?|!=|<=|>=|=>|->|[=+−×÷±≈≠≤≥√∞∑∫∂∆∈∝⋅≡→⇒←↔]/y,
    say: ([sign = '']) => ` ${SIGNS[sign] ?? ''} `,
  },
  {
    name: 'greek',
    pattern: /([α-ω])(?!\p{Script=Greek})/uy,
    say: ([, letter = ''], { before }) =>
      /\p{Script=Greek}$/u.test(before) ? null : (GREEK[letter.charCodeAt(0) - 'α'.charCodeAt(0)] ?? null),
  },
  {
    name: 'greek',
    pattern: /([ΩΔΣΠΦΨΓΛΘ])(?!\p{Script=Greek})/uy,
    say: ([, letter = ''], { before }) =>
      /\p{Script=Greek}$/u.test(before)
        ? null
        : (GREEK[letter.toLowerCase().charCodeAt(0) - 'α'.charCodeAt(0)] ?? null),
  },
];
