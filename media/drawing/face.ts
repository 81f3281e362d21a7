/** Draws the head without hair and mouth. Coordinates: px at scale 1 from the centre of the head. */
import { Path2D } from '@napi-rs/canvas';
import type { Look } from '../character.ts';
import { type Brush, fillEllipse, fillOutline, glow, strokeLine } from './canvas.ts';
import { darken, fade, lighten, mix } from './colour.ts';
import type { Pose } from './pose.ts';

const JAWS = {
  oval: { cheek: 92, jaw: 64, chin: 116 },
  round: { cheek: 96, jaw: 76, chin: 110 },
  square: { cheek: 92, jaw: 78, chin: 116 },
};

function headOutline(look: Look, jawDrop: number): string {
  const { cheek, jaw, chin } = JAWS[look.face];
  const low = chin + jawDrop;
  const side = 66 + jawDrop * 0.6;
  const crown = `M${-cheek} -20 C${-cheek - 2} -92 -62 -124 0 -124 C62 -124 ${cheek + 2} -92 ${cheek} -20`;
  const right = `C${cheek} 26 ${jaw + 12} ${side} ${jaw * 0.66} ${low - 16}`;
  const chinLine = `C${jaw * 0.4} ${low + 3} ${-jaw * 0.4} ${low + 3} ${-jaw * 0.66} ${low - 16}`;
  return `${crown} ${right} ${chinLine} C${-jaw - 12} ${side} ${-cheek} 26 ${-cheek} -20 Z`;
}

/** Draws ears, head, eyes, brows, nose, beard and glasses for a pose. */
export function drawFace(brush: Brush, look: Look, pose: Pose): void {
  const { cheek } = JAWS[look.face];
  if (!HAIR_OVER_EARS.has(look.hair.style)) drawEars(brush, look, cheek, pose.turn);
  const outline = headOutline(look, pose.mouth.open * 7);
  const light = brush.createRadialGradient(-24 - pose.turn * 10, -44, 20, 0, 0, 165);
  light.addColorStop(0, lighten(look.skin, 0.22));
  light.addColorStop(0.55, look.skin);
  light.addColorStop(1, darken(look.skin, 0.26));
  fillOutline(brush, light, outline);
  brush.save();
  brush.clip(new Path2D(outline));
  drawSkin(brush, look, pose);
  drawBeard(brush, look, pose);
  brush.restore();
  drawEye(brush, look, pose, -1);
  drawEye(brush, look, pose, 1);
  drawNose(brush, look, pose.turn);
  if (look.beard === 'moustache' || look.beard === 'full') drawMoustache(brush, look, pose);
  if (look.glasses !== 'none') drawGlasses(brush, look, pose.turn);
}

const HAIR_OVER_EARS: ReadonlySet<Look['hair']['style']> = new Set(['bob', 'long', 'wavy', 'afro']);

function drawEars(brush: Brush, look: Look, cheek: number, turn: number): void {
  for (const side of [-1, 1]) {
    const near = side * turn < 0 ? 1 : 1 - Math.abs(turn) * 0.5;
    const x = side * (cheek - 3) - turn * 9;
    fillEllipse(brush, darken(look.skin, 0.08), x, 6, 15 * near, 23);
    fillEllipse(brush, darken(look.skin, 0.26), x + side * 2, 7, 7 * near, 13);
    if (look.earrings) {
      fillEllipse(brush, '#e8b84a', x + side * 4, 34, 5.5, 5.5);
      fillEllipse(brush, '#fff1c4', x + side * 4 - 1.5, 32.5, 1.8, 1.8);
    }
  }
}

function drawSkin(brush: Brush, look: Look, { turn, smile, mouth }: Pose): void {
  fillEllipse(brush, fade(darken(look.skin, 0.4), 0.16), turn * 10, -98, 110, 46);
  const blush = fade(mix(look.skin, '#e0483e', 0.55), 0.42 + smile * 0.08);
  for (const side of [-1, 1]) {
    const x = side * 54 + turn * 15;
    glow(brush, blush, fade(look.skin, 0), x, 35 - smile * 2, 27);
  }
  fillEllipse(brush, fade(darken(look.skin, 0.4), 0.07), turn * 17, 92 + mouth.open * 7, 20, 4);
  if (look.age === 'old') drawLines(brush, look, turn);
  if (!look.freckles) return;
  for (const [x, y] of FRECKLES)
    fillEllipse(brush, fade(darken(look.skin, 0.45), 0.45), x + turn * 17, y, 2, 2);
}

