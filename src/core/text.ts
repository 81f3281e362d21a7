/**
 * Cutting texts. JavaScript counts UTF-16 units, and a character beyond U+FFFF has two of them (a surrogate pair): cut between
 * the two, a text is malformed, and parsers of JSON refuse it, Lua's cjson in append.lua among them.
 */

/** The beginning of a text: at most `most` UTF-16 units, without splitting a character. */
export function startOf(text: string, most: number): string {
  const isHalf = most > 0 && most < text.length && isHighSurrogate(text.charCodeAt(most - 1));
  return text.slice(0, isHalf ? most - 1 : most);
}

/** The end of a text, likewise. */
export function endOf(text: string, most: number): string {
  const start = Math.max(0, text.length - most);
  const isHalf = start > 0 && isHighSurrogate(text.charCodeAt(start - 1));
  return text.slice(isHalf ? start + 1 : start);
}

/** A text cut to at most `most` UTF-16 units; one that was longer ends with `…`. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${startOf(text, most - 1)}…`;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
