import type { AxisPlacement } from '../../shared/explanation';
import type { GraphNode, TensorRef } from '../graph/graph';
import type { Trace } from '../run/trace';
import { spatialLayout } from './layerChoice';
import { identityPlacement, layerPlacement } from './layerPlacement';
import { type ShapedGraph, shapesOf, spatialSizes } from './shapedGraph';

type Placement = readonly AxisPlacement[];

/** Placement of a layer that mixes the positions of the input, or moves them in an unknown way. */
const UNKNOWN = 'lost';

/**
 * Where the cells of a layer's output are on a model input, one placement per spatial axis, from the strides, windows and
 * paddings of the layers between them; `null` if unknown. A branch without extent, such as the gate of a
 * squeeze-and-excite block, keeps the positions but makes the window unknown.
 * @param input path of the input node.
 */
export function placementOf(trace: Trace, layer: TensorRef, input: string): Placement | null {
  const shapes = shapesOf(trace);
  const found = new Map<string, Placement | typeof UNKNOWN>();
  for (const node of trace.graph.nodes.values()) {
    const place = node.path === input ? inputPlacement(shapes, node) : placementAfter(shapes, node, found);
    if (place !== null) found.set(node.path, place);
    if (node.path === layer.node) break;
  }
  const place = found.get(layer.node);
  return place === undefined || place === UNKNOWN || layer.output !== 0 ? null : place;
}

function inputPlacement(shapes: ShapedGraph, node: GraphNode): Placement | null {
  const sizes = spatialSizes(shapes, { node: node.path, output: 0 });
  return sizes && identityPlacement('same', sizes.length);
}

/** `null` for a layer that does not depend on the input. */
function placementAfter(
  shapes: ShapedGraph,
  node: GraphNode,
  found: ReadonlyMap<string, Placement | typeof UNKNOWN>,
): Placement | typeof UNKNOWN | null {
  const dependent = node.inputs.filter((ref) => found.has(ref.node));
  if (dependent.length === 0) return null;
  const output = spatialSizes(shapes, { node: node.path, output: 0 });
  if (!output) return UNKNOWN;
  const branches: Placement[] = [];
  let isGated = false;
  for (const ref of dependent) {
    const sizes = spatialSizes(shapes, ref);
    const before = found.get(ref.node);
    const hasExtent = sizes?.some((size) => size > 1) ?? false;
    if (!hasExtent && output.some((size) => size > 1)) {
      isGated = true;
      continue;
    }
    if (before === undefined || before === UNKNOWN || ref.output !== 0 || sizes?.length !== before.length)
      return UNKNOWN;
    const placement = ownPlacement(shapes, node, ref, { input: sizes, output });
    if (placement === null || output.length !== before.length) return UNKNOWN;
    branches.push(before.map((axis, i) => compose(axis, placement[i] ?? axis)));
  }
  const joined = mergeBranches(branches);
  if (joined === null) return UNKNOWN;
  return isGated ? joined.map((axis) => ({ ...axis, window: null })) : joined;
}

/** A layer's own placement on one of its inputs; unknown for layers that join or mix along a spatial axis. */
export function ownPlacement(
  shapes: ShapedGraph,
  node: GraphNode,
  ref: TensorRef,
  sizes: { input: readonly number[]; output: readonly number[] },
): Placement | null {
  const rank = sizes.input.length;
  const { channel } = spatialLayout(shapes.graph, node, rank + 2);
  const name = node.className.split('.').at(-1) ?? '';
  const shapesMatch = sizes.input.every((size, i) => size === sizes.output[i]);
  if (name.startsWith('Concat')) return shapesMatch ? identityPlacement('same', rank) : null;
  // These work along the last axis, which is one of space where the channels come first or have no axis of their own.
  const hasChannels = channel !== 1 && (shapes.shapeOf(ref)?.length ?? 0) > 2;
  if ((name === 'Dense' || name === 'Softmax') && !hasChannels) return null;
  const placement = layerPlacement(node, sizes);
  if (placement !== 'same' && placement !== 'mixed') return placement?.length === rank ? placement : null;
  return shapesMatch ? identityPlacement(placement, rank) : null;
}

/** Composes the placement of a layer on its input with that of its input. */
function compose(before: AxisPlacement, after: AxisPlacement): AxisPlacement {
  const isKnown = before.window !== null && after.window !== null;
  return {
    centre: before.centre + before.stride * after.centre,
    stride: before.stride * after.stride,
    window: isKnown ? before.window + before.stride * (after.window - 1) : null,
  };
}

/** The union of the windows of merging branches; `null` if they are not aligned. */
function mergeBranches(branches: readonly Placement[]): Placement | null {
  const [first, ...others] = branches;
  if (!first) return null;
  return others.reduce<Placement | null>((all, branch) => {
    if (all === null || branch.some(({ stride }, i) => stride !== all[i]?.stride)) return null;
    return all.map((axis, i) => hull(axis, branch[i] ?? axis));
  }, first);
}

function hull(a: AxisPlacement, b: AxisPlacement): AxisPlacement {
  if (a.window === null || b.window === null)
    return { ...a, centre: (a.centre + b.centre) / 2, window: null };
  const start = Math.min(a.centre - a.window / 2, b.centre - b.window / 2);
  const end = Math.max(a.centre + a.window / 2, b.centre + b.window / 2);
  return { centre: (start + end) / 2, stride: a.stride, window: end - start };
}
