/**
 * Reads a text token by token. Each kind of token (a date, a price, an abbreviation …) is a semiotic class after Sproat
 * et al., "Normalization of non-standard words" (2001): a pattern that finds it and a verbaliser that says it. What
 * has been said is never read again, so that classes cannot spoil one another's words.
 */

/** Where a token stands. */
export interface Place {
  /** What is written before the token, at most CONTEXT_CHARS. */
  readonly before: string;
  /** What is written behind it, at most CONTEXT_CHARS. */
  readonly after: string;
  /** The class of the token that ends where this one begins; null: a plain word, a space, a mark, the text's start. */
  readonly previous: string | null;
}

export interface SemioticClass {
  readonly name: string;
  /** Sticky; bounded repetitions, so that a text of any kind takes linear time. */
  readonly pattern: RegExp;
  /** The token in words from the match and its groups; null when the place shows that it is something else. */
  readonly say: (groups: readonly (string | undefined)[], place: Place) => string | null;
}

const CONTEXT_CHARS = 48;
const PLAIN_WORD = /[\p{L}\p{M}]+(?:['’]\p{L}+){0,3}/uy;
const SPACES = /\s+/y;

interface Token {
  readonly said: string;
  readonly length: number;
  /** Null for what stays as it is written. */
  readonly className: string | null;
}

/** Says a text: at each token the first class that fits speaks; plain words and marks stay as they are. */
export function readAloud(text: string, classes: readonly SemioticClass[]): string {
  const said: string[] = [];
  let index = 0;
  let previous: Token = { said: '', length: 0, className: null };
  while (index < text.length) {
    const token = findToken(text, index, classes, previous.className) ?? plainToken(text, index);
    said.push(gap(previous, token), token.said);
    index += token.length;
    previous = token;
  }
  return said
    .join('')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ (?=[,.;:!?](?: |$))/g, '')
    .trim();
}

function findToken(
  text: string,
  index: number,
  classes: readonly SemioticClass[],
  previous: string | null,
): Token | undefined {
  let place: Place | undefined;
  for (const { name, pattern, say } of classes) {
    const match = matchAt(pattern, text, index);
    if (match === null) continue;
    const length = match[0].length;
    const end = index + length;
    place = {
      before: place?.before ?? text.slice(Math.max(0, index - CONTEXT_CHARS), index),
      after: text.slice(end, end + CONTEXT_CHARS),
      previous,
    };
    const said = say(match, place);
    if (said !== null) return { said, length, className: name };
  }
  return undefined;
}

function plainToken(text: string, index: number): Token {
  const word = matchAt(SPACES, text, index) ?? matchAt(PLAIN_WORD, text, index);
  const said = word?.[0] ?? String.fromCodePoint(text.codePointAt(index) ?? 0);
  return { said, length: said.length, className: null };
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

/** Words that were written together, such as `60km`, are spoken apart; Korean keeps its particles at the word. */
function gap(previous: Token, token: Token): string {
  if (previous.className === null && token.className === null) return '';
  if (/\p{Script=Hangul}$/u.test(previous.said) && /^\p{Script=Hangul}/u.test(token.said)) return '';
  return /[\p{L}\p{N}]$/u.test(previous.said.slice(-2)) && /^[\p{L}\p{N}]/u.test(token.said) ? ' ' : '';
}
