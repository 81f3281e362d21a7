/** Reads from its character map which characters a font has: https://learn.microsoft.com/typography/opentype/spec/cmap */
import { readFileSync } from 'node:fs';

const TABLE_RECORD_BYTES = 16;
const MAP_RECORD_BYTES = 8;
const GROUP_BYTES = 12;

/** The byte offset of a table in an OpenType font; null if there is none. */
export function findTable(font: DataView, tag: string): number | null {
  for (let index = 0; index < font.getUint16(4); index += 1) {
    const record = 12 + index * TABLE_RECORD_BYTES;
    const name = String.fromCharCode(...[0, 1, 2, 3].map((at) => font.getUint8(record + at)));
    if (name === tag) return font.getUint32(record + 8);
  }
  return null;
}

/** The byte offset of each encoding's record in the character map, keyed by platform id and encoding id. */
export function findMaps(font: DataView): ReadonlyMap<number, number> {
  const records = new Map<number, number>();
  const table = findTable(font, 'cmap');
  if (table === null) return records;
  for (let index = 0; index < font.getUint16(table + 2); index += 1) {
    const record = table + 4 + index * MAP_RECORD_BYTES;
    records.set(font.getUint32(record), record);
  }
  return records;
}

/** The Windows maps: up to U+FFFF, and all of Unicode. */
export const BASIC_MAP = (3 << 16) | 1;
export const FULL_MAP = (3 << 16) | 10;

/**
 * Reads the code points that a font has; takes about 10 ms for the largest.
 * @param path of a TTF with a full character map (format 12), as all our fonts have
 * @throws the file system's errors
 */
export function readCoverage(path: string): ReadonlySet<number> {
  const bytes = readFileSync(path);
  const font = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const points = new Set<number>();
  const record = findMaps(font).get(FULL_MAP);
  const table = findTable(font, 'cmap');
  if (record === undefined || table === null) throw new Error(`expected a full character map in ${path}`);
  const map = table + font.getUint32(record + 4);
  for (let index = 0; index < font.getUint32(map + 12); index += 1) {
    const group = map + 16 + index * GROUP_BYTES;
    const last = font.getUint32(group + 4);
    for (let point = font.getUint32(group); point <= last; point += 1) points.add(point);
  }
  return points;
}
