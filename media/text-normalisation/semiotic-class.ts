/**
 * Reads a text token by token. Each kind of token (a date, a price, an abbreviation …) is a semiotic class after Sproat
 * et al., "Normalization of non-standard words" (2001): a pattern that finds it and a verbaliser that puts it into
 * words. Those words are never read again, so that classes cannot spoil one another's output.
 */

/** The place of a token in the text. */
export interface Place {
  /** The text before the token, at most CONTEXT_CHARS. */
  readonly before: string;
  /** The text after it, at most CONTEXT_CHARS. */
  readonly after: string;
  /** The class of the token that ends where this one begins; null: a plain word, a space, a mark, the text's start. */
  readonly previous: string | null;
}

export interface SemioticClass {
  readonly name: string;
  /** Sticky; bounded repetitions, so that any text takes linear time. */
  readonly pattern: RegExp;
  /** The token in words from the match and its groups; null if the context shows that it is something else. */
  readonly say: (groups: readonly (string | undefined)[], place: Place) => string | null;
}

const CONTEXT_CHARS = 48;
const PLAIN_WORD = /[\p{L}\p{M}]+(?:['’]\p{L}+){0,3}/uy;
const SPACES = /\s+/y;

interface Token {
  readonly said: string;
  readonly length: number;
  /** Null for text that stays as written. */
  readonly className: string | null;
}

/** Puts a text into words: the first matching class reads each token; plain words and punctuation stay as they are. */
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

/** Words written together, such as `60km`, are spoken apart; Korean particles stay attached to their word. */
function gap(previous: Token, token: Token): string {
  if (previous.className === null && token.className === null) return '';
  if (/\p{Script=Hangul}$/u.test(previous.said) && /^\p{Script=Hangul}/u.test(token.said)) return '';
  return /[\p{L}\p{N}]$/u.test(previous.said.slice(-2)) && /^[\p{L}\p{N}]/u.test(token.said) ? ' ' : '';
}
