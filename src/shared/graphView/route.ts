import type { Point } from './geometry';

/**
 * A smooth line through two ends, and near the points between them, as an SVG path: a uniform cubic B-spline, as layered graphs
 * are usually drawn (d3's curveBasis).
 */
export function routePath(points: readonly Point[]): string {
  const [first, second, ...rest] = points;
  if (first === undefined || second === undefined) return '';
  if (rest.length === 0) return `M${at(first)}L${at(second)}`;
  const parts = [`M${at(first)}L${at(between(first, second, 1 / 6))}`];
  for (let i = 1; i < points.length; i += 1) {
    const [a, b] = [points[i - 1] ?? first, points[i] ?? first];
    const c = points[i + 1];
    const end = c === undefined ? between(a, b, 5 / 6) : knot(a, b, c);
    parts.push(`C${at(between(a, b, 1 / 3))} ${at(between(a, b, 2 / 3))} ${at(end)}`);
  }
  parts.push(`L${at(points.at(-1) ?? first)}`);
  return parts.join('');
}

/** Where the line passes its middle point. */
export function labelPlace(points: readonly Point[]): Point {
  const middle = Math.floor(points.length / 2);
  const [before, here, after] = [points[middle - 1], points[middle], points[middle + 1]];
  if (here === undefined || before === undefined) return here ?? { x: 0, y: 0 };
  return after === undefined ? between(before, here, 1 / 2) : knot(before, here, after);
}

const knot = (a: Point, b: Point, c: Point): Point => ({
  x: (a.x + 4 * b.x + c.x) / 6,
  y: (a.y + 4 * b.y + c.y) / 6,
});

const between = (a: Point, b: Point, share: number): Point => ({
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
});

const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;
const round = (value: number): number => Math.round(value * 10) / 10;
