import { describe, expect, it } from 'vitest';
import { allGroups, fold, indexOf, unfoldedAtFirst } from '../../../src/shared/graphView/fold';
import { type GraphLayout, GraphLayouter, type Rect } from '../../../src/shared/graphView/layout';
import { compactShape, type ViewGraph } from '../../../src/shared/graphView/viewGraph';
import { encoderDecoder, flatGraph, graphOf, masked, random, residual } from './graphs';

const layoutOf = (graph: ViewGraph, unfolded?: ReadonlySet<number>): GraphLayout => {
  const index = indexOf(graph);
  return new GraphLayouter(index).layout(unfolded ?? allGroups(index));
};

const overlaps = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width - 0.5 &&
  b.x < a.x + a.width - 0.5 &&
  a.y < b.y + b.height - 0.5 &&
  b.y < a.y + a.height - 0.5;

const contains = (outer: Rect, inner: Rect): boolean =>
  inner.x >= outer.x - 0.5 &&
  inner.y >= outer.y - 0.5 &&
  inner.x + inner.width <= outer.x + outer.width + 0.5 &&
  inner.y + inner.height <= outer.y + outer.height + 0.5;

/** Everything that must hold for any layout of a graph without cycles. */
function expectSound(graph: ViewGraph, { boxes, frames, edges, folded, width, height }: GraphLayout): void {
  const sorted = boxes.toSorted((a, b) => a.y - b.y);
  for (const [i, a] of sorted.entries()) {
    for (let k = i + 1; k < sorted.length; k += 1) {
      const b = sorted[k];
      if (b === undefined || b.y > a.y + a.height) break;
      expect(overlaps(a, b), `${graph.nodes[a.node]?.path} and ${graph.nodes[b.node]?.path}`).toBe(false);
    }
  }
  const rects = new Map<number, Rect>([...boxes, ...frames].map((rect) => [rect.node, rect]));
  const all = { x: 0, y: 0, width, height };
  for (const [node, rect] of rects) {
    expect(contains(all, rect)).toBe(true);
    const parent = graph.nodes[node]?.parent ?? null;
    const frame = parent === null ? undefined : rects.get(parent);
    if (frame) expect(contains(frame, rect), `${graph.nodes[node]?.path} in its frame`).toBe(true);
  }
  for (const frame of frames) {
    for (const box of boxes) {
      const isInside = graph.nodes[box.node]?.path.startsWith(`${graph.nodes[frame.node]?.path}/`);
      if (!isInside) expect(overlaps(frame, box)).toBe(false);
    }
  }
  for (const { points } of edges) {
    const [first, last] = [points[0], points.at(-1)];
    expect(points.length).toBeGreaterThan(1);
    expect(last?.y ?? 0).toBeGreaterThan(first?.y ?? 0);
  }
  // Each connection is drawn from its source to its target, through all frames between them.
  for (const { from, to } of folded.edges) {
    const parts = edges.filter(({ source, targets }) => source === from && targets.includes(to));
    const bottoms = parts.map(({ points }) => points[0]);
    const tops = parts.map(({ points }) => points.at(-1));
    const [source, target] = [rects.get(from), rects.get(to)];
    expect(bottoms.some((point) => point?.y === (source?.y ?? 0) + (source?.height ?? 0))).toBe(true);
    expect(tops.some((point) => Math.abs((point?.y ?? -1) - (target?.y ?? 0)) < 1e-6)).toBe(true);
  }
}

