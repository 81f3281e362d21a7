/** The drawn backgrounds, looked at as pictures. */
import { expect, test } from 'vitest';
import { type BackdropKind, FRAME_HEIGHT_PX, FRAME_WIDTH_PX } from '../../media/clip-plan.ts';
import { paintBackdrop } from '../../media/drawing/backdrop.ts';

/** The mean of all pixels and colours, 0..255. */
function brightness(kind: BackdropKind): number {
  const camera = { x: FRAME_WIDTH_PX / 2, y: FRAME_HEIGHT_PX / 2, zoom: 1 };
  const brush = paintBackdrop(kind, 3, camera).getContext('2d');
  const { data } = brush.getImageData(0, 0, FRAME_WIDTH_PX, FRAME_HEIGHT_PX);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) {
    sum += (data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0);
  }
  return sum / (data.length * 0.75);
}

test.each([
  ['street', 'street-night'],
  ['park', 'park-night'],
  ['beach', 'beach-night'],
  ['forest', 'forest-night'],
] as const)('a %s is dark by night', (day, night) => {
  expect(brightness(night)).toBeLessThan(brightness(day) / 2);
});
