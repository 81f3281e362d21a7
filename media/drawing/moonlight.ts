/** Places by night, made from the same places by day, as in films: less colour, less light, and blue; then the moon. */
import { FRAME_HEIGHT_PX as H, FRAME_WIDTH_PX as W } from '../clip-plan.ts';
import { noise } from '../random.ts';
import { type Brush, fillEllipse, glow, verticalGradient } from './canvas.ts';

/** How the moon lights a place. */
interface Moonlight {
  /** Position and size of the moon, in px of the frame; null: it shines from above the frame. */
  readonly moon: readonly [x: number, y: number, radius: number] | null;
  /** How far down the sky is visible, in px: anything lower hides moon and stars. 0: trees cover the sky. */
  readonly skyPx: number;
}

const STARS = 80;

/** @returns a painter for the place by night */
export function byMoonlight(
  paint: (brush: Brush, seed: number) => void,
  { moon, skyPx }: Moonlight,
): (brush: Brush, seed: number) => void {
  return (brush, seed) => {
    paint(brush, seed);
    darkenToNight(brush);
    for (let index = 0; skyPx > 0 && index < STARS; index += 1) {
      const y = noise(seed, index + 700) * skyPx;
      // Stars fade towards the horizon.
      const light = 0.85 * (1 - y / skyPx) + 0.1;
      const size = 0.7 + noise(seed, index + 800) * 1.6;
      fillEllipse(
        brush,
        `rgba(255,252,238,${light.toFixed(2)})`,
        noise(seed, index + 900) * W,
        y,
        size,
        size,
      );
    }
    const [x, y, radius] = moon ?? [W * 0.55, 60, 85];
    glow(brush, 'rgba(226,234,255,0.5)', 'rgba(226,234,255,0)', x, y, radius * 5);
    if (moon === null) return;
    brush.save();
    brush.beginPath();
    brush.rect(0, 0, W, skyPx);
    brush.clip();
    paintMoon(brush, x, y, radius);
    brush.restore();
  };
}

function paintMoon(brush: Brush, x: number, y: number, radius: number): void {
  fillEllipse(brush, '#f4f2e2', x, y, radius, radius);
  for (const [dx, dy, size] of [
    [-0.3, -0.2, 0.22],
    [0.32, -0.38, 0.3],
  ] as const) {
    const spot = radius * size;
    fillEllipse(brush, 'rgba(196,196,190,0.45)', x + dx * radius, y + dy * radius, spot, spot * 0.75);
  }
}

function darkenToNight(brush: Brush): void {
  brush.save();
  brush.globalCompositeOperation = 'saturation';
  brush.fillStyle = 'rgba(128,128,128,0.55)';
  brush.fillRect(0, 0, W, H);
  brush.globalCompositeOperation = 'multiply';
  brush.fillStyle = verticalGradient(brush, 0, H, [
    [0, '#1a2350'],
    [0.6, '#3a4a86'],
    [1, '#2a3566'],
  ]);
  brush.fillRect(0, 0, W, H);
  brush.restore();
}
