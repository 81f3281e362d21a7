/** Backgrounds for travel: a train, streets by day and night, a forest, space. `seed` varies the details. */
import { FRAME_HEIGHT_PX as H, FRAME_WIDTH_PX as W } from '../clip-plan.ts';
import { choose, noise } from '../random.ts';
import { type Brush, fillEllipse, fillOutline, fillRect, glow, verticalGradient } from './canvas.ts';
import { darken, fade, lighten, mix } from './colour.ts';

/** A railway carriage: windows with countryside behind them, seats. */
export function paintTrain(brush: Brush, seed: number): void {
  brush.fillStyle = verticalGradient(brush, 0, H, [
    [0, '#d8d2c4'],
    [0.6, '#b9b2a4'],
    [1, '#6f6a66'],
  ]);
  brush.fillRect(0, 0, W, H);
  for (const x of [30, 460, 890]) {
    fillRect(brush, '#5d5a58', x - 14, 86, 388, 318, 44);
    brush.save();
    brush.beginPath();
    brush.roundRect(x, 100, 360, 290, 34);
    brush.clip();
    brush.fillStyle = verticalGradient(brush, 100, 390, [
      [0, '#8cc6ea'],
      [0.55, '#dceef0'],
      [1, '#f3e6c0'],
    ]);
    brush.fillRect(x, 100, 360, 290);
    for (let hill = 0; hill < 3; hill += 1) {
      const y = 300 + hill * 34 - noise(seed, x + hill) * 30;
      fillEllipse(
        brush,
        mix('#9cc59a', '#4f8a5f', hill / 2),
        x + 60 + noise(seed, x + hill + 5) * 240,
        y + 90,
        330,
        100,
      );
    }
    for (let pole = 0; pole < 2; pole += 1) {
      const at = x + 60 + pole * 190 + noise(seed, x + pole + 9) * 60;
      fillRect(brush, 'rgba(70,60,56,0.6)', at, 190, 6, 200);
    }
    brush.fillStyle = 'rgba(255,255,255,0.16)';
    brush.beginPath();
    brush.moveTo(x + 60, 100);
    brush.lineTo(x + 150, 100);
    brush.lineTo(x + 20, 390);
    brush.lineTo(x - 60, 390);
    brush.fill();
    brush.restore();
  }
  fillRect(brush, '#8a857c', 0, 34, W, 18, 8);
  for (let x = 20; x < W; x += 180) {
    fillRect(brush, choose(['#8a5a44', '#46627a', '#7a7a58', '#6d4f6e'], seed, x), x, 2, 120, 34, 8);
  }
  for (let strip = 0; strip < 4; strip += 1) fillRect(brush, '#fffaf0', strip * 330 + 40, 58, 250, 10, 5);
  for (const x of [-60, 300, 660, 1020]) {
    const cloth = choose(['#3f5f86', '#7a3f4f'], seed, 77);
    fillRect(brush, darken(cloth, 0.2), x, 430, 320, 300, 40);
    fillRect(brush, cloth, x + 16, 446, 288, 280, 32);
    fillRect(brush, '#efe8da', x + 60, 436, 200, 60, 18);
  }
}

/** A street with shops, in daylight. */
export function paintStreet(brush: Brush, seed: number): void {
  brush.fillStyle = verticalGradient(brush, 0, 420, [
    [0, '#79bde8'],
    [1, '#eaf3ee'],
  ]);
  brush.fillRect(0, 0, W, H);
  glow(brush, 'rgba(255,248,214,0.9)', 'rgba(255,248,214,0)', 640, 190, 330);
  paintHouses(brush, seed, false);
  paintRoad(brush, '#8e9299', '#c9c3b8');
  for (const x of [110, 1170]) paintStreetTree(brush, x, 590);
}

/** The same street by lamplight. */
export function paintStreetNight(brush: Brush, seed: number): void {
  brush.fillStyle = verticalGradient(brush, 0, 420, [
    [0, '#0c1230'],
    [1, '#3b3560'],
  ]);
  brush.fillRect(0, 0, W, H);
  paintHouses(brush, seed, true);
  paintRoad(brush, '#23242f', '#38364a');
  for (const x of [180, 1100]) {
    fillRect(brush, '#15141f', x - 5, 190, 10, 420);
    fillRect(brush, '#15141f', x - 30, 182, 60, 12, 6);
    glow(brush, 'rgba(255,214,140,0.85)', 'rgba(255,190,110,0)', x, 206, 230);
    fillEllipse(brush, '#fff0c4', x, 202, 22, 12);
    fillEllipse(brush, 'rgba(255,206,130,0.2)', x, 640, 190, 34);
  }
  for (let index = 0; index < 12; index += 1) {
    const colour = choose(['#ff8d6b', '#ffd98a', '#7fe0d3', '#ff6f91'], seed, index + 300);
    const radius = 8 + noise(seed, index + 320) * 14;
    fillEllipse(
      brush,
      fade(colour, 0.4),
      500 + noise(seed, index + 340) * 280,
      470 + noise(seed, index + 360) * 80,
      radius,
      radius,
    );
  }
}

