/** Draws hair: a part behind the head and a part in front of it. Coordinates: px at scale 1 from the centre of the head. */
import type { Look } from '../character.ts';
import { type Brush, fillEllipse, fillOutline, strokeLine, verticalGradient } from './canvas.ts';
import { darken, fade, lighten } from './colour.ts';

function hairPaint(brush: Brush, colour: string, top: number, bottom: number) {
  return verticalGradient(brush, top, bottom, [
    [0, lighten(colour, 0.2)],
    [0.4, colour],
    [1, darken(colour, 0.3)],
  ]);
}

/** Draws the hair behind head and shoulders. */
export function drawHairBehind(brush: Brush, look: Look, sway: number): void {
  const { style, colour } = look.hair;
  const dark = hairPaint(brush, darken(colour, 0.2), -130, 220);
  switch (style) {
    case 'bob':
      return fillOutline(
        brush,
        dark,
        'M-108 -20 C-112 -170 112 -170 108 -20 C116 40 122 70 108 104 C60 124 -60 124 -108 104 C-122 70 -116 40 -108 -20 Z',
      );
    case 'long':
      return fillOutline(
        brush,
        dark,
        `M-106 -20 C-112 -172 112 -172 106 -20 C118 60 128 150 ${116 + sway} 232 C70 262 -70 262 ${-116 + sway} 232 C-128 150 -118 60 -106 -20 Z`,
      );
    case 'wavy':
      return fillOutline(
        brush,
        dark,
        'M-104 -20 C-116 -166 116 -166 104 -20 C130 10 104 50 118 84 C100 116 84 100 60 112 C20 120 -20 120 -60 112 C-84 100 -100 116 -118 84 C-104 50 -130 10 -104 -20 Z',
      );
    case 'ponytail':
      return fillOutline(
        brush,
        dark,
        `M60 -110 C150 -130 176 -20 ${150 + sway * 2} 110 C${140 + sway * 2} 160 ${118 + sway * 2} 170 ${112 + sway * 2} 150 C126 70 118 -20 60 -60 Z`,
      );
    case 'bun':
      fillEllipse(brush, dark, 0, -146, 46, 42);
      return strokeLine(brush, fade(lighten(colour, 0.4), 0.35), 4, 'M-26 -160 C-12 -178 14 -178 28 -158');
    case 'afro':
      return drawCurls(brush, darken(colour, 0.12), AFRO, 52);
    case 'curly':
      return drawCurls(brush, darken(colour, 0.16), CURLS_BEHIND, 34);
    case 'short':
    case 'buzz':
    case 'bald':
      return;
  }
}

const AFRO: readonly (readonly [number, number])[] = [
  ...([
    [-96, 20],
    [-112, -40],
    [-98, -96],
    [-56, -136],
    [0, -150],
    [56, -136],
    [98, -96],
    [112, -40],
    [96, 20],
  ] as const),
  ...([
    [-50, -80],
    [50, -80],
    [0, -100],
  ] as const),
];
const CURLS_BEHIND: readonly (readonly [number, number])[] = [
  ...([
    [-92, 4],
    [-98, -44],
    [-84, -88],
    [84, -88],
    [98, -44],
    [92, 4],
  ] as const),
];
const CURLS_FRONT: readonly (readonly [number, number])[] = [
  ...([
    [-86, -62],
    [-66, -98],
    [-30, -118],
    [12, -124],
    [52, -110],
    [82, -76],
    [-40, -88],
    [4, -94],
    [46, -84],
  ] as const),
];

function drawCurls(
  brush: Brush,
  colour: string,
  places: readonly (readonly [number, number])[],
  radius: number,
): void {
  const paint = hairPaint(brush, colour, -170, 60);
  for (const [x, y] of places) fillEllipse(brush, paint, x, y, radius, radius);
}

/** The top of the head from ear to ear, with its front edge up to the right temple. */
const CAP = 'M-97 -4 C-112 -78 -84 -140 0 -140 C84 -140 112 -78 98 -4 C92 -34 86 -50 76 -64';

