/** Registers the fonts with the canvas. */
import { GlobalFonts } from '@napi-rs/canvas';
import { FONT_FILES } from './fonts.ts';

let registered = false;

/** Registers the fonts for this process; repeated calls do nothing. */
export function registerFonts(): void {
  if (registered) return;
  registered = true;
  for (const { family, path } of FONT_FILES) GlobalFonts.registerFromPath(path, family);
}
