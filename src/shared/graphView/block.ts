import { Graph, layout } from '@dagrejs/dagre';
import { GAP_X, GAP_Y, LABEL_HEIGHT, type Point, type Size } from './geometry';
import { lateOrder } from './order';

/** A box of a block, which the layout may have to put into the first or the last row. */
export interface BlockItem extends Size {
  readonly pin?: 'top' | 'bottom' | undefined;
}

export interface BlockLink {
  readonly from: number;
  readonly to: number;
  /** Width of its label, 0 for none. */
  readonly labelWidth: number;
}

export interface BlockLayout {
  /** Top left corners. */
  readonly items: readonly Point[];
  /** For each link the points between its two ends, from `from` to `to`. */
  readonly bends: readonly (readonly Point[])[];
}

/**
 * Above these sizes dagre takes seconds (150 boxes in a row 0.1 s, 1,000 boxes 3 s, 3,000 boxes overflow its stack; it puts a
 * point into every row that a link passes): such a block gets rows without crossing minimization instead. Chains and everything
 * before and after a single value are split off before (`level.ts`), so only a block of this many intertwined branches is that
 * large.
 */
const MAX_DAGRE_ITEMS = 220;
const MAX_DAGRE_LINKS = 600;
const MAX_DAGRE_POINTS = 1500;
/** Of a link between boxes, and of the tie of a pinned box to the edge, which holds whatever the links cost. */
const WEIGHT = 100;
const PIN_WEIGHT = 1_000_000;
/** Of the tie of any other box, which is only never above the edge; dagre divides by weights, so that it must not be 0. */
const TIE_WEIGHT = 1;
/** Beside a block of rows. */
const LANES = 40;
const LANE_WIDTH = 8;

/** Places the boxes of a graph without cycles so that every link leads down. */
export function layoutBlock(items: readonly BlockItem[], links: readonly BlockLink[]): BlockLayout {
  const rows = rowNumbers(items, links);
  const points = links.reduce((sum, { from, to }) => sum + (rows[to] ?? 0) - (rows[from] ?? 0), 0);
  const isSmall =
    items.length <= MAX_DAGRE_ITEMS && links.length <= MAX_DAGRE_LINKS && points <= MAX_DAGRE_POINTS;
  return isSmall && items.length > 2 ? withDagre(items, links) : inRows(items, links, rows);
}

/** The number of links on the longest path to each box from a source. */
function rowNumbers(items: readonly BlockItem[], links: readonly BlockLink[]): Int32Array {
  const above: number[][] = items.map(() => []);
  for (const { from, to } of links) above[to]?.push(from);
  const rows = new Int32Array(items.length);
  for (const item of lateOrder(items.length, links)) {
    for (const from of above[item] ?? []) rows[item] = Math.max(rows[item] ?? 0, (rows[from] ?? 0) + 1);
  }
  const last = rows.reduce((most, row) => Math.max(most, row), 0);
  return rows.map((row, i) => (items[i]?.pin === 'bottom' ? last : row));
}

function withDagre(items: readonly BlockItem[], links: readonly BlockLink[]): BlockLayout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: 'TB',
    nodesep: GAP_X,
    edgesep: 14,
    ranksep: GAP_Y - LABEL_HEIGHT,
    rankalign: 'top',
  });
  for (const [i, { width, height }] of items.entries()) graph.setNode(String(i), { width, height });
  for (const [i, { from, to, labelWidth }] of links.entries()) {
    const label = { width: labelWidth, height: LABEL_HEIGHT, labelpos: 'c', weight: WEIGHT };
    graph.setEdge(String(from), String(to), label, String(i));
  }
  pinRows(graph, items, links);
  layout(graph);
  const centres = items.map((_, i): Point => graph.node(String(i)));
  const tops = centres.map(({ x, y }, i) => ({ x, y: Math.round(y - (items[i]?.height ?? 0) / 2) }));
  const sign = isMirrored(tops) ? -1 : 1;
  return {
    items: items.map(({ width, height }, i) => {
      const { x, y } = centres[i] ?? { x: 0, y: 0 };
      return { x: sign * x - width / 2, y: y - height / 2 };
    }),
    bends: links.map(({ from, to }, i) =>
      graph
        .edge({ v: String(from), w: String(to), name: String(i) })
        .points.slice(1, -1)
        .map(({ x, y }: Point) => ({ x: sign * x, y })),
    ),
  };
}

