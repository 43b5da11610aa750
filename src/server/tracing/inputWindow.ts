import type { Span } from '../../shared/results/tracing';
import { ownPlacement } from '../explain/maps/placement';
import { type ShapedGraph, spatialSizes } from '../explain/shapedGraph';
import type { GraphNode, TensorRef } from '../graph/graph';

/** A box in a layer's output or in an input: one range per spatial axis. */
type Box = readonly Span[];

/**
 * The positions of the model's inputs that a box of a layer's output can depend on, by input path; clipped to each layer in
 * between, so that padding adds nothing. Where a layer joins all positions, or moves them in an unknown way, that is the whole
 * input.
 * @param box in output `layer`; `null` for all of it.
 */
export function inputWindows(
  shapes: ShapedGraph,
  layer: TensorRef,
  box: Box | null,
): ReadonlyMap<string, Box> {
  const boxes = new Map<string, Box | 'all'>([[layer.node, box ?? 'all']]);
  const windows = new Map<string, Box>();
  const nodes = [...shapes.graph.nodes.values()];
  const last = nodes.findIndex(({ path }) => path === layer.node);
  for (let i = last; i >= 0; i--) {
    const node = nodes[i];
    const own = node && boxes.get(node.path);
    if (!node || own === undefined) continue;
    if (shapes.graph.inputs.includes(node.path)) {
      const sizes = spatialSizes(shapes, { node: node.path, output: 0 }) ?? [];
      windows.set(node.path, own === 'all' ? sizes.map((size): Span => [0, size]) : own);
    }
    for (const ref of node.inputs) {
      const seen = ref.output === 0 ? throughLayer(shapes, node, ref, own) : 'all';
      const before = boxes.get(ref.node);
      boxes.set(ref.node, before === undefined ? seen : hull(before, seen));
    }
  }
  return windows;
}

function throughLayer(shapes: ShapedGraph, node: GraphNode, ref: TensorRef, box: Box | 'all'): Box | 'all' {
  const input = spatialSizes(shapes, ref);
  const output = spatialSizes(shapes, { node: node.path, output: 0 });
  if (box === 'all' || !input || !output || box.length !== output.length) return 'all';
  const placement = ownPlacement(shapes, node, ref, { input, output });
  if (placement?.length !== box.length) return 'all';
  return box.map(([start, end], i): Span => {
    const { centre, stride, window } = placement[i] ?? { centre: 0, stride: 1, window: null };
    const size = input[i] ?? 0;
    if (window === null) return [0, size];
    const reach = (window - 1) / 2;
    // An empty range stays empty.
    const past = end > start ? centre + (end - 1) * stride + reach + 1 : centre + start * stride - reach;
    return clipped([Math.ceil(centre + start * stride - reach), Math.floor(past)], size);
  });
}

const clipped = ([start, end]: Span, size: number): Span => {
  const from = Math.min(Math.max(start, 0), size);
  return [from, Math.max(from, Math.min(end, size))];
};

function hull(a: Box | 'all', b: Box | 'all'): Box | 'all' {
  if (a === 'all' || b === 'all' || a.length !== b.length) return 'all';
  return a.map((range, i): Span => {
    const other = b[i] ?? range;
    if (range[0] === range[1]) return other;
    if (other[0] === other[1]) return range;
    return [Math.min(range[0], other[0]), Math.max(range[1], other[1])];
  });
}
