import type { Folded } from '../../shared/graphView/fold';
import type { GraphLayout, PlacedBox, Rect } from '../../shared/graphView/layout';
import type { ViewGraph } from '../../shared/graphView/viewGraph';

export type Direction = 'up' | 'down' | 'left' | 'right';

const centre = ({ x, width }: Rect): number => x + width / 2;

/**
 * The box that an arrow key leads to: up and down along the connections, to the one that is nearest to straight; left and right
 * to the nearest box beside.
 * @param from a box that is shown
 */
export function neighbour({ boxes, folded }: GraphLayout, from: number, direction: Direction): number | null {
  const rects = new Map(boxes.map((box) => [box.node, box]));
  const start = rects.get(from);
  if (start === undefined) return null;
  if (direction === 'left' || direction === 'right') return beside(boxes, start, direction);
  const linked = direction === 'down' ? targetsOf(folded, from) : sourcesOf(folded, from);
  const near = (node: number): number => {
    const rect = rects.get(node);
    return rect === undefined
      ? Number.POSITIVE_INFINITY
      : Math.abs(centre(rect) - centre(start)) + Math.abs(rect.y - start.y);
  };
  return linked.reduce<number | null>(
    (best, node) => (best === null || near(node) < near(best) ? node : best),
    null,
  );
}

function beside(boxes: readonly PlacedBox[], start: PlacedBox, direction: 'left' | 'right'): number | null {
  let best: number | null = null;
  let distance = Number.POSITIVE_INFINITY;
  for (const box of boxes) {
    const across = (centre(box) - centre(start)) * (direction === 'right' ? 1 : -1);
    const down = Math.abs(box.y + box.height / 2 - start.y - start.height / 2);
    if (across <= 1 || down > across) continue;
    if (across + 2 * down < distance) [best, distance] = [box.node, across + 2 * down];
  }
  return best;
}

export const sourcesOf = ({ edges }: Folded, node: number): number[] =>
  edges.filter(({ to }) => to === node).map(({ from }) => from);
export const targetsOf = ({ edges }: Folded, node: number): number[] =>
  edges.filter(({ from }) => from === node).map(({ to }) => to);

/** The boxes of the whole model, folded ones too, whose path, class, activation or shape contain all words. */
export function found({ nodes }: ViewGraph, query: string): number[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return [];
  return nodes.flatMap((node, i) => {
    const shapes = node.outputShapes
      .map((shape) => (shape ?? []).map((size) => size ?? '?').join('x'))
      .join(' ');
    const text =
      `${node.path} ${node.label} ${node.className} ${node.activation ?? ''} ${shapes}`.toLowerCase();
    return words.every((word) => text.includes(word.replaceAll('×', 'x'))) ? [i] : [];
  });
}

/** The box or frame at a point of the graph. @returns `isHeading` for the heading of a frame */
export function hit(
  { boxes, frames }: GraphLayout,
  x: number,
  y: number,
): { readonly node: number; readonly isHeading: boolean } | null {
  const isIn = (rect: Rect): boolean =>
    x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height;
  const box = boxes.findLast(isIn);
  if (box) return { node: box.node, isHeading: false };
  const frame = frames.findLast((one) =>
    isIn({ x: one.x, y: one.y, width: Math.min(one.width, 280), height: 30 }),
  );
  return frame ? { node: frame.node, isHeading: true } : null;
}
