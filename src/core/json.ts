/** A value that survives JSON.stringify and JSON.parse unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * The JSON text of a value, with U+FFFD in place of each lone surrogate. JavaScript takes a lone surrogate for a character, and
 * writes it as an escape that other parsers refuse, Lua's cjson in append.lua among them.
 */
export function toJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Only lone surrogates are written as \ud…; whole pairs are kept as they are.
  return json.includes('\\ud')
    ? json.replaceAll(ESCAPE, (found) => (found.length > 2 ? '\ufffd' : found))
    : json;
}

/** A lone surrogate, or any other escape: in `\\\\ud800` the first two characters are one escape, and plain letters follow. */
const ESCAPE = /\\(?:ud[89a-f][0-9a-f]{2}|.)/g;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
