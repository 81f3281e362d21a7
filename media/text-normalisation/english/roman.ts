/** Roman numerals, where the letters are indeed numerals: `World War II`, `Chapter IV`, `Henry VIII`, `the XXI century`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { sayOrdinal, sayWhole } from './numbers.ts';

const VALUES: readonly (readonly [letters: string, value: number])[] = [
  ...([
    ['M', 1000],
    ['CM', 900],
    ['D', 500],
    ['CD', 400],
    ['C', 100],
    ['XC', 90],
    ['L', 50],
  ] as const),
  ...([
    ['XL', 40],
    ['X', 10],
    ['IX', 9],
    ['V', 5],
    ['IV', 4],
    ['I', 1],
  ] as const),
];
/** Words for things numbered consecutively. */
const NUMBERED =
  /\b(?:war|chapter|part|act|scene|volume|vol\.|book|section|article|title|appendix|phase|type|stage|level|class|grade|group|category|unit|bowl|figure|table|page|mark|mk|version|tier|step|round|game|series|schedule|annex|amendment|olympiad|episode|canto|psalm|no\.|number|factor|lesson|exhibit|division|rocky|trilogy|godfather|fantasy)\s+$/i;
/** Titles before a name, and names of rulers and popes. */
const TITLED =
  /\b(?:king|queen|pope|emperor|empress|tsar|czar|prince|princess|sultan|duke|shah|kaiser|pharaoh)\s+\p{Lu}[\p{L}-]+\s+$/iu;
const RULERS =
  /\b(?:Henry|Louis|Elizabeth|Charles|George|James|William|Edward|Richard|Mary|Philip|Napoleon|Catherine|Peter|Paul|John|Pius|Benedict|Frederick|Wilhelm|Alexander|Nicholas|Ivan|Leo|Gregory|Clement|Innocent|Urban|Francis|Ferdinand|Ramess?es|Ptolemy|Xerxes|Darius|Gustav|Christian|Haakon|Otto|Leopold|Albert|Victor|Alfonso|Pedro|Juan|Carlos|Felipe|Harald|Margrethe|Mehmed|Suleiman|Edgar|Malcolm|Robert|Cleopatra|Justinian|Constantine|Julius|Boniface|Sixtus|Thutmose|Amenhotep|Naruhito|Rama)\s+$/;
const PRONOUN_VERBS =
  /^\s+(?:am|was|have|had|will|would|can|could|do|did|don't|won't|can't|am|just|really|never|always|think|know|saw|want|need|like|love|met|went|said|told|'|’)/;

/** Words for things counted by ordinals. */
const ORDINAL_BEHIND = /^\s+(?:century|Olympiad|Congress|Summer|Winter|International)\b/i;

/** The value of a Roman numeral in its usual spelling; null for other letters. */
export function romanValue(letters: string): number | null {
  const upper = letters.toUpperCase();
  let rest = upper;
  let value = 0;
  let written = '';
  for (const [symbol, worth] of VALUES) {
    while (rest.startsWith(symbol)) {
      rest = rest.slice(symbol.length);
      value += worth;
      written += symbol;
    }
  }
  // Four of a kind would parse, but numerals are not written that way.
  return rest === '' && written === upper && !/(.)\1{3}/.test(upper) ? value : null;
}

/** `Henry VIII`; a single letter after a name counts only if the sentence pauses there, or after a title. */
function isRulers(letters: string, value: number, before: string, after: string): boolean {
  if (value >= 40) return false;
  if (TITLED.test(before)) return true;
  return RULERS.test(before) && (letters.length > 1 || letters === 'V' || !/^\s+[a-z]/.test(after));
}

export const ROMAN: readonly SemioticClass[] = [
  {
    name: 'roman',
    pattern: /([IVXLCDM]{1,9}|[ivxlc]{1,6})(st|nd|rd|th)?(?![\w'’])/y,
    say: ([, letters = '', suffix], { before, after }) => {
      const value = romanValue(letters);
      const isUpper = letters === letters.toUpperCase();
      const isPronoun = letters === 'I' && PRONOUN_VERBS.test(after);
      if (value === null || isPronoun || (!isUpper && letters.length === 1)) return null;
      const digits = String(value);
      if (suffix !== undefined) return letters.length > 1 ? sayOrdinal(digits) : null;
      if (NUMBERED.test(before)) return sayWhole(digits);
      if (!isUpper) return null;
      if (letters.length > 1 && ORDINAL_BEHIND.test(after)) return sayOrdinal(digits);
      if (isRulers(letters, value, before, after)) return `the ${sayOrdinal(digits)}`;
      // `Rocky II`, `Final Fantasy VII`: after any other name.
      return /^[IVX]{2,6}$/.test(letters) && /\p{Lu}\p{L}+\s+$/u.test(before) ? sayWhole(digits) : null;
    },
  },
];
