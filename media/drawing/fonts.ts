/** The fonts that come with Playhead, and the choice between them. */
import { createRequire } from 'node:module';
import { readCoverage } from './font-coverage.ts';

interface FontFile {
  /** The name within the file. */
  readonly family: string;
  /** A TTF file: libass does not read WOFF2. */
  readonly path: string;
  /** Ascent and descent together over the em: libass sizes fonts by it. */
  readonly heightPerEm: number;
}

const require = createRequire(import.meta.url);

/** Latin and Hangul, and part of Han. */
export const MAIN_FONT: FontFile = {
  family: 'Noto Sans KR',
  path: require.resolve('@expo-google-fonts/noto-sans-kr/700Bold/NotoSansKR_700Bold.ttf'),
  heightPerEm: 1.448,
};
/** All of Latin, Greek and Cyrillic, and Devanagari. */
const WESTERN_FONT: FontFile = {
  family: 'Noto Sans',
  path: require.resolve('@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf'),
  heightPerEm: 1.362,
};
/** All of Han, and Kana; 10 MB, read only when a text needs it. */
const HAN_FONT: FontFile = {
  family: 'Noto Sans SC',
  path: require.resolve('@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf'),
  heightPerEm: 1.448,
};
const EMOJI_FONT: FontFile = {
  family: 'Noto Emoji',
  path: require.resolve('@expo-google-fonts/noto-emoji/700Bold/NotoEmoji_700Bold.ttf'),
  heightPerEm: 1.448,
};

export const FONT_FILES: readonly FontFile[] = [MAIN_FONT, WESTERN_FONT, HAN_FONT, EMOJI_FONT];

/** A canvas font of a size in px that falls back to the other fonts. */
export function fontOf(sizePx: number): string {
  return `700 ${sizePx}px ${FONT_FILES.map(({ family }) => `"${family}"`).join(', ')}`;
}

const coverages = new Map<FontFile, ReadonlySet<number>>();

function has(font: FontFile, char: string): boolean {
  let coverage = coverages.get(font);
  if (coverage === undefined) {
    coverage = readCoverage(font.path);
    coverages.set(font, coverage);
  }
  return coverage.has(char.codePointAt(0) ?? 0);
}

const PICTOGRAPH = /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]/u;
const PICTURED_TEXT = /[\u00a9\u00ae\u203c\u2049\u2122\u2139]/u;
const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const PLAIN = /^[\u0020-\u007e\u00a0-\u00ff]*$/u;

/** The first font that has a character; undefined if none does. @param text around it, which decides how Han is drawn */
function fontFor(char: string, text: string): FontFile | undefined {
  if (PLAIN.test(char)) return MAIN_FONT;
  if (PICTOGRAPH.test(char) && !PICTURED_TEXT.test(char)) return EMOJI_FONT;
  const isEastern = EAST_ASIAN.test(char) && !/\p{Script=Hangul}/u.test(text);
  const order = isEastern ? [HAN_FONT, MAIN_FONT] : [MAIN_FONT, WESTERN_FONT, HAN_FONT];
  return order.find((one) => has(one, char));
}

/** A part of a text in one font. */
interface FontRun {
  readonly font: FontFile;
  readonly text: string;
}

/** Splits a text by the fonts that have its characters; spaces and combining marks stay with what precedes them. */
export function splitByFont(text: string): FontRun[] {
  const runs: { font: FontFile; text: string }[] = [];
  for (const char of text) {
    const last = runs.at(-1);
    const follows = /[\s\p{M}\p{Cf}]/u.test(char);
    const font = last !== undefined && follows ? last.font : (fontFor(char, text) ?? MAIN_FONT);
    if (last?.font === font) last.text += char;
    else runs.push({ font, text: char });
  }
  return runs;
}

/** The first letter or digit that no font has; undefined when all can be drawn. */
export function findUndrawable(text: string): string | undefined {
  if (PLAIN.test(text)) return undefined;
  for (const char of new Set(text)) {
    if (/[\p{L}\p{N}]/u.test(char) && fontFor(char, text) === undefined) return char;
  }
  return undefined;
}
