/** Puts the fonts that a film's captions need where libass can find them. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BASIC_MAP, FULL_MAP, findMaps } from '../drawing/font-coverage.ts';
import { FONT_FILES } from '../drawing/fonts.ts';

/**
 * Fills a new folder with the fonts that the captions name; libass loads everything in it into memory.
 * libass before 0.17 uses a font's first Windows character map, which in Noto Emoji ends at U+FFFF, just where most emoji
 * begin; so that font is written with this map's entry pointing to the full one.
 * @param ass the captions
 * @throws the file system's errors
 */
export async function placeCaptionFonts(folder: string, ass: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { family, path } of FONT_FILES) {
    if (!ass.includes(`\\fn${family}\\`) && !ass.includes(`,${family},`)) continue;
    const target = join(folder, basename(path));
    if (family === 'Noto Emoji') await writeFile(target, widenCharacterMap(await readFile(path)));
    else await symlink(path, target);
  }
}

/** Points the record of the basic character map at the full map. A font without a full map is returned unchanged. */
export function widenCharacterMap(font: Uint8Array): Uint8Array {
  const widened = Uint8Array.from(font);
  const view = new DataView(widened.buffer);
  const records = findMaps(view);
  const [basic, full] = [records.get(BASIC_MAP), records.get(FULL_MAP)];
  if (basic !== undefined && full !== undefined) view.setUint32(basic + 4, view.getUint32(full + 4));
  return widened;
}
