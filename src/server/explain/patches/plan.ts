import { sizeOf } from '../../../shared/model';
import type { Graph, GraphNode, TensorRef } from '../../graph/graph';
import type { LayerConfig } from '../../graph/layerConfig';
import { OpConfig } from '../../graph/opConfig';
import type { LayerKind } from '../../layers/kind';
import { withValues } from '../../layers/support/records';
import { runnableKind, type Trace } from '../../run/trace';
import { spatialLayout } from '../layerChoice';
import { plainName } from '../maps/layerPlacement';
import { ownPlacement } from '../maps/placement';
import type { Box } from '../perturbation/occlusion';
import { shapesOf } from '../shapedGraph';
import { type AxisWindow, affected, covering, hull, type Regions, seenBy, windowsOf } from './regions';

/** A layer that is computed only where the changes reach. */
export interface PatchedLayer {
  readonly node: GraphNode;
  readonly kind: LayerKind;
  /** Of a call on a part of its input, which brings its own padding. */
  readonly config: LayerConfig;
  /** Whether it gives its input as it is, in other places (padding, cropping). */
  readonly isShift: boolean;
  readonly inputs: readonly { readonly ref: TensorRef; readonly seen: Regions }[];
  /** The value that it sees beyond the border of its input. */
  readonly outside: number;
  readonly regions: Regions;
}

/** The first layers after a place, computed in boxes around what changes there. */
export interface PatchPlan {
  readonly place: TensorRef;
  readonly layers: readonly PatchedLayer[];
  /** The layers among them that others need whole. */
  readonly ends: ReadonlySet<string>;
  /** Multiply-adds of one example in `layers`. */
  readonly multiplyAdds: number;
}

/** A layer whose boxes cover more than this share of its cells is computed whole, and all that follow it. */
const MAX_SHARE = 0.5;
/** Where less than this share of all multiply-adds is saved, copying and compiling take as long. */
const MIN_SAVED = 0.35;

/** Each position of the output is made of the same position of the inputs, whatever the position. */
const POINTWISE: ReadonlySet<string> = new Set([
  ...['activation', 'relu', 'leakyrelu', 'thresholdedrelu', 'elu', 'softmax', 'dense', 'batchnormalization'],
  ...['dropout', 'spatialdropout1d', 'spatialdropout2d', 'spatialdropout3d', 'alphadropout'],
  ...['gaussiandropout', 'gaussiannoise', 'activityregularization'],
  ...['add', 'subtract', 'multiply', 'average', 'maximum', 'minimum', 'concatenate'],
]);
const CONVOLUTION = /^(depthwise|separable)?conv(olution)?[123]d$/;
const MAX_POOLING = /^maxpool(ing)?[123]d$/;
const MEAN_POOLING = /^(average|avg)pool(ing)?[123]d$/;
const SHIFT = /^(zeropadding|cropping)[123]d$/;

/**
 * Which layers after a changed value need to be computed only around the changes: convolutions, poolings, paddings and what works on each
 * position alone, as long as the boxes stay small. What lies beyond the boxes is that of the trace.
 * Nakandala, Kumar and Papakonstantinou, "Incremental and Approximate Inference for Faster Occlusion-based Deep CNN Explanations",
 * SIGMOD 2019; here exact: a box holds all that a change reaches.
 * @param place [1, ..., channels], of `boxes.length` changed examples
 * @param boxes where each of them is changed, over the spatial axes
 * @param needed nodes that a pass computes; `whole`, those of them whose values are read
 * @returns `null` where it would not save much
 */
export function planPatches(
  trace: Trace,
  place: TensorRef,
  boxes: readonly Box[],
  { needed, whole }: { readonly needed: ReadonlySet<string>; readonly whole: ReadonlySet<string> },
): PatchPlan | null {
  const { graph } = trace;
  const sizes = sizesAt(trace, place);
  if (place.output !== 0 || sizes === null || trace.values.get(place.node)?.mask) return null;
  const regions = new Map([[place.node, covering(boxes, sizes)]]);
  const layers: PatchedLayer[] = [];
  const changed = new Set([place.node]);
  let [all, saved, multiplyAdds] = [0, 0, 0];
  for (const node of graph.nodes.values()) {
    if (changed.has(node.path) || !node.inputs.some((ref) => changed.has(ref.node))) continue;
    changed.add(node.path);
    if (!needed.has(node.path)) continue;
    all += node.multiplyAdds ?? 0;
    if (whole.has(node.path) || node.inputs.some((ref) => changed.has(ref.node) && !regions.has(ref.node))) {
      continue;
    }
    const layer = patchedLayer(trace, node, regions);
    if (layer === null) continue;
    const share = sizeOf(layer.regions.size) / sizeOf(sizesAt(trace, { node: node.path, output: 0 }) ?? [1]);
    if (share > MAX_SHARE) continue;
    regions.set(node.path, layer.regions);
    layers.push(layer);
    multiplyAdds += share * (node.multiplyAdds ?? 0);
    saved += (1 - share) * (node.multiplyAdds ?? 0);
  }
  if (saved < MIN_SAVED * all) return null;
  return { place, layers, ends: endsOf(graph, layers, needed), multiplyAdds };
}

