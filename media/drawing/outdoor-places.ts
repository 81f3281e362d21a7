/** Outdoor backgrounds. Each paints the whole frame; `seed` varies the details. */
import { FRAME_HEIGHT_PX as H, FRAME_WIDTH_PX as W } from '../clip-plan.ts';
import { noise } from '../random.ts';
import { type Brush, fillEllipse, fillOutline, fillRect, glow, verticalGradient } from './canvas.ts';
import { darken, fade, mix } from './colour.ts';

/** A park in the morning. */
export function paintPark(brush: Brush, seed: number): void {
  brush.fillStyle = verticalGradient(brush, 0, 470, [
    [0, '#7cc3ea'],
    [0.6, '#bfe4ee'],
    [1, '#fdf3d6'],
  ]);
  brush.fillRect(0, 0, W, H);
  glow(brush, 'rgba(255,246,205,0.95)', 'rgba(255,246,205,0)', 1010, 120, 300);
  for (let index = 0; index < 6; index += 1) {
    paintCloud(
      brush,
      noise(seed, index) * W,
      50 + noise(seed, index + 10) * 150,
      0.7 + noise(seed, index + 20) * 0.8,
    );
  }
  paintHill(brush, '#a9cfa6', 410, 60);
  for (let index = 0; index < 9; index += 1) {
    paintTree(
      brush,
      40 + index * 150 + noise(seed, index + 30) * 70,
      452,
      0.55 + noise(seed, index + 40) * 0.3,
      '#7fb68a',
    );
  }
  paintHill(brush, '#86bd7f', 470, -40);
  for (const [x, size] of [
    [70, 1.5],
    [1190, 1.7],
    [640, 0.9],
  ] as const)
    paintTree(brush, x, 560, size, '#5e9d68');
  paintHill(brush, '#6aa968', 560, 26);
  fillOutline(
    brush,
    '#efe0b6',
    `M560 ${H} C600 640 700 610 640 552 C660 552 676 552 690 552 C790 610 800 660 860 ${H} Z`,
  );
}

function paintHill(brush: Brush, colour: string, y: number, swell: number): void {
  fillOutline(
    brush,
    colour,
    `M0 ${y} C${W * 0.25} ${y - swell} ${W * 0.4} ${y - swell} ${W * 0.55} ${y} C${W * 0.75} ${y + swell * 0.6} ${W * 0.9} ${y + swell * 0.3} ${W} ${y - swell * 0.5} C${W} ${y} ${W} ${H} ${W} ${H} C${W} ${H} 0 ${H} 0 ${H} Z`,
  );
}

function paintCloud(brush: Brush, x: number, y: number, size: number): void {
  for (const [dx, dy, radius] of [
    [-54, 8, 30],
    [-18, -8, 42],
    [26, -2, 38],
    [60, 10, 26],
  ] as const) {
    fillEllipse(
      brush,
      'rgba(255,255,255,0.75)',
      x + dx * size,
      y + dy * size,
      radius * size * 1.3,
      radius * size * 0.8,
    );
  }
}

function paintTree(brush: Brush, x: number, y: number, size: number, colour: string): void {
  fillRect(brush, darken('#8a6a4a', 0.1), x - 9 * size, y - 70 * size, 18 * size, 90 * size, 6);
  for (const [dx, dy, radius] of [
    [-46, -96, 52],
    [44, -100, 54],
    [0, -148, 66],
    [0, -92, 56],
  ] as const) {
    fillEllipse(brush, darken(colour, 0.12), x + dx * size, y + dy * size, radius * size, radius * size);
  }
  for (const [dx, dy, radius] of [
    [-40, -110, 36],
    [26, -124, 40],
    [-8, -164, 44],
  ] as const) {
    fillEllipse(
      brush,
      mix(colour, '#eaf6b8', 0.3),
      x + dx * size,
      y + dy * size,
      radius * size,
      radius * size,
    );
  }
}

