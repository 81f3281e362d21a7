/** The beginning of the text that a job was given, to tell jobs apart in a list. Pure. */
import type { Json } from '../core/json.ts';
import { shorten, startOf } from '../core/text.ts';

/** The most UTF-16 units of an excerpt. */
export const MAX_EXCERPT_CHARS = 160;

/**
 * The beginning of the longest text of an input, in one line; of a batch's, that of its first item.
 * @param input as `Job.input` returns it
 * @returns null when it has no text
 */
export function excerptOf(input: Json): string | null {
  const { items } = Object(input) as { readonly items?: unknown };
  const asked: unknown = Array.isArray(items) ? items[0] : input;
  const texts = Object.values(Object(asked) as object).filter((value) => typeof value === 'string');
  const longest = texts.reduce((one, other) => (other.length > one.length ? other : one), '');
  // White space is collapsed, so more than is shown may be needed, but not all of a long script.
  const start = startOf(longest, 4 * MAX_EXCERPT_CHARS);
  return shorten(start.replaceAll(/\s+/g, ' ').trim(), MAX_EXCERPT_CHARS) || null;
}