/** The layers whose values are needed by others than `layers`. */
function endsOf(
  graph: Graph,
  layers: readonly PatchedLayer[],
  needed: ReadonlySet<string>,
): ReadonlySet<string> {
  const patched = new Set(layers.map(({ node }) => node.path));
  const ends = new Set<string>();
  for (const node of graph.nodes.values()) {
    if (!needed.has(node.path) || patched.has(node.path)) continue;
    for (const ref of node.inputs) if (patched.has(ref.node)) ends.add(ref.node);
  }
  return ends;
}

/** `null` for a layer that has to be computed whole. */
function patchedLayer(
  trace: Trace,
  node: GraphNode,
  known: ReadonlyMap<string, Regions>,
): PatchedLayer | null {
  const kind = runnableKind(node);
  const name = plainName(node);
  const { outputs = [], mask, inputMasks = [] } = trace.values.get(node.path) ?? {};
  const sizes = sizesAt(trace, { node: node.path, output: 0 });
  const isPlain = outputs.length === 1 && mask === undefined && inputMasks.every((one) => one === undefined);
  if (!kind || !isPlain || sizes === null || node.config instanceof OpConfig) return null;
  const isWindowed = CONVOLUTION.test(name) || MAX_POOLING.test(name) || MEAN_POOLING.test(name);
  if (!isWindowed && !SHIFT.test(name) && !POINTWISE.has(name)) return null;
  // The mean of a window at the border is that of the cells inside.
  if (MEAN_POOLING.test(name) && node.config.raw('padding') === 'same') return null;
  if (name === 'batchnormalization' && !isLastAxis(node.config.raw('axis') ?? -1, sizes.length)) return null;
  const windows: AxisWindow[][] = [];
  for (const ref of node.inputs) {
    const input = sizesAt(trace, ref);
    const placement =
      input !== null && ref.output === 0
        ? ownPlacement(shapesOf(trace), node, ref, { input, output: sizes })
        : null;
    const own = placement && windowsOf(placement);
    if (own?.length !== sizes.length) return null;
    windows.push(own);
  }
  const reached = node.inputs.flatMap((ref, i) => {
    const regions = known.get(ref.node);
    return regions ? [affected(regions, windows[i] ?? [], sizes)] : [];
  });
  const regions = covering(hull(reached), sizes);
  return {
    node,
    kind,
    config: isWindowed ? withValues(node.config, { ...node.config.values, padding: 'valid' }) : node.config,
    isShift: SHIFT.test(name),
    inputs: node.inputs.map((ref, i) => ({ ref, seen: seenBy(regions, windows[i] ?? []) })),
    outside: MAX_POOLING.test(name) ? Number.NEGATIVE_INFINITY : 0,
    regions,
  };
}

function isLastAxis(given: unknown, spatial: number): boolean {
  const axis: unknown = Array.isArray(given) && given.length === 1 ? given[0] : given;
  return axis === -1 || axis === spatial + 1;
}

/** The spatial sizes of one float32 example with its channels last; `null` for any other value. */
export function sizesAt(trace: Trace, ref: TensorRef): number[] | null {
  const node = trace.graph.nodes.get(ref.node);
  const value = trace.values.get(ref.node)?.outputs[ref.output];
  if (!node || value?.dtype !== 'float32' || value.rank < 3 || value.shape[0] !== 1) return null;
  const { spatial, channel } = spatialLayout(trace.graph, node, value.rank);
  const isLast = channel === value.rank - 1 && spatial.length === value.rank - 2;
  return isLast ? value.shape.slice(1, -1) : null;
}