/** Draws the lines of age: on the forehead, and beside the eyes and the mouth. */
function drawLines(brush: Brush, look: Look, turn: number): void {
  const line = fade(darken(look.skin, 0.5), 0.32);
  const x = turn * 14;
  for (const y of [-76, -62])
    strokeLine(brush, line, 2.4, `M${x - 30} ${y} C${x - 10} ${y - 5} ${x + 10} ${y - 5} ${x + 30} ${y}`);
  for (const side of [-1, 1]) {
    strokeLine(
      brush,
      line,
      2.6,
      `M${x + side * 26} 34 C${x + side * 38} 44 ${x + side * 42} 56 ${x + side * 41} 70`,
    );
    strokeLine(
      brush,
      line,
      2,
      `M${x + side * 62} -8 L${x + side * 72} -12 M${x + side * 62} -2 L${x + side * 72} 2`,
    );
    strokeLine(
      brush,
      line,
      2.2,
      `M${x + side * 24} 14 C${x + side * 34} 20 ${x + side * 44} 19 ${x + side * 52} 13`,
    );
  }
}

const FRECKLES: readonly (readonly [number, number])[] = [
  ...([
    [-58, 22],
    [-48, 28],
    [-40, 20],
    [-52, 36],
    [-34, 30],
  ] as const),
  ...([
    [58, 22],
    [48, 28],
    [40, 20],
    [52, 36],
    [34, 30],
  ] as const),
];

const EYE_X = 37;
const EYE_Y = -10;

function drawEye(brush: Brush, look: Look, pose: Pose, side: -1 | 1): void {
  const x = side * EYE_X * (1 - Math.abs(pose.turn) * 0.05) + pose.turn * 16;
  const narrow = 1 - Math.max(0, side * pose.turn) * 0.16;
  const rx = 17 * narrow;
  const openness = Math.max(0.04, 1 - pose.blink);
  const ry = 16.5 * openness;
  const y = EYE_Y + pose.blink * 7;
  brush.save();
  brush.beginPath();
  brush.ellipse(x, y, rx, ry, 0, 0, Math.PI * 2);
  brush.fillStyle = '#fdfaf5';
  brush.fill();
  brush.clip();
  const irisX = x + pose.gazeX;
  const irisY = EYE_Y + 1 + pose.gazeY;
  fillEllipse(brush, darken(look.eyes, 0.35), irisX, irisY, 11.6, 12.6);
  fillEllipse(brush, look.eyes, irisX, irisY + 0.8, 9.9, 10.9);
  fillEllipse(brush, lighten(look.eyes, 0.32), irisX, irisY + 5, 6.4, 4.8);
  fillEllipse(brush, '#140e14', irisX, irisY, 5.8, 6.4);
  fillEllipse(brush, 'rgba(255,255,255,0.95)', irisX - 3.4, irisY - 4.4, 3.1, 3.1);
  fillEllipse(brush, 'rgba(255,255,255,0.6)', irisX + 3.6, irisY + 4, 1.6, 1.6);
  fillEllipse(brush, 'rgba(40,20,40,0.16)', x, EYE_Y - 15, rx + 4, 9);
  brush.restore();
  drawLids(brush, look, pose, side, x, y, rx, ry);
}

function drawLids(
  brush: Brush,
  look: Look,
  pose: Pose,
  side: -1 | 1,
  x: number,
  y: number,
  rx: number,
  ry: number,
): void {
  const lash = darken(mix(look.hair.colour, '#1d1216', 0.6), 0.3);
  const lift = ry * 1.32;
  strokeLine(
    brush,
    lash,
    look.lipstick ? 5 : 4,
    `M${x - rx - 1} ${y - ry * 0.12} C${x - rx * 0.6} ${y - lift} ${x + rx * 0.6} ${y - lift} ${x + rx + 1} ${y - ry * 0.12}`,
  );
  if (look.lipstick || look.earrings) {
    strokeLine(
      brush,
      lash,
      3.2,
      `M${x + side * (rx - 1)} ${y - ry * 0.3} C${x + side * (rx + 3)} ${y - ry * 0.4} ${x + side * (rx + 5)} ${y - ry * 0.55} ${x + side * (rx + 7)} ${y - ry * 0.7 - 1}`,
    );
  }
  strokeLine(
    brush,
    fade(darken(look.skin, 0.45), 0.35),
    2,
    `M${x - rx * 0.7} ${y + ry * 0.98} C${x - rx * 0.3} ${y + ry * 1.14} ${x + rx * 0.3} ${y + ry * 1.14} ${x + rx * 0.7} ${y + ry * 0.98}`,
  );
  const browY = EYE_Y - 34 - pose.brows * 6 + pose.blink * 1.5;
  const thick = look.lipstick || look.earrings ? 5.5 : 8;
  strokeLine(
    brush,
    darken(look.hair.colour, 0.12),
    thick,
    `M${x - side * 17} ${browY + 4} C${x - side * 6} ${browY - 4 - pose.brows * 1.5} ${x + side * 8} ${browY - 5} ${x + side * 19} ${browY + 4}`,
  );
}

