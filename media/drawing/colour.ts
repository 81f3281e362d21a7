/** Colour arithmetic on `#rrggbb`. */

interface Rgb {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

function parse(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1, 7), 16);
  return { red: (value >> 16) & 255, green: (value >> 8) & 255, blue: value & 255 };
}

/** Mixes two colours; `share` 0 gives the first, 1 the second. */
export function mix(first: string, second: string, share: number): string {
  const a = parse(first);
  const b = parse(second);
  const part = (from: number, to: number): string =>
    Math.round(from + (to - from) * share)
      .toString(16)
      .padStart(2, '0');
  return `#${part(a.red, b.red)}${part(a.green, b.green)}${part(a.blue, b.blue)}`;
}

/** Darker by `share` 0..1, towards a cool near-black, which looks more natural than plain black. */
export function darken(colour: string, share: number): string {
  return mix(colour, '#1a1226', share);
}

/** Lighter by `share` 0..1, towards a warm white. */
export function lighten(colour: string, share: number): string {
  return mix(colour, '#fff8ec', share);
}

/** The colour with an opacity 0..1, for the canvas. */
export function fade(colour: string, opacity: number): string {
  const { red, green, blue } = parse(colour);
  return `rgba(${red},${green},${blue},${opacity.toFixed(3)})`;
}
