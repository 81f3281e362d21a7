/** Abbreviations: titles, months, `e.g.`, `pp. 10`, Saint and Street, points of the compass in addresses. */

import type { SemioticClass } from '../semiotic-class.ts';
import { endsSentence } from '../sentence-end.ts';
import { ABBREVIATIONS } from './abbreviation-table.ts';

const STREETS: Readonly<Record<string, string>> = {
  ...{ St: 'Street', Ave: 'Avenue', Rd: 'Road', Blvd: 'Boulevard', Dr: 'Drive', Ln: 'Lane', Ct: 'Court' },
  ...{ Pl: 'Place', Sq: 'Square', Pkwy: 'Parkway', Hwy: 'Highway', Ter: 'Terrace', Expy: 'Expressway' },
  ...{ Cir: 'Circle', Aly: 'Alley', Trl: 'Trail' },
};
const COMPASS: Readonly<Record<string, string>> = {
  ...{ N: 'north', S: 'south', E: 'east', W: 'west' },
  ...{ NE: 'northeast', NW: 'northwest', SE: 'southeast', SW: 'southwest' },
};
const NAMED_BEFORE = /(?:\p{Lu}[\p{L}'’]+|\d(?:st|nd|rd|th)|\d{1,5})\s$/u;
/** Capitalised words before `St.` that are not a street's name. */
const NO_STREET =
  /(?:^|[.!?:,;"“(]\s*|\b(?:On|In|At|To|From|The|And|But|Near|Of|For|By|With|Mount|Fort|Lake|Port|Upper|Lower|East|West|North|South|Saint|Feast|Old|New|Visit|Dear)\s+)$/;
const STREET_END = /^(?:[,;:)]|\s*$|\s+(?:[a-z(]|[NSEW]{1,2}\b|Apt|Ste|Suite|Unit|#))/;

/** `St.` is Street after a street's name, and Saint before a saint's. */
function sayStreetOrSaint(before: string, after: string, isLast: boolean): string {
  const isNameNext = /^\s+\p{Lu}/u.test(after);
  if (isLast || !isNameNext) return 'Street';
  const word = /[\p{L}\d'’]+\s$/u.exec(before)?.[0] ?? '';
  const rest = before.slice(0, before.length - word.length);
  const isStreet =
    NAMED_BEFORE.test(word) &&
    !NO_STREET.test(before) &&
    (/\d\s+$/.test(rest) || !/(?:^|[.!?"“]\s*)$/.test(rest));
  return isStreet && /(?:\d|\b[NSEW]\.?)\s+$|\b(?:on|at|of|to|along|near|off|and|down|up)\s+$/.test(rest)
    ? 'Street'
    : 'Saint';
}

function sayPointed(word: string, before: string, after: string): string | null {
  const isLast = endsSentence(`${before.slice(-20)}${word}.`, after);
  const stop = isLast ? '.' : '';
  if (word === 'St') return sayStreetOrSaint(before, after, isLast) + stop;
  const street = STREETS[word];
  if (street !== undefined && NAMED_BEFORE.test(before) && (isLast || STREET_END.test(after)))
    return street + stop;
  const known = ABBREVIATIONS.get(word);
  if (known === undefined) return null;
  if (known.kind === 'title' && !/^\s*(?:\p{Lu}|and\b|&)/u.test(after)) return null;
  if (known.kind === 'numbered' && !/^\s?(?:[#\d]|[IVXLC]{2})/.test(after)) return null;
  if (/^(?:c|ca|est|v)$/.test(word) && !/^\s?[\d\p{Lu}]/u.test(after)) return null;
  if (word === 'al' && !/\bet\s$/.test(before)) return null;
  return known.meaning + stop;
}

const TITLES_WITHOUT_POINT = 'Mr|Mrs|Ms|Dr|Prof|Sgt|Capt|Lt|Col|Sen|Gov|Rev';

export const ABBREVIATED: readonly SemioticClass[] = [
  {
    name: 'abbreviation',
    pattern: /(e\.\s?g|i\.\s?e|[A-Za-z]{1,6})\.(?![A-Za-z])/y,
    say: ([, word = ''], { before, after }) => sayPointed(word.replace(/\s/, ''), before, after),
  },
  {
    name: 'abbreviation',
    pattern: new RegExp(`(${TITLES_WITHOUT_POINT})(?=\\s+\\p{Lu})`, 'uy'),
    say: ([, word = '']) => ABBREVIATIONS.get(word)?.meaning ?? null,
  },
  {
    name: 'abbreviation',
    pattern: new RegExp(`(${Object.keys(STREETS).join('|')})(?![\\w.'’])`, 'y'),
    say: ([, word = ''], { before, after }) => {
      if (NAMED_BEFORE.test(before) && STREET_END.test(after)) return STREETS[word] ?? null;
      return word === 'St' && /^\s+\p{Lu}/u.test(after) ? 'Saint' : null;
    },
  },
  {
    name: 'abbreviation',
    // `12 S 1st st`, `San Tomas hwy,`
    pattern: /(st|ave|rd|blvd|hwy|pkwy)(?![\w.'’])/y,
    say: ([, word = ''], { before, after }) =>
      /(?:\d(?:st|nd|rd|th)|\p{Lu}[\p{L}'’]+)\s$/u.test(before) && STREET_END.test(after)
        ? (STREETS[`${word.slice(0, 1).toUpperCase()}${word.slice(1)}`] ?? null)
        : null,
  },
  {
    name: 'abbreviation',
    pattern: /(vs|Jr|Sr|approx)(?![\w.'’])/y,
    say: ([, word = '']) => ABBREVIATIONS.get(word)?.meaning ?? null,
  },
];

export const COMPASS_POINTS: readonly SemioticClass[] = [
  {
    name: 'compass',
    // In an address: `708 N 1st St`, `12 W. Oak Rd`, `K St NW`.
    pattern: /(NE|NW|SE|SW|[NSEW])(\.)?(?![\w'’])/y,
    say: ([, point = ''], { before, after }) => {
      const isBetween = /\d\s$/.test(before) && /^\s+(?:\d+(?:st|nd|rd|th)\b|\p{Lu}\p{Ll})/u.test(after);
      const isBehind = /\b(?:St|Ave|Rd|Blvd|Dr|Street|Avenue|Road)\.?\s$/.test(before);
      return isBetween || isBehind ? (COMPASS[point] ?? null) : null;
    },
  },
];