describe('layout of a graph', () => {
  it.each([
    ['a chain', graphOf('a > b > c > d')],
    ['a skip connection', graphOf('a > b > c > d', 'a > d')],
    ['an inception block', graphOf('a > b > f', 'a > c1 > c2 > f', 'a > d1 > d2 > d3 > f', 'f > g')],
    ['a dead end beside a cut', graphOf('a > b > c > d', 'a > x > y > z', 'd > e')],
    ['a second input far below', graphOf('a > b > c > d > e', 'x > y > z > e', 'e > f')],
    ['two towers', graphOf('a > b > c', 'x > y > z')],
    ['a group', graphOf('in > m/a > m/b > out')],
    ['groups in groups', graphOf('in > m/n/a > m/n/b > m/c > out', 'in > m/c', 'm/n/a > out')],
    ['two groups', graphOf('in > m/a > m/b > n/a > n/b > out', 'm/a > n/b', 'in > n/b')],
    ['a group with two inputs and two outputs', graphOf('x > m/a > m/c > p', 'y > m/b > m/c', 'm/b > q')],
    ['a group that is not connected', graphOf('a > b', 'm/x > m/y')],
    ['a group with a dead end', graphOf('in > m/a > m/b > m/c', 'm/a > out')],
    ['a residual network', residual(100)],
    ['an encoder and decoder', encoderDecoder(100)],
    ['a mask that many layers take', masked(120)],
    ['random connections', random(120)],
    ['more connections than the library gets', random(900)],
  ])('has no overlaps and leads down: %s', (_, graph) => {
    expectSound(graph, layoutOf(graph));
    expectSound(graph, layoutOf(graph, new Set()));
  });

  it('is the same when a group was unfolded and folded again', () => {
    const graph = graphOf('in > m/a > m/b > n/a > n/b > out', 'in > n/b');
    const layouter = new GraphLayouter(indexOf(graph));
    const folded = layouter.layout(new Set());
    expect(layouter.layout(allGroups(layouter.index)).boxes).toHaveLength(6);
    expect(layouter.layout(new Set())).toEqual(folded);
  });

  it('writes the shape once for each connection, where both ends are in one group', () => {
    const { edges } = layoutOf(graphOf('in > m/a > m/b > out'));
    expect(edges.map(({ label }) => label?.text ?? null)).toEqual(
      expect.arrayContaining(['8×8×4', null, '8×8×4', null, '8×8×4']),
    );
    expect(edges.filter(({ label }) => label !== null)).toHaveLength(3);
  });

  it('puts the branches of a layer in the order of the model', () => {
    const { boxes } = layoutOf(graphOf('a > x > e', 'b > y > e', 'c > z > e'));
    const at = (node: number) => boxes.find((box) => box.node === node)?.x ?? 0;
    expect(at(0)).toBeLessThan(at(3));
    expect(at(3)).toBeLessThan(at(5));
  });

  it('stacks a chain in one column', () => {
    const { boxes } = layoutOf(
      flatGraph(
        50,
        Array.from({ length: 49 }, (_, i) => [i, i + 1] as const),
      ),
    );
    expect(new Set(boxes.map(({ x, width }) => x + width / 2)).size).toBe(1);
  });

  it('ends for groups that depend on each other, as name scopes may', () => {
    const graph = graphOf('m/a > n/b > m/c > n/d > out');
    const { boxes, edges } = layoutOf(graph, new Set());
    expect(boxes).toHaveLength(3);
    expect(
      edges.map(({ points }) => (points.at(-1)?.y ?? 0) > (points[0]?.y ?? 0)).filter((down) => !down),
    ).toHaveLength(1);
    expect(layoutOf(graph).boxes).toHaveLength(5);
  });

  // Before chains and blocks were split off, the library overflowed its stack at 3,000 layers and took minutes for 1,000.
  it.each([
    ['1,000 layers with skip connections', residual(1000)],
    ['1,000 layers, half of them connected to the other half', encoderDecoder(1000)],
    ['1,000 layers of which many take one mask', masked(1000)],
    ['10,000 operations in a row', residual(10_000, 12)],
    ['10,000 operations at random', random(10_000)],
  ])(
    'does not hang: %s',
    (_, graph) => expect(layoutOf(graph).boxes).toHaveLength(graph.nodes.length),
    10_000,
  );
});

describe('folding', () => {
  const graph = graphOf('in > m/a > m/n/b > m/n/c > out', 'in > m/n/c', 'm/a > out');
  const index = indexOf(graph);
  const named = (unfolded: ReadonlySet<number>) =>
    fold(index, unfolded)
      .edges.map(({ from, to }) => `${graph.nodes[from]?.path} > ${graph.nodes[to]?.path}`)
      .sort();
  const group = (path: string) => graph.nodes.findIndex((node) => node.path === path);

  it('keeps every connection between the boxes that are shown', () => {
    expect(named(new Set())).toEqual(['in > m', 'm > out']);
    expect(named(new Set([group('m')]))).toEqual([
      'in > m/a',
      'in > m/n',
      'm/a > m/n',
      'm/a > out',
      'm/n > out',
    ]);
    expect(named(allGroups(index))).toHaveLength(graph.edges.length);
  });

  it('shows nothing of a group inside a folded one', () => {
    expect(named(new Set([group('m/n')]))).toEqual(named(new Set()));
  });

  it('counts what is inside', () => {
    expect(index.inside[group('m')]).toBe(3);
  });

  it('unfolds a small model at first, and of a large one whole depths', () => {
    expect(unfoldedAtFirst(index)).toEqual(allGroups(index));
    const links = (scope: string) =>
      Array.from({ length: 50 }, (_, i) => `${scope}/s/a${i} > ${scope}/s/a${i + 1}`);
    const large = indexOf(graphOf(...['p', 'q'].flatMap(links), 'p/s/a50 > q/s/a0', 'p/top > q/top'));
    const first = unfoldedAtFirst(large);
    expect([...first].map((node) => large.graph.nodes[node]?.path).sort()).toEqual(['p', 'p/s', 'q', 'q/s']);
  });
});

describe('shapes', () => {
  it.each([
    [[null, 112, 112, 32], '112×112×32'],
    [[1, 4], '1×4'],
    [[null, null, 8], '?×8'],
    [[null], 'scalar'],
    [[], 'scalar'],
    [null, 'unknown'],
  ])('%j is written %s', (shape, text) => expect(compactShape(shape)).toBe(text));
});