/** Draws the hair over the forehead, which moves as the face turns. */
export function drawHairInFront(brush: Brush, look: Look, turn: number): void {
  const { style, colour } = look.hair;
  const paint = hairPaint(brush, colour, -140, 10);
  const shift = turn * 9;
  switch (style) {
    case 'short':
      fillOutline(
        brush,
        paint,
        `M-97 4 C-118 -70 -92 -136 -34 -144 C-10 -162 62 -162 84 -112 C108 -92 106 -40 98 4 C92 -18 90 -38 80 -58 C52 -64 24 -78 ${2 + shift} -92 C${-22 + shift} -72 -62 -66 -80 -54 C-88 -38 -92 -20 -97 4 Z`,
      );
      return drawShine(brush, colour, shift);
    case 'bob':
      fillOutline(
        brush,
        paint,
        `M-100 66 C-122 -60 -96 -142 0 -142 C96 -142 122 -60 100 66 C86 40 88 -10 78 -44 C30 ${-56 + shift * 0.3} -4 -78 ${-22 + shift} -98 C-40 -70 -66 -48 -80 -36 C-88 0 -86 40 -100 66 Z`,
      );
      return drawShine(brush, colour, shift);
    case 'long':
      fillOutline(
        brush,
        paint,
        `M-104 120 C-122 -30 -100 -144 0 -142 C100 -144 122 -30 104 120 C92 60 92 -20 74 -54 C50 -66 18 -88 ${4 + shift} -112 C-12 -88 -50 -66 -74 -54 C-92 -20 -92 60 -104 120 Z`,
      );
      return drawShine(brush, colour, shift);
    case 'wavy':
      fillOutline(
        brush,
        paint,
        `M-100 20 C-126 -80 -80 -154 10 -146 C100 -148 122 -70 100 20 C88 -10 92 -36 74 -60 C56 -44 34 -80 ${10 + shift} -72 C-16 -46 -44 -78 -72 -50 C-92 -30 -86 -10 -100 20 Z`,
      );
      return drawShine(brush, colour, shift);
    case 'ponytail':
    case 'bun':
      fillOutline(
        brush,
        paint,
        `${CAP} C40 -88 ${8 + shift} -92 ${-30 + shift} -86 C-56 -82 -78 -66 -97 -4 Z`,
      );
      if (style === 'ponytail') drawFringe(brush, paint, shift);
      return drawShine(brush, colour, shift);
    case 'buzz':
      return fillOutline(
        brush,
        fade(colour, 0.85),
        'M-96 -14 C-104 -86 -72 -130 0 -130 C72 -130 104 -86 96 -14 C88 -60 60 -84 0 -84 C-60 -84 -88 -60 -96 -14 Z',
      );
    case 'curly':
      return drawCurls(brush, colour, CURLS_FRONT, 31);
    case 'afro':
      return fillOutline(
        brush,
        paint,
        'M-98 0 C-110 -84 -78 -142 0 -146 C78 -142 110 -84 98 0 C92 -44 60 -76 0 -78 C-60 -76 -92 -44 -98 0 Z',
      );
    case 'bald':
      return;
  }
}

function drawFringe(brush: Brush, paint: ReturnType<typeof hairPaint>, shift: number): void {
  fillOutline(
    brush,
    paint,
    `M-84 -60 C-66 -126 46 -136 86 -70 C62 -58 24 -60 ${6 + shift} -80 C${-14 + shift} -60 -56 -56 -84 -60 Z`,
  );
}

function drawShine(brush: Brush, colour: string, shift: number): void {
  strokeLine(
    brush,
    fade(lighten(colour, 0.55), 0.32),
    7,
    `M${-58 + shift} -104 C${-38 + shift} -122 ${-14 + shift} -128 ${10 + shift} -126`,
  );
  strokeLine(
    brush,
    fade(lighten(colour, 0.55), 0.22),
    5,
    `M${34 + shift} -122 C${46 + shift} -119 ${54 + shift} -114 ${62 + shift} -106`,
  );
}
