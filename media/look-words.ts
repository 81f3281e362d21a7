/** Describes a character's look in words, for models that draw from words. */
import type { Look } from './character.ts';

/** Colours as `#rrggbb`, with their names. */
const COLOUR_NAMES: readonly (readonly [hex: string, name: string])[] = [
  ['#111111', 'black'],
  ['#808080', 'grey'],
  ['#f5f5f5', 'white'],
  ['#3b241c', 'dark brown'],
  ['#7a4a2b', 'brown'],
  ['#b06a35', 'auburn'],
  ['#d9a55b', 'blond'],
  ['#fbe3cf', 'cream'],
  ['#b5303d', 'red'],
  ['#e2725b', 'coral'],
  ['#e07b1a', 'orange'],
  ['#f2c14e', 'yellow'],
  ['#5f8f3a', 'green'],
  ['#3f6b52', 'dark green'],
  ['#2f6f6b', 'teal'],
  ['#47a0b8', 'turquoise'],
  ['#3f7fae', 'blue'],
  ['#2a3a6b', 'navy'],
  ['#4b3b78', 'violet'],
  ['#ffa9b8', 'pink'],
];
const SKIN_NAMES: readonly (readonly [least: number, name: string])[] = [
  [0.8, 'fair'],
  [0.68, 'light'],
  [0.55, 'olive'],
  [0.38, 'brown'],
  [0, 'dark brown'],
];

/** For example `oval face, fair skin, brown eyes, long auburn hair, round glasses, teal hoodie`. */
export function describeLook(look: Look): string {
  const { hair, top } = look;
  return [
    look.age === 'child' ? 'child' : look.age === 'old' ? 'elderly' : '',
    `${look.face} face`,
    `${skinName(look.skin)} skin`,
    `${colourName(look.eyes)} eyes`,
    hair.style === 'bald' ? 'bald' : `${hair.style} ${colourName(hair.colour)} hair`,
    look.beard === 'none' ? '' : look.beard === 'full' ? 'full beard' : look.beard,
    look.glasses === 'none' ? '' : `${look.glasses} glasses`,
    look.earrings ? 'earrings' : '',
    look.freckles ? 'freckles' : '',
    look.lipstick ? 'lipstick' : '',
    `${colourName(top.colour)} ${top.style}`,
  ]
    .filter((word) => word !== '')
    .join(', ');
}

/** The nearest name in RGB. */
function colourName(hex: string): string {
  const colour = parse(hex);
  const distance = (other: string): number =>
    parse(other).reduce((sum, value, at) => sum + (value - (colour[at] ?? 0)) ** 2, 0);
  const [nearest] = [...COLOUR_NAMES].sort(([one], [other]) => distance(one) - distance(other));
  return nearest?.[1] ?? '';
}

function skinName(hex: string): string {
  const [red = 0, green = 0, blue = 0] = parse(hex);
  const light = (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
  return SKIN_NAMES.find(([least]) => light >= least)?.[1] ?? '';
}

function parse(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