/** Whether more neighbours of a row are in reverse order than in the order given: the mirror image is equally good then. */
function isMirrored(places: readonly Point[]): boolean {
  const rows = new Map<number, Point[]>();
  for (const place of places) {
    const row = rows.get(place.y);
    if (row) row.push(place);
    else rows.set(place.y, [place]);
  }
  let ordered = 0;
  for (const row of rows.values()) {
    for (const [i, { x }] of row.entries()) ordered += i === 0 ? 0 : Math.sign(x - (row[i - 1]?.x ?? x));
  }
  return ordered < 0;
}

/** Ties pinned boxes to a point above all boxes or below them, where there are others that could be there. */
function pinRows(graph: Graph, items: readonly BlockItem[], links: readonly BlockLink[]): void {
  for (const pin of ['top', 'bottom'] as const) {
    const hasLink = new Set(links.map(({ from, to }) => (pin === 'top' ? to : from)));
    const ends = items.flatMap((item, i) => (hasLink.has(i) ? [] : [{ item, name: String(i) }]));
    const pinned = ends.filter(({ item }) => item.pin === pin);
    if (pinned.length === 0 || ends.length === 1) continue;
    graph.setNode(pin, { width: 0, height: 0 });
    for (const { item, name } of ends) {
      const label = { width: 0, height: 0, weight: item.pin === pin ? PIN_WEIGHT : TIE_WEIGHT };
      if (pin === 'top') graph.setEdge(pin, name, label, pin);
      else graph.setEdge(name, pin, label, pin);
    }
  }
}

/** Rows from top to bottom; within a row by the mean place of the boxes above. Links that pass rows lead around the block. */
function inRows(items: readonly BlockItem[], links: readonly BlockLink[], rowOf: Int32Array): BlockLayout {
  const above: number[][] = items.map(() => []);
  for (const { from, to } of links) above[to]?.push(from);
  const rows: number[][] = Array.from({ length: Math.max(0, ...rowOf) + 1 }, () => []);
  for (const item of lateOrder(items.length, links)) rows[rowOf[item] ?? 0]?.push(item);

  const places: Point[] = items.map(() => ({ x: 0, y: 0 }));
  const centre = (item: number): number => (places[item]?.x ?? 0) + (items[item]?.width ?? 0) / 2;
  let y = 0;
  let right = 0;
  for (const row of rows) {
    const wanted = new Map(
      row.map((item) => {
        const from = above[item] ?? [];
        return [item, from.length === 0 ? 0 : from.reduce((sum, one) => sum + centre(one), 0) / from.length];
      }),
    );
    row.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    const width = row.reduce((sum, item) => sum + (items[item]?.width ?? 0) + GAP_X, -GAP_X);
    let x = -width / 2;
    let height = 0;
    for (const item of row) {
      places[item] = { x, y };
      x += (items[item]?.width ?? 0) + GAP_X;
      height = Math.max(height, items[item]?.height ?? 0);
    }
    right = Math.max(right, width / 2);
    y += height + GAP_Y;
  }
  let lane = 0;
  const bends = links.map(({ from, to }): readonly Point[] => {
    if ((rowOf[to] ?? 0) - (rowOf[from] ?? 0) < 2) return [];
    const x = right + GAP_X + (lane++ % LANES) * LANE_WIDTH;
    const begin = (places[from]?.y ?? 0) + (items[from]?.height ?? 0) + GAP_Y / 2;
    return [
      { x, y: begin },
      { x, y: Math.max(begin, (places[to]?.y ?? 0) - GAP_Y / 2) },
    ];
  });
  return { items: places, bends };
}
