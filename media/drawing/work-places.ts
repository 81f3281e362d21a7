/** Backgrounds of places where people work, learn and are cared for. Each paints the whole frame; `seed` varies the details. */
import { FRAME_HEIGHT_PX as H, FRAME_WIDTH_PX as W } from '../clip-plan.ts';
import { choose, noise } from '../random.ts';
import {
  type Brush,
  fillEllipse,
  fillOutline,
  fillRect,
  glow,
  strokeLine,
  verticalGradient,
} from './canvas.ts';
import { darken, lighten } from './colour.ts';

function paintWall(brush: Brush, top: string, bottom: string, floor: string): void {
  brush.fillStyle = verticalGradient(brush, 0, 600, [
    [0, top],
    [1, bottom],
  ]);
  brush.fillRect(0, 0, W, 600);
  brush.fillStyle = verticalGradient(brush, 600, H, [
    [0, lighten(floor, 0.1)],
    [1, darken(floor, 0.3)],
  ]);
  brush.fillRect(0, 600, W, H - 600);
}

/** A window with the sky behind it. */
function paintWindow(brush: Brush, x: number, y: number, w: number, h: number, panes: number): void {
  fillRect(brush, '#f4f1ea', x - 10, y - 10, w + 20, h + 20, 6);
  brush.fillStyle = verticalGradient(brush, y, y + h, [
    [0, '#8fc4e8'],
    [0.7, '#d8ecf2'],
    [1, '#f6ead2'],
  ]);
  brush.fillRect(x, y, w, h);
  for (let index = 1; index < panes; index += 1)
    fillRect(brush, '#f4f1ea', x + (w / panes) * index - 5, y, 10, h);
}

/** A ward: bed, curtain, monitor. */
export function paintHospital(brush: Brush, seed: number): void {
  paintWall(brush, '#e4f0ef', '#bfd9d8', '#9fb8bc');
  fillRect(brush, '#8fb9b7', 0, 430, W, 26);
  paintWindow(brush, 470, 70, 340, 280, 2);
  glow(brush, 'rgba(255,255,255,0.75)', 'rgba(255,255,255,0)', 640, 60, 520);
  for (const x of [40, 96, 152, 208, 264]) {
    brush.fillStyle = verticalGradient(brush, 0, 620, [
      [0, '#9fd0c9'],
      [1, '#74b0ab'],
    ]);
    brush.beginPath();
    brush.roundRect(x, 40, 50, 580, 18);
    brush.fill();
  }
  fillRect(brush, '#8b979c', 20, 32, 320, 9, 4);
  // The monitor with its line, and the stand with the drip.
  fillRect(brush, '#3c4a52', 1010, 150, 190, 150, 12);
  fillRect(brush, '#0f2a2c', 1022, 162, 166, 118, 6);
  const beat = 1050 + noise(seed, 1) * 30;
  strokeLine(
    brush,
    '#63e6be',
    5,
    `M1026 230 L${beat} 230 L${beat + 14} 190 L${beat + 28} 262 L${beat + 40} 230 L1184 230`,
  );
  strokeLine(brush, '#ffb454', 4, 'M1026 264 C1060 250 1080 274 1110 262 C1140 250 1160 272 1184 260');
  fillRect(brush, '#8b979c', 1098, 300, 12, 320);
  fillRect(brush, '#8b979c', 916, 96, 8, 524);
  fillRect(brush, '#8b979c', 880, 92, 80, 8, 4);
  fillRect(brush, 'rgba(214,238,255,0.95)', 882, 104, 42, 84, 12);
  fillRect(brush, '#f7fafa', 760, 470, 470, 60, 20);
  fillRect(brush, '#ffffff', 1080, 430, 140, 60, 24);
  fillRect(brush, choose(['#8fb7d8', '#a7cbb4', '#c3b4d8'], seed, 2), 760, 500, 330, 90, 14);
  fillRect(brush, '#98a5aa', 780, 590, 430, 12, 5);
}

