/** Decides whether a full stop ends a sentence, or only an abbreviation. */
import { ABBREVIATIONS } from './english/abbreviation-table.ts';

/** Words that begin sentences and are not names: they show that a new sentence has begun. */
const STARTERS = new Set(
  'The A An It He She We They You I This That These Those There Here His Her Its Our Their My Your And But Or So Then Now When While Where What Who Why How If In On At For From By With As After Before Since Until Because Although However Yet No Not Yes Once All Some Many Most Each Every Both Can Could Will Would Should May Did Does Do Is Are Was Were Have Has Let Please Also Meanwhile Finally Today Tomorrow Yesterday Nobody Everyone Everybody Someone Nothing Something'.split(
    ' ',
  ),
);
const NEXT_WORD = /^["'“”’)\]]{0,3}\s+["'“‘([]{0,3}([\p{L}\p{N}][\p{L}\p{N}'’]*)?/u;

/**
 * Whether the sentence ends with a full stop.
 * @param before text up to and including the full stop, of which the last word counts
 * @param after what follows the full stop
 */
export function endsSentence(before: string, after: string): boolean {
  if (/^["'“”’)\]]{0,3}\s*$/.test(after)) return true;
  const next = NEXT_WORD.exec(after)?.[1];
  if (next === undefined) return /^["'“”’)\]]{0,3}\s/.test(after) && !/^\s+[-–—&/,;]/.test(after);
  const word = /([\p{L}.]+)\.$/u.exec(before)?.[1] ?? '';
  const isLower = /^\p{Ll}/u.test(next);
  if (word === '' || word.endsWith('.')) return !isLower;
  if (ABBREVIATIONS.has(word)) return endsAbbreviated(word, before, next);
  if (/^[ap]\.?m$/i.test(word)) return /^\p{L}/u.test(next) && !isLower && !/^[A-Z]{2,4}$/.test(next);
  // `U.S.` and `Ph.D.`, and the initial of a name.
  if (/^(?:\p{L}{1,2}\.)+\p{L}{1,2}$/u.test(word)) return STARTERS.has(next);
  if (/^\p{Lu}$/u.test(word)) return word === 'I' ? !isLower : STARTERS.has(next) || isLabel(before);
  return true;
}

function endsAbbreviated(word: string, before: string, next: string): boolean {
  const kind = ABBREVIATIONS.get(word)?.kind;
  if (word === 'St' || kind === 'final') return STARTERS.has(next);
  if (kind === 'numbered') return !/^(?:\d|[IVXLC]{2}|\p{Ll})/u.test(next);
  return isStreet(word, before) && STARTERS.has(next);
}

/** `Dr.` is a drive after a name, as in `Rodeo Dr.`, otherwise a title. */
function isStreet(word: string, before: string): boolean {
  return word === 'Dr' && /\p{Lu}\p{L}+ Dr\.$/u.test(before);
}

/** `vitamin C. Next`, `plan B. Later`: the letter is a label, not an initial. */
function isLabel(before: string): boolean {
  return /\b(?:vitamin|plan|grade|class|section|type|appendix|option|group|team|point|answer|part|letter|hepatitis|exhibit|gate|wing|side|level) \p{Lu}\.$/iu.test(
    before,
  );
}
