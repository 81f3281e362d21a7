/** Draws neck, shoulders and clothes. Coordinates: px at scale 1, with the centre of the head at rest at (0, 0). */
import type { Look } from '../character.ts';
import { type Brush, fillEllipse, fillOutline, fillRect, strokeLine, verticalGradient } from './canvas.ts';
import { darken, fade, lighten, mix } from './colour.ts';

const BOTTOM = 520;

const TORSO = `M-40 132 C-62 150 -128 158 -152 192 C-176 230 -186 360 -192 ${BOTTOM} L192 ${BOTTOM} C186 360 176 230 152 192 C128 158 62 150 40 132 C20 148 -20 148 -40 132 Z`;

/** Draws the body up to the neck, without the head. */
export function drawBody(brush: Brush, look: Look): void {
  const { style, colour, accent } = look.top;
  if (style === 'hoodie') drawHood(brush, colour);
  drawNeck(brush, look.skin);
  const cloth = verticalGradient(brush, 130, 480, [
    [0, lighten(colour, 0.12)],
    [0.35, colour],
    [1, darken(colour, 0.34)],
  ]);
  fillOutline(brush, cloth, TORSO);
  drawFolds(brush, colour);
  switch (style) {
    case 'hoodie':
      return drawHoodieFront(brush, colour, accent);
    case 'blazer':
      return drawBlazerFront(brush, colour, accent, look.skin);
    case 'tee':
      return drawTeeFront(brush, colour, accent, look.skin);
    case 'turtleneck':
      return drawTurtleneck(brush, colour);
    case 'shirt':
      return drawShirtFront(brush, colour, accent, look.skin);
    case 'cardigan':
      return drawCardiganFront(brush, colour, accent, look.skin);
  }
}

function drawNeck(brush: Brush, skin: string): void {
  const shade = verticalGradient(brush, 78, 160, [
    [0, darken(skin, 0.38)],
    [0.5, darken(skin, 0.2)],
    [1, darken(skin, 0.08)],
  ]);
  fillOutline(brush, shade, 'M-34 60 C-33 100 -36 122 -56 138 C-20 176 20 176 56 138 C36 122 33 100 34 60 Z');
}

/** Arms and folds: darker lines that give the cloth its form, and light on the shoulders. */
function drawFolds(brush: Brush, colour: string): void {
  const line = fade(darken(colour, 0.5), 0.5);
  strokeLine(brush, line, 3, `M-118 262 C-126 330 -130 420 -128 ${BOTTOM}`);
  strokeLine(brush, line, 3, `M118 262 C126 330 130 420 128 ${BOTTOM}`);
  strokeLine(brush, fade(darken(colour, 0.4), 0.3), 4, 'M-112 258 C-96 268 -84 272 -70 270');
  strokeLine(brush, fade(darken(colour, 0.4), 0.3), 4, 'M112 258 C96 268 84 272 70 270');
  const light = fade(lighten(colour, 0.5), 0.35);
  strokeLine(brush, light, 4, 'M-146 194 C-128 168 -100 160 -72 155');
  strokeLine(brush, light, 4, 'M146 194 C128 168 100 160 72 155');
}

function drawHood(brush: Brush, colour: string): void {
  fillOutline(
    brush,
    darken(colour, 0.32),
    'M-96 176 C-112 96 -70 60 0 60 C70 60 112 96 96 176 C50 196 -50 196 -96 176 Z',
  );
}

function drawHoodieFront(brush: Brush, colour: string, accent: string): void {
  fillOutline(
    brush,
    darken(colour, 0.18),
    'M-74 138 C-62 176 -26 196 0 212 C26 196 62 176 74 138 C66 132 56 128 46 128 C34 160 -34 160 -46 128 C-56 128 -66 132 -74 138 Z',
  );
  strokeLine(brush, lighten(accent, 0.1), 4.5, 'M-20 186 C-24 214 -22 238 -26 262');
  strokeLine(brush, lighten(accent, 0.1), 4.5, 'M20 186 C24 214 22 234 24 252');
  fillRect(brush, darken(accent, 0.2), -29, 258, 7, 14, 3);
  fillRect(brush, darken(accent, 0.2), 21, 248, 7, 14, 3);
  strokeLine(
    brush,
    fade(darken(colour, 0.5), 0.6),
    3,
    'M-84 420 C-60 390 -60 380 -56 366 C-20 362 20 362 56 366 C60 380 60 390 84 420',
  );
}

function drawCollarGap(brush: Brush, skin: string, depth: number): void {
  const shade = verticalGradient(brush, 120, depth, [
    [0, darken(skin, 0.2)],
    [1, darken(skin, 0.04)],
  ]);
  fillOutline(
    brush,
    shade,
    `M-42 130 C-30 160 -12 ${depth - 10} 0 ${depth} C12 ${depth - 10} 30 160 42 130 C20 120 -20 120 -42 130 Z`,
  );
}

