/** Indoor backgrounds. Each paints the whole frame; `seed` varies the details. */
import { FRAME_HEIGHT_PX as H, FRAME_WIDTH_PX as W } from '../clip-plan.ts';
import { choose, noise } from '../random.ts';
import { type Brush, fillEllipse, fillOutline, fillRect, glow, verticalGradient } from './canvas.ts';
import { darken, fade, lighten } from './colour.ts';

/** A control room: racks with lights, a wall of screens. */
export function paintStudio(brush: Brush, seed: number): void {
  brush.fillStyle = verticalGradient(brush, 0, H, [
    [0, '#16263c'],
    [0.6, '#24425c'],
    [1, '#1a2d42'],
  ]);
  brush.fillRect(0, 0, W, H);
  glow(brush, 'rgba(92,190,214,0.4)', 'rgba(92,190,214,0)', 640, 240, 560);
  for (const x of [24, 170, 962, 1108]) paintRack(brush, seed + x, x);
  fillRect(brush, '#0e1a2b', 340, 66, 600, 330, 18);
  fillRect(brush, '#15314a', 354, 80, 572, 302, 10);
  const bars = ['#5fd3c4', '#f2c14e', '#ff8d6b', '#a58bff', '#69b7ff'];
  for (const [index, colour] of bars.entries()) {
    const y = 112 + index * 54;
    fillRect(brush, '#22475f', 386, y, 508, 26, 13);
    fillRect(brush, colour, 386, y, 508 * (0.25 + noise(seed, index + 3) * 0.68), 26, 13);
  }
  fillRect(brush, '#101d2e', 0, 600, W, 120);
  fillRect(brush, '#2d4a63', 0, 594, W, 10);
}

function paintRack(brush: Brush, seed: number, x: number): void {
  fillRect(brush, '#0c1726', x, 60, 134, 560, 10);
  for (let row = 0; row < 15; row += 1) {
    const y = 76 + row * 35;
    fillRect(brush, '#1c2f45', x + 10, y, 114, 27, 4);
    for (let light = 0; light < 5; light += 1) {
      const kind = noise(seed, row * 9 + light);
      const colour = kind > 0.8 ? '#ffb454' : kind > 0.35 ? '#63e6be' : '#2b4660';
      fillEllipse(brush, colour, x + 24 + light * 14, y + 13, 3.6, 3.6);
    }
    fillRect(brush, '#2c4a66', x + 94, y + 8, 22, 10, 3);
  }
}

/** A café with a large window and hanging lamps. */
export function paintCafe(brush: Brush, seed: number): void {
  brush.fillStyle = verticalGradient(brush, 0, H, [
    [0, '#6a4433'],
    [0.7, '#8c5c42'],
    [1, '#5b3829'],
  ]);
  brush.fillRect(0, 0, W, H);
  fillRect(brush, '#4a2e22', 356, 70, 568, 400, 14);
  brush.fillStyle = verticalGradient(brush, 84, 460, [
    [0, '#9fcfdc'],
    [0.6, '#f3dcae'],
    [1, '#e2b77f'],
  ]);
  brush.fillRect(370, 84, 540, 372);
  for (let index = 0; index < 26; index += 1) {
    const radius = 12 + noise(seed, index) * 34;
    const colour = choose(['#fff2c9', '#ffd08a', '#a7dfc0', '#ffb39b'], seed, index + 90);
    fillEllipse(
      brush,
      fade(colour, 0.35),
      380 + noise(seed, index + 30) * 520,
      140 + noise(seed, index + 60) * 310,
      radius,
      radius,
    );
  }
  for (const x of [546, 722]) fillRect(brush, '#4a2e22', x, 70, 14, 400);
  for (const y of [180, 300]) paintShelf(brush, seed + y, 40, y, 250);
  for (const y of [180, 300]) paintShelf(brush, seed + y + 7, 990, y, 250);
  for (const x of [180, 640, 1100]) paintLamp(brush, x, x === 640 ? 86 : 110);
  fillRect(brush, '#3c241a', 0, 600, W, 120);
  fillRect(brush, '#a8714f', 0, 588, W, 16, 4);
}

function paintShelf(brush: Brush, seed: number, x: number, y: number, width: number): void {
  fillRect(brush, '#3f271c', x, y + 44, width, 10, 4);
  for (let index = 0; index < 7; index += 1) {
    const colour = choose(['#e8d7bd', '#d9805f', '#6f9e93', '#f0b95f', '#b7c4c9'], seed, index);
    const height = 24 + noise(seed, index + 20) * 26;
    fillRect(brush, colour, x + 12 + index * 33, y + 44 - height, 24, height, 5);
  }
}

