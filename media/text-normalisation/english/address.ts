/** The end of an American postal address: `Santa Clara, CA 95051`, `Boston, MA`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { sayDigits } from './numbers.ts';

/** Keyed by the codes of the US Postal Service. */
const STATES: ReadonlyMap<string, string> = new Map(
  'AL=Alabama AK=Alaska AZ=Arizona AR=Arkansas CA=California CO=Colorado CT=Connecticut DE=Delaware FL=Florida GA=Georgia HI=Hawaii ID=Idaho IL=Illinois IN=Indiana IA=Iowa KS=Kansas KY=Kentucky LA=Louisiana ME=Maine MD=Maryland MA=Massachusetts MI=Michigan MN=Minnesota MS=Mississippi MO=Missouri MT=Montana NE=Nebraska NV=Nevada NH=New_Hampshire NJ=New_Jersey NM=New_Mexico NY=New_York NC=North_Carolina ND=North_Dakota OH=Ohio OK=Oklahoma OR=Oregon PA=Pennsylvania RI=Rhode_Island SC=South_Carolina SD=South_Dakota TN=Tennessee TX=Texas UT=Utah VT=Vermont VA=Virginia WA=Washington WV=West_Virginia WI=Wisconsin WY=Wyoming'
    .split(' ')
    .map((entry): [string, string] => [entry.slice(0, 2), entry.slice(3).replace('_', ' ')]),
);
/** Codes that are also words, names or other abbreviations: a state only before a ZIP code. */
const WORDS: ReadonlySet<string> = new Set('AL CO DE HI ID IN LA MD ME MS OH OK OR PA'.split(' '));

export const ADDRESSES: readonly SemioticClass[] = [
  {
    name: 'address',
    pattern: /([A-Z]{2})(?:,?\s+(\d{5})(?:-(\d{4}))?(?![\w-]))?(?![\w'’&-])/y,
    say: ([, code = '', zip, more], { before }) => {
      const state = STATES.get(code);
      if (state === undefined || !/\p{Lu}\p{Ll}[\p{L}'’.]{0,30},\s$/u.test(before)) return null;
      if (zip === undefined) return WORDS.has(code) ? null : state;
      return `${state} ${sayDigits(zip)}${more === undefined ? '' : `, ${sayDigits(more)}`}`;
    },
  },
];
