/** Texts for a terminal. Pure. */
import { stripVTControlCharacters } from 'node:util';

/** Text from the server or a file as one line, without control characters, which could control the terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim();
}

/** The same for text of several lines. */
export function plainLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => stripVTControlCharacters(line.replaceAll('\t', '    ')).replaceAll(/\p{Cc}/gu, ''))
    .join('\n');
}

/** `3.2 MB`; powers of 1,000. */
export function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** `8.4 s`, `2 min 5 s`, `3 h 20 min`, `4 d`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 172_800) return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d`;
}

/** How long ago a moment was, to the second: `8 s`. @param iso ISO 8601 */
export function formatAge(iso: string): string {
  return formatSeconds(Math.max(0, Math.round((Date.now() - Date.parse(iso)) / 1000)));
}

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });
const ORDINAL_ENDS: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> = {
  one: 'st',
  two: 'nd',
  few: 'rd',
};

/** `1st`, `12th`. */
export function formatOrdinal(place: number): string {
  return `${place}${ORDINAL_ENDS[ORDINALS.select(place)] ?? 'th'}`;
}

/** Whole percent; 100 only when everything is done. @param progress 0..1 */
export function percent(progress: number): number {
  return progress >= 1 ? 100 : Math.min(99, Math.floor(progress * 100 + 1e-9));
}

/** `minSimilarity` and `min_similarity` as people write it: Min similarity. */
export function toWords(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .trim()
    .toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
