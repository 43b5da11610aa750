import type { AxisPlacement } from '../../../shared/explanation';
import type { Graph, GraphNode, TensorRef } from '../../graph/graph';
import { findKind } from '../../kinds/registry';
import type { Trace } from '../../run/trace';
import { spatialLayout } from '../layerChoice';
import { type ShapedGraph, shapesOf, spatialSizes } from '../shapedGraph';
import { identityPlacement, layerPlacement } from './layerPlacement';

type Placement = readonly AxisPlacement[];
type Placements = ReadonlyMap<string, Placement | null>;

/** Placement of a layer that mixes the positions of the input, or moves them in an unknown way. */
const UNKNOWN = 'lost';

/**
 * Where the cells of a layer's output are on a model input, one placement per spatial axis, from the strides, windows and
 * paddings of the layers between them; `null` if unknown. A branch without extent, such as the gate of a
 * squeeze-and-excite block, keeps the positions but makes the window unknown.
 * @param input path of the input node.
 */
export function placementOf(trace: Trace, layer: TensorRef, input: string): Placement | null {
  return layer.output === 0 ? (placementsOn(trace, input, layer.node).get(layer.node) ?? null) : null;
}

/** The placements of all outputs 0 up to that of `last`; null for those that depend on the input in an unknown way. */
export function placementsOn(trace: Trace, input: string, last: string): Placements {
  const isText = trace.graph.inputs.some((path) => trace.values.get(path)?.outputs[0]?.dtype === 'string');
  // Where the words of a text are depends on its values.
  if (isText) return findPlacements(trace, input, last);
  const sizes = [...trace.graph.inputs, last].map((path) => trace.values.get(path)?.outputs[0]?.shape);
  const key = JSON.stringify([input, last, sizes]);
  const ofGraph = known.get(trace.graph) ?? new Map<string, Placements>();
  known.set(trace.graph, ofGraph);
  const found = ofGraph.get(key) ?? findPlacements(trace, input, last);
  if (ofGraph.size >= MAX_KNOWN) ofGraph.clear();
  ofGraph.set(key, found);
  return found;
}

/** By input, layer and shapes: each new input of a model asks for the same ones. */
const known = new WeakMap<Graph, Map<string, Placements>>();
const MAX_KNOWN = 16;

function findPlacements(trace: Trace, input: string, last: string): Placements {
  const shapes = shapesOf(trace);
  const found = new Map<string, Placement | typeof UNKNOWN>();
  for (const node of trace.graph.nodes.values()) {
    const place =
      node.path === input
        ? inputPlacement(shapes, node)
        : (wordPlacement(trace, node, found) ?? placementAfter(shapes, node, found));
    if (place !== null) found.set(node.path, place);
    if (node.path === last) break;
  }
  return new Map([...found].map(([path, place]) => [path, place === UNKNOWN ? null : place]));
}

function inputPlacement(shapes: ShapedGraph, node: GraphNode): Placement | null {
  const sizes = spatialSizes(shapes, { node: node.path, output: 0 });
  return sizes && identityPlacement('same', sizes.length);
}

/** Of a layer that splits the text of the input into words, which are the positions of the text. */
function wordPlacement(trace: Trace, node: GraphNode, found: ReadonlyMap<string, unknown>): Placement | null {
  const [from] = node.inputs;
  const text = from && found.has(from.node) ? trace.values.get(from.node)?.outputs[from.output] : undefined;
  const kind = text?.dtype === 'string' ? findKind(node.className) : undefined;
  if (text === undefined || kind?.tokens === undefined) return null;
  const words = kind.tokens(node.config, text.dataSync<'string'>(), text.shape);
  const shape = trace.values.get(node.path)?.outputs[0]?.shape ?? [];
  return words !== null && words.length === shape[1] ? identityPlacement('same', 1) : null;
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
  const carriers = carriersOf(node, dependent);
  if (carriers.length === 0) return UNKNOWN;
  const branches: Placement[] = [];
  let isGated = false;
  for (const ref of carriers) {
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

/** The inputs of a node whose positions its output keeps: of an attention layer the query alone. */
export function carriersOf(
  { className, config, call, inputs }: GraphNode,
  dependent: readonly TensorRef[],
): readonly TensorRef[] {
  const view = findKind(className)?.attention;
  if (view === undefined) return dependent;
  const query = inputs[view.slots(config, call, inputs.length).query];
  return dependent.filter((ref) => ref === query);
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