function paintLamp(brush: Brush, x: number, y: number): void {
  fillRect(brush, '#2b1a13', x - 2, 0, 4, y);
  fillOutline(
    brush,
    '#2b1a13',
    `M${x - 14} ${y - 8} C${x - 20} ${y + 10} ${x - 46} ${y + 22} ${x - 50} ${y + 44} C${x - 20} ${y + 50} ${x + 20} ${y + 50} ${x + 50} ${y + 44} C${x + 46} ${y + 22} ${x + 20} ${y + 10} ${x + 14} ${y - 8} Z`,
  );
  glow(brush, 'rgba(255,214,140,0.75)', 'rgba(255,200,120,0)', x, y + 60, 170);
  fillEllipse(brush, '#fff3cf', x, y + 46, 22, 12);
}

/** A living room with a bookshelf, a window and a plant. */
export function paintLounge(brush: Brush, seed: number): void {
  const wall = choose(['#8fa9a2', '#b59a8c', '#8d93b5', '#b0a382'], seed, 1);
  brush.fillStyle = verticalGradient(brush, 0, H, [
    [0, lighten(wall, 0.18)],
    [0.7, wall],
    [1, darken(wall, 0.22)],
  ]);
  brush.fillRect(0, 0, W, H);
  paintBookshelf(brush, seed, 40, 90);
  fillRect(brush, '#f5efe2', 480, 70, 320, 330, 8);
  brush.fillStyle = verticalGradient(brush, 84, 386, [
    [0, '#86b7e0'],
    [0.7, '#fbdcb4'],
    [1, '#f6b98e'],
  ]);
  brush.fillRect(496, 86, 288, 298);
  for (let index = 0; index < 4; index += 1) {
    fillEllipse(brush, fade('#6f9a86', 0.7), 520 + index * 80, 384, 70, 50 + noise(seed, index) * 40);
  }
  fillRect(brush, '#f5efe2', 634, 80, 12, 310);
  fillRect(brush, '#f5efe2', 490, 226, 300, 12);
  for (const side of [-1, 1]) paintCurtain(brush, 640 + side * 205);
  paintPlant(brush, 1130, 610);
  fillRect(brush, '#fdf8ec', 900, 110, 130, 160, 6);
  fillEllipse(brush, '#e2885f', 965, 180, 36, 36);
  fillRect(brush, '#2f6f6b', 914, 204, 102, 52, 4);
  glow(brush, 'rgba(255,226,170,0.5)', 'rgba(255,226,170,0)', 640, 250, 420);
  fillRect(brush, darken(wall, 0.5), 0, 600, W, 120);
  fillRect(brush, lighten(wall, 0.35), 0, 590, W, 12);
}

function paintCurtain(brush: Brush, x: number): void {
  fillRect(brush, '#e8c9a4', x - 46, 50, 92, 420, 10);
  for (const dx of [-26, 0, 26]) fillRect(brush, 'rgba(120,80,50,0.18)', x + dx, 56, 7, 410, 4);
}

function paintBookshelf(brush: Brush, seed: number, x: number, y: number): void {
  fillRect(brush, '#6e4a35', x, y, 330, 510, 8);
  for (let shelf = 0; shelf < 4; shelf += 1) {
    const top = y + 14 + shelf * 124;
    fillRect(brush, '#4f3325', x + 12, top, 306, 112, 4);
    let at = x + 20;
    for (let book = 0; at < x + 292; book += 1) {
      const width = 16 + noise(seed, shelf * 40 + book) * 18;
      const height = 66 + noise(seed, shelf * 40 + book + 20) * 38;
      const colour = choose(
        ['#d9805f', '#e9c46a', '#5f8f8b', '#5a6fa0', '#e8dcc4', '#a3586d'],
        seed,
        shelf * 50 + book,
      );
      fillRect(brush, colour, at, top + 112 - height, Math.min(width, x + 312 - at), height, 2);
      at += width + 3;
    }
  }
}

function paintPlant(brush: Brush, x: number, y: number): void {
  for (const [dx, dy, turn] of [
    [-70, -170, -0.7],
    [64, -176, 0.6],
    [-30, -240, -0.25],
    [34, -250, 0.3],
    [0, -150, 0],
  ] as const) {
    fillEllipse(brush, choose(['#4f8a63', '#5f9d70', '#437a58'], dx + 200, 1), x + dx, y + dy, 30, 84, turn);
  }
  fillOutline(
    brush,
    '#d58a62',
    `M${x - 58} ${y - 96} C${x - 50} ${y - 40} ${x - 44} ${y - 10} ${x - 40} ${y + 6} C${x - 10} ${y + 12} ${x + 10} ${y + 12} ${x + 40} ${y + 6} C${x + 44} ${y - 10} ${x + 50} ${y - 40} ${x + 58} ${y - 96} Z`,
  );
}
