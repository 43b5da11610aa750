import type { FieldAxis, ReceptiveField } from '../../shared/results/tracing';
import { ownPlacement } from '../explain/maps/placement';
import { type ShapedGraph, spatialSizes } from '../explain/shapedGraph';
import type { GraphNode, TensorRef } from '../graph/graph';

/**
 * The theoretical receptive field of a layer's units on one input: the extent, stride and padding of their windows, which
 * grow with every window in between (Araujo et al., "Computing Receptive Fields of Convolutional Neural Networks", 2019).
 * Branches that merge keep the largest window; their strides and centres must be equal.
 * @param input path of the input node.
 */
export function receptiveField(shapes: ShapedGraph, layer: TensorRef, input: string): ReceptiveField {
  const found = new Map<string, ReceptiveField>();
  for (const node of shapes.graph.nodes.values()) {
    const field = node.path === input ? fieldOfInput(shapes, node) : fieldAfter(shapes, node, found);
    if (field) found.set(node.path, field);
    if (node.path === layer.node) break;
  }
  return found.get(layer.node) ?? { kind: 'unknown', layer: layer.node };
}

function fieldOfInput(shapes: ShapedGraph, { path }: GraphNode): ReceptiveField {
  const sizes = spatialSizes(shapes, { node: path, output: 0 });
  if (!sizes) return { kind: 'unknown', layer: path };
  return { kind: 'window', axes: sizes.map(() => ({ size: 1, stride: 1, padding: 0 })), gate: null };
}

/** `null` for a layer that does not depend on the input. */
function fieldAfter(
  shapes: ShapedGraph,
  node: GraphNode,
  found: ReadonlyMap<string, ReceptiveField>,
): ReceptiveField | null {
  const output = spatialSizes(shapes, { node: node.path, output: 0 });
  const hasExtent = output?.some((size) => size > 1) ?? false;
  let merged: ReceptiveField | null = null;
  let gate: string | null = null;
  let whole: ReceptiveField | null = null;
  for (const ref of node.inputs) {
    const before = found.get(ref.node);
    if (!before) continue;
    if (before.kind === 'whole') whole = before;
    else {
      const after = throughLayer(shapes, node, ref, before);
      merged = merged === null ? after : merge(merged, after, node.path);
    }
  }
  if (whole) {
    // A gate scales every position by values that were pooled over all of them.
    if (merged?.kind !== 'window' || !hasExtent) return merged ?? whole;
    gate = node.path;
  }
  return merged?.kind === 'window' && gate !== null ? { ...merged, gate } : merged;
}

function throughLayer(
  shapes: ShapedGraph,
  node: GraphNode,
  ref: TensorRef,
  before: ReceptiveField,
): ReceptiveField {
  if (before.kind !== 'window') return before;
  const input = spatialSizes(shapes, ref);
  const outputRef = { node: node.path, output: 0 };
  const output = spatialSizes(shapes, outputRef);
  if (!input || !output) return { kind: 'unknown', layer: node.path };
  const joins = (shapes.shapeOf(outputRef)?.length ?? 0) < 3 && before.axes.length > 0;
  const placement = ref.output === 0 ? ownPlacement(shapes, node, ref, { input, output }) : null;
  if (placement?.length !== before.axes.length) {
    return { kind: joins || output.every((size) => size === 1) ? 'whole' : 'unknown', layer: node.path };
  }
  const axes = before.axes.map((axis, i): FieldAxis | null => {
    const { centre, stride, window } = placement[i] ?? { centre: 0, stride: 1, window: null };
    if (window === null) return null;
    const padding = (window - 1) / 2 - centre;
    return {
      size: axis.size + (window - 1) * axis.stride,
      stride: axis.stride * stride,
      padding: axis.padding + padding * axis.stride,
    };
  });
  const known = axes.filter((axis) => axis !== null);
  return known.length === axes.length
    ? { kind: 'window', axes: known, gate: before.gate }
    : { kind: 'unknown', layer: node.path };
}

function merge(a: ReceptiveField, b: ReceptiveField, layer: string): ReceptiveField {
  if (a.kind !== 'window') return a;
  if (b.kind !== 'window') return b;
  const isAligned = a.axes.every((axis, i) => {
    const other = b.axes[i];
    return other !== undefined && axis.stride === other.stride && centre(axis) === centre(other);
  });
  if (!isAligned || a.axes.length !== b.axes.length) return { kind: 'misaligned', layer };
  const axes = a.axes.map((axis, i) => {
    const other = b.axes[i] ?? axis;
    return other.size > axis.size ? other : axis;
  });
  return { kind: 'window', axes, gate: a.gate ?? b.gate };
}

/** Of the window of unit 0. */
const centre = ({ size, padding }: FieldAxis): number => (size - 1) / 2 - padding;
