import type { ViewEdge, ViewGraph, ViewNode } from '../../../src/shared/graphView/viewGraph';

/** Graphs for tests, written as `a > b`; a name in a group is `group/name`. */
export function graphOf(...links: readonly string[]): ViewGraph {
  const nodes: ViewNode[] = [];
  const indices = new Map<string, number>();
  const add = (path: string): number => {
    const known = indices.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf('/');
    const parent = slash < 0 ? null : add(path.slice(0, slash));
    if (parent !== null)
      nodes[parent] = {
        ...box(nodes[parent]?.path ?? ''),
        parent: nodes[parent]?.parent ?? null,
        kind: 'group',
      };
    indices.set(path, nodes.length);
    nodes.push({ ...box(path), parent });
    return nodes.length - 1;
  };
  const edges: ViewEdge[] = [];
  for (const link of links) {
    const names = link.split(' > ').map(add);
    for (const [i, to] of names.entries()) if (i > 0) edges.push({ from: names[i - 1] ?? 0, output: 0, to });
  }
  return { name: 'test', nodes, edges };
}

export function box(path: string, more: Partial<ViewNode> = {}): ViewNode {
  return {
    kind: 'layer',
    path,
    label: path.slice(path.lastIndexOf('/') + 1),
    className: 'Conv2D',
    parent: null,
    activation: null,
    outputShapes: [[null, 8, 8, 4]],
    params: 40,
    multiplyAdds: 0,
    isUnknown: false,
    ...more,
  };
}

/** A graph without groups of so many boxes, with the given links. */
export function flatGraph(count: number, links: readonly (readonly [number, number])[]): ViewGraph {
  return {
    name: 'test',
    nodes: Array.from({ length: count }, (_, i) => box(`layer_${i}`)),
    edges: links.map(([from, to]) => ({ from, output: 0, to })),
  };
}

const chain = (count: number): [number, number][] => Array.from({ length: count - 1 }, (_, i) => [i, i + 1]);

/** Blocks of `size` layers, each with a connection that skips it. */
export const residual = (count: number, size = 8): ViewGraph =>
  flatGraph(count, [
    ...chain(count),
    ...Array.from({ length: Math.floor((count - 1) / size) }, (_, i): [number, number] => [
      i * size,
      (i + 1) * size,
    ]),
  ]);

/** An encoder and a decoder of which every `step`th layer is connected. */
export const encoderDecoder = (count: number, step = 6): ViewGraph =>
  flatGraph(count, [
    ...chain(count),
    ...Array.from({ length: Math.floor((count / 2 - 2) / step) }, (_, i): [number, number] => [
      i * step,
      count - 1 - i * step,
    ]),
  ]);

/** A mask that every fourth layer takes: no box but the last is passed by all paths. */
export const masked = (count: number): ViewGraph =>
  flatGraph(count, [
    ...chain(count - 1),
    ...Array.from({ length: Math.floor((count - 2) / 4) }, (_, i): [number, number] => [
      count - 1,
      4 * i + 4,
    ]),
  ]);

/** Random connections from each box to up to three later ones; the same for the same seed. */
export function random(count: number, seed = 1): ViewGraph {
  let state = seed;
  const next = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const links: [number, number][] = [];
  for (let to = 1; to < count; to += 1) {
    const used = new Set(Array.from({ length: 1 + next(3) }, () => next(to)));
    for (const from of used) links.push([from, to]);
  }
  return flatGraph(count, links);
}