/** A city at night, seen from a roof. */
export function paintNight(brush: Brush, seed: number): void {
  brush.fillStyle = verticalGradient(brush, 0, H, [
    [0, '#0d1338'],
    [0.5, '#2b2a66'],
    [0.8, '#6b4583'],
    [1, '#a85f86'],
  ]);
  brush.fillRect(0, 0, W, H);
  for (let index = 0; index < 90; index += 1) {
    const size = 0.8 + noise(seed, index + 200) * 1.8;
    fillEllipse(
      brush,
      'rgba(255,250,230,0.8)',
      noise(seed, index) * W,
      noise(seed, index + 100) * 380,
      size,
      size,
    );
  }
  glow(brush, 'rgba(255,244,214,0.55)', 'rgba(255,244,214,0)', 250, 130, 190);
  fillEllipse(brush, '#fdf3d4', 250, 130, 52, 52);
  fillEllipse(brush, 'rgba(216,200,168,0.5)', 236, 120, 12, 9);
  fillEllipse(brush, 'rgba(216,200,168,0.4)', 268, 146, 15, 11);
  paintSkyline(brush, seed + 1, 330, '#332f6e', 0.35);
  paintSkyline(brush, seed + 2, 420, '#231f52', 0.7);
  fillRect(brush, '#15122f', 0, 612, W, H - 612);
  fillRect(brush, '#2c2858', 0, 606, W, 12);
}

function paintSkyline(brush: Brush, seed: number, top: number, colour: string, light: number): void {
  let x = -20;
  for (let index = 0; x < W; index += 1) {
    const width = 66 + noise(seed, index) * 90;
    const y = top + noise(seed, index + 50) * 150;
    fillRect(brush, colour, x, y, width - 8, H - y, 4);
    for (let wy = y + 16; wy < 600; wy += 26) {
      for (let wx = x + 12; wx < x + width - 24; wx += 22) {
        const lit = noise(seed, Math.round(wx * 7 + wy * 31));
        if (lit > 0.5)
          fillRect(brush, fade(lit > 0.8 ? '#ffd98a' : '#f7b26a', light * lit), wx, wy, 10, 13, 2);
      }
    }
    x += width;
  }
}

/** The sea at sunset. */
export function paintBeach(brush: Brush, seed: number): void {
  brush.fillStyle = verticalGradient(brush, 0, 430, [
    [0, '#5a4a8c'],
    [0.4, '#c9688c'],
    [0.75, '#f9a06b'],
    [1, '#ffdc9a'],
  ]);
  brush.fillRect(0, 0, W, H);
  for (let index = 0; index < 7; index += 1) {
    const y = 70 + noise(seed, index) * 230;
    fillEllipse(
      brush,
      'rgba(255,214,190,0.28)',
      noise(seed, index + 10) * W,
      y,
      130 + noise(seed, index + 20) * 160,
      12,
    );
  }
  glow(brush, 'rgba(255,240,190,0.9)', 'rgba(255,200,120,0)', 640, 410, 330);
  fillEllipse(brush, '#fff3cc', 640, 402, 74, 74);
  brush.fillStyle = verticalGradient(brush, 425, 610, [
    [0, '#e88d79'],
    [0.3, '#8d6798'],
    [1, '#35557f'],
  ]);
  brush.fillRect(0, 425, W, H - 425);
  for (let index = 0; index < 46; index += 1) {
    const depth = noise(seed, index + 60);
    const y = 432 + depth * 160;
    const spread = 30 + depth * 260;
    const x = 640 + (noise(seed, index + 110) - 0.5) * 2 * spread;
    fillRect(brush, fade('#ffe3ae', 0.5 - depth * 0.3), x, y, 26 + depth * 60, 2.5 + depth * 2.5, 2);
  }
  fillOutline(
    brush,
    '#d9b08a',
    `M0 640 C300 590 700 650 ${W} 604 C${W} 650 ${W} ${H} ${W} ${H} C${W} ${H} 0 ${H} 0 ${H} Z`,
  );
  paintPalm(brush, 1150, 640);
  paintPalm(brush, 66, 660);
}

function paintPalm(brush: Brush, x: number, y: number): void {
  const shade = '#3a2a4c';
  fillOutline(
    brush,
    shade,
    `M${x - 12} ${y} C${x - 8} ${y - 150} ${x - 30} ${y - 260} ${x - 6} ${y - 400} C${x - 2} ${y - 402} ${x + 4} ${y - 402} ${x + 8} ${y - 398} C${x - 14} ${y - 260} ${x + 10} ${y - 150} ${x + 14} ${y} Z`,
  );
  for (const [dx, dy, bend] of [
    [-150, -20, -90],
    [-120, 70, -40],
    [130, -30, -90],
    [150, 60, -50],
    [20, -90, -60],
  ] as const) {
    fillOutline(
      brush,
      shade,
      `M${x} ${y - 400} C${x + dx * 0.3} ${y - 400 + bend} ${x + dx * 0.7} ${y - 400 + bend} ${x + dx} ${y - 400 + dy} C${x + dx * 0.7} ${y - 372 + bend * 0.6} ${x + dx * 0.3} ${y - 376 + bend * 0.4} ${x} ${y - 388} Z`,
    );
  }
}