/** A classroom: board, globe, rows of desks. */
export function paintSchool(brush: Brush, seed: number): void {
  paintWall(brush, '#f3e3c3', '#e2c694', '#a9764c');
  fillRect(brush, '#7a4f30', 300, 60, 680, 340, 8);
  fillRect(brush, '#2f5a4a', 316, 76, 648, 308, 4);
  for (let row = 0; row < 5; row += 1) {
    const y = 116 + row * 50;
    let x = 350;
    for (let word = 0; word < 6; word += 1) {
      const width = 30 + noise(seed, row * 9 + word) * 80;
      if (x + width > 780) break;
      strokeLine(
        brush,
        'rgba(240,248,240,0.75)',
        6,
        `M${x} ${y} C${x + width * 0.3} ${y - 9} ${x + width * 0.6} ${y + 9} ${x + width} ${y}`,
      );
      x += width + 24;
    }
  }
  brush.strokeStyle = 'rgba(255,232,170,0.85)';
  brush.lineWidth = 6;
  brush.beginPath();
  brush.arc(870, 200, 54, 0, Math.PI * 2);
  brush.moveTo(800, 330);
  brush.lineTo(940, 330);
  brush.lineTo(870, 262);
  brush.closePath();
  brush.stroke();
  fillRect(brush, '#8d5f3c', 316, 384, 648, 14, 4);
  paintWindow(brush, 40, 90, 190, 300, 2);
  fillRect(brush, '#f8f3e6', 1040, 90, 190, 130, 4);
  for (const [index, colour] of ['#7fb38a', '#e0a45c', '#6f9ec4', '#c9707a'].entries()) {
    fillEllipse(brush, colour, 1078 + index * 38, 140 + noise(seed, index + 40) * 40, 24, 17);
  }
  fillRect(brush, '#7a4f30', 1094, 410, 84, 12, 4);
  fillRect(brush, '#7a4f30', 1130, 370, 10, 44);
  fillEllipse(brush, '#5aa0c8', 1135, 324, 54, 54);
  fillOutline(
    brush,
    '#8fc28a',
    'M1100 300 C1120 282 1150 292 1148 312 C1140 332 1112 330 1100 300 Z M1140 340 C1160 332 1176 340 1168 356 C1152 368 1140 358 1140 340 Z',
  );
  for (const x of [-20, 270, 560, 850, 1140]) {
    fillRect(brush, '#c58d57', x, 520, 220, 22, 6);
    fillRect(brush, '#8d5f3c', x + 20, 542, 14, 120);
    fillRect(brush, '#8d5f3c', x + 186, 542, 14, 120);
  }
}

/** A glass-walled office, with desks and a city behind. */
export function paintOffice(brush: Brush, seed: number): void {
  paintWall(brush, '#dfe5ec', '#b9c4d0', '#77828f');
  brush.fillStyle = verticalGradient(brush, 40, 430, [
    [0, '#86b8e2'],
    [1, '#e8eef0'],
  ]);
  brush.fillRect(0, 40, W, 390);
  for (let index = 0, x = -10; x < W; index += 1) {
    const width = 60 + noise(seed, index) * 90;
    const top = 170 + noise(seed, index + 30) * 170;
    fillRect(
      brush,
      choose(['#9fb3c8', '#8aa2bb', '#b3c2d2'], seed, index + 60),
      x,
      top,
      width - 6,
      430 - top,
      2,
    );
    for (let y = top + 16; y < 410; y += 26)
      fillRect(brush, 'rgba(255,255,255,0.35)', x + 10, y, width - 28, 8, 2);
    x += width;
  }
  for (const x of [0, 256, 512, 768, 1024, 1270]) fillRect(brush, '#4c5967', x - 5, 40, 10, 394);
  fillRect(brush, '#4c5967', 0, 426, W, 14);
  for (const x of [120, 640, 1160]) {
    fillRect(brush, '#f7f4ea', x - 90, 0, 180, 22, 8);
    glow(brush, 'rgba(255,252,236,0.5)', 'rgba(255,252,236,0)', x, 30, 220);
  }
  for (const x of [30, 900]) paintDesk(brush, seed + x, x);
  paintPottedPlant(brush, 640, 560);
}