/** Two rows of houses that recede towards the middle. */
function paintHouses(brush: Brush, seed: number, isNight: boolean): void {
  for (const side of [-1, 1] as const) {
    for (let house = 3; house >= 0; house -= 1) paintHouse(brush, seed, side, house, isNight);
  }
}

const DAY_WALLS = ['#d98f6c', '#e6c48f', '#9fb5a4', '#c77f7a', '#d9d2c3'];
const NIGHT_WALLS = ['#2a2746', '#332d4f', '#241f3d', '#3b3357'];

/** @param house 0 the nearest .. 3 the farthest */
function paintHouse(brush: Brush, seed: number, side: -1 | 1, house: number, isNight: boolean): void {
  const near = 1 - house * 0.22;
  const inner = 640 + side * (120 + (3 - house) * 130);
  const width = 60 + near * 190;
  const top = 330 - near * 290 + noise(seed, house * 7 + side + 20) * 50;
  const x = side < 0 ? inner - width : inner;
  const wall = choose(isNight ? NIGHT_WALLS : DAY_WALLS, seed, house * 11 + side + 40);
  fillRect(brush, wall, x, top, width, 600 - top);
  fillRect(brush, darken(wall, 0.25), x - 6, top - 10, width + 12, 16, 4);
  for (let index = 0; index < 12; index += 1) {
    const y = top + 40 + Math.floor(index / 3) * 84 * near;
    if (y > 430) break;
    const lit = noise(seed, house * 50 + index + side * 400);
    const dark = lit > 0.5 ? '#ffd080' : '#171430';
    const glass = isNight ? dark : lighten('#7fa8c0', lit * 0.5);
    fillRect(brush, glass, x + width * (0.12 + (index % 3) * 0.29), y, width * 0.18, 52 * near, 3);
  }
  const awning = choose(['#c8553d', '#3f7f78', '#d9a23f', '#5a6fb0'], seed, house * 3 + side + 90);
  fillRect(brush, isNight ? '#ffdf9e' : '#44545c', x + width * 0.08, 488, width * 0.84, 106, 4);
  fillRect(brush, isNight ? darken(awning, 0.4) : awning, x, 460, width, 34, 6);
}

function paintRoad(brush: Brush, road: string, pavement: string): void {
  fillRect(brush, pavement, 0, 590, W, 130);
  fillOutline(brush, road, `M560 560 L720 560 L1010 ${H} L270 ${H} Z`);
  for (const [y, w] of [
    [590, 8],
    [630, 12],
    [680, 18],
  ] as const)
    fillRect(brush, 'rgba(255,255,255,0.55)', 640 - w / 2, y, w, w * 1.8, 2);
}

function paintStreetTree(brush: Brush, x: number, y: number): void {
  fillRect(brush, '#6b4d38', x - 9, y - 190, 18, 200, 6);
  for (const [dx, dy, radius] of [
    [-50, -210, 62],
    [50, -214, 60],
    [0, -270, 74],
  ] as const)
    fillEllipse(brush, '#5f9d62', x + dx, y + dy, radius, radius);
  fillEllipse(brush, 'rgba(234,246,184,0.35)', x - 16, y - 290, 44, 40);
}

