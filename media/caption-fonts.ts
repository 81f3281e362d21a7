/** Puts the fonts where libass finds them. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FONT_FILES } from './drawing/fonts.ts';

/**
 * Fills a new folder with the caption fonts.
 * The libass inside the packaged ffmpeg takes a font's first Windows character map, which in Noto Emoji ends at U+FFFF,
 * where most emoji begin; so that font is written with the entry of this map pointing at the full one.
 * @throws the file system's errors
 */
export async function placeCaptionFonts(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { family, path } of FONT_FILES) {
    const target = join(folder, basename(path));
    if (family === 'Noto Emoji') await writeFile(target, widenCharacterMap(await readFile(path)));
    else await symlink(path, target);
  }
}

const TABLE_RECORD_BYTES = 16;
const MAP_RECORD_BYTES = 8;
const BASIC_MAP = (3 << 16) | 1;
const FULL_MAP = (3 << 16) | 10;

/**
 * Points the record of the basic character map (platform 3, encoding 1) at the full map (3, 10), see
 * https://learn.microsoft.com/typography/opentype/spec/cmap. A font without a full map stays as it is.
 */
export function widenCharacterMap(font: Uint8Array): Uint8Array {
  const widened = Uint8Array.from(font);
  const view = new DataView(widened.buffer);
  const table = findTable(view, 'cmap');
  if (table === null) return widened;
  const records = new Map<number, number>();
  for (let index = 0; index < view.getUint16(table + 2); index += 1) {
    const record = table + 4 + index * MAP_RECORD_BYTES;
    records.set(view.getUint32(record), record);
  }
  const [basic, full] = [records.get(BASIC_MAP), records.get(FULL_MAP)];
  if (basic !== undefined && full !== undefined) view.setUint32(basic + 4, view.getUint32(full + 4));
  return widened;
}

function findTable(view: DataView, tag: string): number | null {
  for (let index = 0; index < view.getUint16(4); index += 1) {
    const record = 12 + index * TABLE_RECORD_BYTES;
    const name = String.fromCharCode(...[0, 1, 2, 3].map((at) => view.getUint8(record + at)));
    if (name === tag) return view.getUint32(record + 8);
  }
  return null;
}
