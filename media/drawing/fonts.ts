/** The fonts that come with Playhead: Noto Sans KR for Latin and Korean, Noto Emoji for pictographs. */
import { createRequire } from 'node:module';
import { GlobalFonts } from '@napi-rs/canvas';

interface FontFile {
  readonly family: string;
  readonly path: string;
}

const require = createRequire(import.meta.url);

/** Font files by the family name inside them, for drawings and for libass (which reads TTF, not WOFF2). */
export const FONT_FILES: readonly FontFile[] = [
  {
    family: 'Noto Sans KR',
    path: require.resolve('@expo-google-fonts/noto-sans-kr/700Bold/NotoSansKR_700Bold.ttf'),
  },
  {
    family: 'Noto Emoji',
    path: require.resolve('@expo-google-fonts/noto-emoji/700Bold/NotoEmoji_700Bold.ttf'),
  },
];

let registered = false;

/** Makes the fonts known to the canvas of this thread's process; repeated calls do nothing. */
export function registerFonts(): void {
  if (registered) return;
  registered = true;
  for (const { family, path } of FONT_FILES) GlobalFonts.registerFromPath(path, family);
}

/** A canvas font of a size in px that falls back to emoji. */
export function fontOf(sizePx: number): string {
  return `700 ${sizePx}px "Noto Sans KR", "Noto Emoji"`;
}