/** A forest: trunks, ferns, light from above. */
export function paintForest(brush: Brush, seed: number): void {
  brush.fillStyle = verticalGradient(brush, 0, H, [
    [0, '#cfe6b4'],
    [0.45, '#8fbf86'],
    [1, '#2f5a3f'],
  ]);
  brush.fillRect(0, 0, W, H);
  glow(brush, 'rgba(255,252,214,0.95)', 'rgba(255,252,214,0)', 700, 120, 480);
  for (const [depth, colour, count] of [
    [0, '#8db58a', 14],
    [1, '#5d8f66', 9],
    [2, '#35553f', 6],
  ] as const) {
    for (let index = 0; index < count; index += 1) {
      const x = ((index + noise(seed, depth * 40 + index) * 0.8) / count) * (W + 80) - 40;
      // The middle stays open.
      if (depth === 2 && x > 330 && x < 930) continue;
      const width = 14 + depth * 22 + noise(seed, depth * 40 + index + 20) * 12;
      fillOutline(
        brush,
        colour,
        `M${x - width * 0.4} -10 L${x + width * 0.4} -10 L${x + width * 0.6} 600 L${x + width} 660 L${x - width} 660 L${x - width * 0.6} 600 Z`,
      );
    }
    for (let leaf = 0; leaf < 26; leaf += 1) {
      const y = noise(seed, depth * 90 + leaf + 300) * (130 - depth * 20);
      const radius = 40 + noise(seed, depth * 90 + leaf + 330) * 60;
      fillEllipse(
        brush,
        fade(mix(colour, '#4f9a52', 0.45), 0.8),
        noise(seed, depth * 90 + leaf + 360) * W,
        y - 20,
        radius,
        radius * 0.7,
      );
    }
  }
  brush.fillStyle = 'rgba(255,250,205,0.16)';
  for (const x of [520, 660, 800]) {
    brush.beginPath();
    brush.moveTo(x, 0);
    brush.lineTo(x + 60, 0);
    brush.lineTo(x - 120, 640);
    brush.lineTo(x - 260, 640);
    brush.fill();
  }
  fillEllipse(brush, '#3c6a46', 640, 720, 900, 110);
  for (let index = 0; index < 40; index += 1) {
    const x = noise(seed, index + 500) * W;
    const y = 630 + noise(seed, index + 540) * 70;
    fillEllipse(
      brush,
      choose(['#4f8a55', '#6da863', '#3b6b47'], seed, index + 580),
      x,
      y,
      14,
      44,
      (noise(seed, index + 620) - 0.5) * 1.6,
    );
  }
}

/** Space, seen from a ship's window. */
export function paintSpace(brush: Brush, seed: number): void {
  brush.fillStyle = verticalGradient(brush, 0, H, [
    [0, '#05060f'],
    [0.6, '#101634'],
    [1, '#2a1c48'],
  ]);
  brush.fillRect(0, 0, W, H);
  glow(brush, 'rgba(150,90,200,0.45)', 'rgba(150,90,200,0)', 300 + noise(seed, 1) * 300, 260, 420);
  glow(brush, 'rgba(60,150,190,0.35)', 'rgba(60,150,190,0)', 900, 160, 360);
  for (let index = 0; index < 220; index += 1) {
    const size = 0.8 + noise(seed, index + 400) ** 3 * 4;
    const colour = choose(['#ffffff', '#ffe9c4', '#c4dcff'], seed, index + 640);
    fillEllipse(brush, fade(colour, 0.85), noise(seed, index) * W, noise(seed, index + 200) * H, size, size);
  }
  const planet = choose(['#4f8fc0', '#c9785a', '#8fb08a', '#b58fd0'], seed, 3);
  glow(brush, fade(lighten(planet, 0.4), 0.5), fade(planet, 0), 1020, 250, 260);
  fillEllipse(brush, planet, 1020, 250, 170, 170);
  brush.save();
  brush.beginPath();
  brush.ellipse(1020, 250, 170, 170, 0, 0, Math.PI * 2);
  brush.clip();
  for (let band = 0; band < 6; band += 1)
    fillEllipse(
      brush,
      fade(lighten(planet, 0.5), 0.22),
      1000 + noise(seed, band + 9) * 60,
      120 + band * 52,
      180,
      16,
      -0.2,
    );
  fillEllipse(brush, 'rgba(4,6,18,0.6)', 1110, 300, 190, 190);
  brush.restore();
  // The ship's frame.
  for (const [x, w] of [
    [-20, 60],
    [1240, 60],
  ] as const)
    fillRect(brush, '#2b3242', x, 0, w, H);
  fillRect(brush, '#2b3242', 0, 0, W, 26);
  fillRect(brush, '#333c50', 0, 590, W, 130);
  fillRect(brush, '#4a566e', 0, 584, W, 14);
  for (let light = 0; light < 26; light += 1) {
    const colour = choose(['#63e6be', '#ffb454', '#69b7ff', '#ff6f91'], seed, light + 800);
    fillRect(brush, colour, 60 + light * 46, 622 + (light % 3) * 24, 22, 9, 4);
  }
}