function drawBlazerFront(brush: Brush, colour: string, accent: string, skin: string): void {
  fillOutline(
    brush,
    accent,
    'M-52 136 C-40 220 -16 330 0 380 C16 330 40 220 52 136 C20 150 -20 150 -52 136 Z',
  );
  drawCollarGap(brush, skin, 206);
  strokeLine(brush, fade(darken(accent, 0.5), 0.25), 2.5, 'M0 208 C1 260 1 320 0 370');
  for (const side of [-1, 1]) {
    fillOutline(
      brush,
      darken(colour, 0.2),
      `M${side * 50} 134 C${side * 74} 150 ${side * 86} 166 ${side * 92} 184 C${side * 80} 200 ${side * 74} 206 ${side * 66} 214 C${side * 84} 226 ${side * 84} 230 ${side * 78} 240 C${side * 50} 310 ${side * 22} 356 0 392 C${side * 22} 300 ${side * 38} 210 ${side * 50} 134 Z`,
    );
    strokeLine(
      brush,
      fade(lighten(colour, 0.4), 0.35),
      2,
      `M${side * 90} 186 C${side * 78} 202 ${side * 72} 208 ${side * 66} 214`,
    );
  }
  fillEllipse(brush, darken(colour, 0.45), 12, 410, 6, 6);
}

function drawTeeFront(brush: Brush, colour: string, accent: string, skin: string): void {
  drawCollarGap(brush, skin, 166);
  strokeLine(brush, lighten(colour, 0.22), 9, 'M-50 136 C-34 180 34 180 50 136');
  strokeLine(brush, fade(accent, 0.85), 13, 'M-104 300 C-40 312 40 312 104 300');
  strokeLine(brush, fade(accent, 0.85), 5, 'M-106 322 C-40 334 40 334 106 322');
}

function drawTurtleneck(brush: Brush, colour: string): void {
  const roll = verticalGradient(brush, 84, 170, [
    [0, lighten(colour, 0.16)],
    [1, darken(colour, 0.2)],
  ]);
  fillOutline(
    brush,
    roll,
    'M-46 100 C-52 120 -54 140 -58 152 C-24 172 24 172 58 152 C54 140 52 120 46 100 C20 112 -20 112 -46 100 Z',
  );
  strokeLine(brush, fade(darken(colour, 0.4), 0.45), 3, 'M-54 136 C-24 152 24 152 54 136');
  for (const x of [-66, -33, 0, 33, 66]) {
    strokeLine(
      brush,
      fade(darken(colour, 0.4), 0.22),
      3,
      `M${x} 190 C${x * 1.05} 280 ${x * 1.08} 400 ${x * 1.1} ${BOTTOM}`,
    );
  }
}

function drawShirtFront(brush: Brush, colour: string, accent: string, skin: string): void {
  drawCollarGap(brush, skin, 184);
  for (const side of [-1, 1]) {
    fillOutline(
      brush,
      lighten(colour, 0.3),
      `M${side * 42} 124 C${side * 60} 136 ${side * 68} 146 ${side * 72} 156 C${side * 56} 180 ${side * 40} 196 ${side * 30} 206 C${side * 20} 192 ${side * 8} 184 0 184 C${side * 22} 172 ${side * 34} 150 ${side * 42} 124 Z`,
    );
    strokeLine(
      brush,
      fade(darken(colour, 0.5), 0.3),
      2,
      `M${side * 72} 157 C${side * 56} 180 ${side * 40} 196 ${side * 30} 206`,
    );
  }
  strokeLine(brush, fade(darken(colour, 0.5), 0.35), 2.5, `M0 188 C2 280 2 400 0 ${BOTTOM}`);
  for (const y of [238, 298, 358, 418]) fillEllipse(brush, mix(colour, accent, 0.7), 8, y, 4.5, 4.5);
  fillRect(brush, fade(accent, 0.9), 62, 268, 44, 7, 3);
}

function drawCardiganFront(brush: Brush, colour: string, accent: string, skin: string): void {
  fillOutline(
    brush,
    accent,
    `M-50 134 C-46 220 -40 400 -38 ${BOTTOM} C-12 ${BOTTOM} 12 ${BOTTOM} 38 ${BOTTOM} C40 400 46 220 50 134 C20 150 -20 150 -50 134 Z`,
  );
  drawCollarGap(brush, skin, 176);
  strokeLine(brush, fade(darken(accent, 0.4), 0.3), 3, 'M-44 136 C-26 186 26 186 44 136');
  for (const side of [-1, 1]) {
    strokeLine(
      brush,
      darken(colour, 0.22),
      17,
      `M${side * 54} 140 C${side * 52} 220 ${side * 46} 400 ${side * 44} ${BOTTOM}`,
    );
  }
  for (const y of [250, 310, 370, 430]) fillEllipse(brush, lighten(colour, 0.45), -47 + y * 0.012, y, 5, 5);
}