function paintDesk(brush: Brush, seed: number, x: number): void {
  fillRect(brush, '#2b3440', x + 90, 400, 180, 116, 8);
  fillRect(brush, '#7fb2d6', x + 98, 408, 164, 98, 4);
  for (let line = 0; line < 4; line += 1)
    fillRect(brush, 'rgba(255,255,255,0.7)', x + 112, 424 + line * 20, 40 + noise(seed, line) * 90, 8, 3);
  fillRect(brush, '#2b3440', x + 172, 516, 16, 30);
  fillRect(brush, '#e9e2d4', x, 544, 360, 22, 6);
  fillRect(brush, '#4c5967', x + 20, 566, 14, 110);
  fillRect(brush, '#4c5967', x + 326, 566, 14, 110);
  fillRect(brush, '#d9805f', x + 300, 512, 26, 32, 6);
}

function paintPottedPlant(brush: Brush, x: number, y: number): void {
  for (const [dx, dy, turn] of [
    [-44, -100, -0.7],
    [44, -104, 0.7],
    [-16, -140, -0.2],
    [20, -146, 0.25],
  ] as const)
    fillEllipse(brush, choose(['#5f9d70', '#4f8a63'], dx + 100, 1), x + dx, y + dy, 20, 58, turn);
  fillOutline(
    brush,
    '#f2ede2',
    `M${x - 44} ${y - 60} L${x + 44} ${y - 60} L${x + 32} ${y + 30} L${x - 32} ${y + 30} Z`,
  );
}

/** A kitchen: tiles, shelves, a stove under its hood. */
export function paintKitchen(brush: Brush, seed: number): void {
  const front = choose(['#5f8f8b', '#c9785a', '#7b86b0', '#8c9a5f'], seed, 1);
  paintWall(brush, '#f6ecd9', '#e7d3b0', '#b78a5e');
  for (let row = 0; row < 5; row += 1) {
    for (let column = 0; column < 22; column += 1) {
      const shade = noise(seed, row * 30 + column) * 0.12;
      fillRect(brush, darken('#fbf7ee', shade), column * 60 - (row % 2) * 30, 300 + row * 34, 56, 30, 4);
    }
  }
  paintWindow(brush, 500, 60, 280, 210, 2);
  for (const x of [30, 220]) {
    fillRect(brush, front, x, 40, 170, 200, 10);
    fillRect(brush, darken(front, 0.2), x + 12, 52, 146, 176, 6);
    fillEllipse(brush, '#f2d8a0', x + 148, 190, 7, 7);
  }
  fillOutline(brush, '#8d979d', 'M900 60 L1180 60 L1220 210 L860 210 Z');
  fillRect(brush, '#727c82', 850, 206, 380, 20, 6);
  for (const [index, colour] of ['#c0563f', '#3f6b78', '#e0a84a'].entries()) {
    const x = 930 + index * 84;
    fillRect(brush, '#5b646a', x + 14, 226, 5, 40);
    fillEllipse(brush, colour, x + 16, 300, 30, 36);
  }
  fillRect(brush, '#e8dfcf', 0, 470, W, 24, 4);
  for (const x of [0, 214, 428, 642, 1070]) {
    fillRect(brush, front, x + 6, 500, 202, 220, 8);
    fillRect(brush, darken(front, 0.18), x + 18, 514, 178, 190, 6);
  }
  fillRect(brush, '#4b555b', 862, 500, 202, 220, 8);
  fillRect(brush, '#23292d', 882, 540, 162, 120, 8);
  glow(brush, 'rgba(255,170,80,0.5)', 'rgba(255,170,80,0)', 963, 600, 110);
  fillRect(brush, '#c8553d', 900, 416, 120, 54, 14);
  for (const [index, x] of [300, 350, 400].entries())
    fillRect(brush, choose(['#d9a55b', '#7fae8a', '#e8d7bd'], seed, index + 9), x, 416, 38, 54, 8);
  glow(brush, 'rgba(255,228,170,0.45)', 'rgba(255,228,170,0)', 640, 120, 420);
}
