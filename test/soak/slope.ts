/** The slope of a straight line through points, by least squares. Pure. */

/** @param points x and y. @returns 0 with fewer than two */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  if (points.length < 2) return 0;
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middleX, middleY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const square = points.reduce((sum, [x]) => sum + (x - middleX) ** 2, 0);
  const product = points.reduce((sum, [x, y]) => sum + (x - middleX) * (y - middleY), 0);
  return square > 0 ? product / square : 0;
}