function drawNose(brush: Brush, look: Look, turn: number): void {
  const x = turn * 23;
  fillEllipse(brush, fade(darken(look.skin, 0.42), 0.16), x + 2, 30, 15, 8);
  strokeLine(
    brush,
    fade(darken(look.skin, 0.5), 0.62),
    3.4,
    `M${x - 9} 26 C${x - 8} 34 ${x + 8} 34 ${x + 9} 26`,
  );
  strokeLine(brush, fade(lighten(look.skin, 0.7), 0.4), 5, `M${x - 1} 6 C${x - 1} 12 ${x} 16 ${x} 20`);
}

function drawBeard(brush: Brush, look: Look, { turn, mouth }: Pose): void {
  if (look.beard !== 'stubble' && look.beard !== 'full') return;
  const paint = look.beard === 'full' ? look.hair.colour : fade(look.hair.colour, 0.3);
  const x = turn * 12;
  fillOutline(
    brush,
    paint,
    `M-104 8 C-84 30 -74 46 ${-46 + x} 47 C${-24 + x} 36 ${24 + x} 36 ${46 + x} 47 C74 46 84 30 104 8 C110 90 70 ${160 + mouth.open * 7} 0 ${160 + mouth.open * 7} C-70 ${160 + mouth.open * 7} -110 90 -104 8 Z`,
  );
  if (look.beard === 'full')
    fillEllipse(
      brush,
      mix(look.skin, look.hair.colour, 0.12),
      turn * 19,
      63 + mouth.open * 8,
      30,
      15 + mouth.open * 12,
    );
}

function drawMoustache(brush: Brush, look: Look, { turn }: Pose): void {
  const x = turn * 20;
  fillOutline(
    brush,
    darken(look.hair.colour, 0.08),
    `M${x} 42 C${x + 14} 36 ${x + 34} 42 ${x + 40} 58 C${x + 26} 52 ${x + 12} 52 ${x} 50 C${x - 12} 52 ${x - 26} 52 ${x - 40} 58 C${x - 34} 42 ${x - 14} 36 ${x} 42 Z`,
  );
}

function drawGlasses(brush: Brush, look: Look, turn: number): void {
  for (const side of [-1, 1]) {
    const narrow = 1 - Math.max(0, side * turn) * 0.14;
    const x = side * (EYE_X + 1) * (1 - Math.abs(turn) * 0.05) + turn * 18;
    brush.beginPath();
    if (look.glasses === 'round') brush.ellipse(x, EYE_Y + 2, 28 * narrow, 28, 0, 0, Math.PI * 2);
    else brush.roundRect(x - 30 * narrow, EYE_Y - 21, 60 * narrow, 45, 11);
    brush.fillStyle = 'rgba(210,235,255,0.13)';
    brush.fill();
    brush.strokeStyle = '#2b2430';
    brush.lineWidth = 4.2;
    brush.stroke();
    const outer = side * (88 - Math.abs(turn) * 4) - turn * 6;
    strokeLine(
      brush,
      '#2b2430',
      4.2,
      `M${x + side * 28 * narrow} ${EYE_Y - 2} C${x + side * 36} ${EYE_Y - 4} ${outer} ${EYE_Y - 2} ${outer} ${EYE_Y}`,
    );
    strokeLine(
      brush,
      'rgba(255,255,255,0.5)',
      3,
      `M${x - 14} ${EYE_Y - 8} C${x - 11} ${EYE_Y - 13} ${x - 8} ${EYE_Y - 15} ${x - 4} ${EYE_Y - 17}`,
    );
  }
  strokeLine(
    brush,
    '#2b2430',
    4.2,
    `M${turn * 20 - 9} ${EYE_Y - 2} C${turn * 20 - 4} ${EYE_Y - 8} ${turn * 20 + 4} ${EYE_Y - 8} ${turn * 20 + 9} ${EYE_Y - 2}`,
  );
}
