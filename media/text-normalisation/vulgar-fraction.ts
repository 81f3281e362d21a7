/** Fractions that are one character (`½`). Their compatibility decomposition (Unicode, NFKD) is `1⁄2`. */
export const VULGAR_FRACTIONS = '½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒';

/** The numbers above and below the line. @param char one of VULGAR_FRACTIONS */
export function readVulgarFraction(char: string): readonly [above: number, below: number] {
  const [above, below] = char.normalize('NFKD').split('⁄');
  return [Number(above), Number(below)];
}
