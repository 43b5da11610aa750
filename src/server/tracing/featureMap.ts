import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { spatialLayout } from '../explain/layerChoice';
import type { GraphNode, TensorRef } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import type { Trace } from '../run/trace';

/** Where the values of a feature map are among those of a tensor. */
export interface MapLayout {
  /** With the batch axis. */
  readonly shape: readonly number[];
  readonly spatialAxes: readonly number[];
  readonly channelAxis: number;
  readonly sizes: readonly number[];
  readonly channels: number;
  /** The step in the values from one position to the next along each spatial axis, and from one channel to the next. */
  readonly steps: readonly number[];
  readonly channelStep: number;
}

/** The values of one layer output for the first example, with the places of its spatial and channel axes. */
export interface FeatureMap extends MapLayout {
  readonly ref: TensorRef;
  /** Row-major. */
  readonly data: ArrayLike<number>;
}

/**
 * The values of a layer as a map of its channels: [batch, ...space, channel] in the layer's order of axes; a vector
 * [batch, channel] has no spatial axes.
 * @param values to use in place of those of the trace
 * @throws Failure `not-applicable`, `unknown-layer`.
 */
export async function featureMap(trace: Trace, ref: TensorRef, values?: Tensor): Promise<FeatureMap> {
  const tensor = values ?? trace.at(ref.node).outputs[ref.output];
  const node = trace.graph.nodes.get(ref.node);
  if (!tensor || !node || tensor.dtype === 'string' || tensor.rank < 2) {
    return fail(
      'not-applicable',
      l10n.t('Layer "{0}" has no channels whose values could be traced.', ref.node),
      {
        subject: ref.node,
        remedy: l10n.t('Choose a pooling or a convolution.'),
      },
    );
  }
  return { ref, data: await tensor.data(), ...mapLayout(trace, node, tensor.shape) };
}

/** The layout of a value of a layer; one without an axis besides that of the batch has one channel. */
export function mapLayout(trace: Trace, node: GraphNode, shape: readonly number[]): MapLayout {
  const isVector = shape.length < 3;
  const { spatial, channel } = isVector
    ? { spatial: [], channel: 1 }
    : spatialLayout(trace.graph, node, shape.length);
  return layoutOf(shape, spatial, channel);
}

/** The layout of values whose channels are on the last axis, wherever the layer has its own. */
export const channelsLast = (shape: readonly number[]): MapLayout =>
  layoutOf(
    shape,
    shape.slice(1, -1).map((_, i) => i + 1),
    Math.max(1, shape.length - 1),
  );

function layoutOf(shape: readonly number[], spatialAxes: readonly number[], channelAxis: number): MapLayout {
  const sizeOf = (axis: number) => shape[axis] ?? 1;
  const stepOf = (axis: number) => shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  return {
    ...{ shape, spatialAxes, channelAxis },
    sizes: spatialAxes.map(sizeOf),
    channels: sizeOf(channelAxis),
    steps: spatialAxes.map(stepOf),
    channelStep: stepOf(channelAxis),
  };
}

/** The layout of a map of other spatial sizes, for one example. */
export function resized({ shape, spatialAxes, channelAxis }: MapLayout, sizes: readonly number[]): MapLayout {
  const other = shape.map((size, axis) => {
    const place = spatialAxes.indexOf(axis);
    return axis === 0 ? 1 : place < 0 ? size : (sizes[place] ?? size);
  });
  return layoutOf(other, spatialAxes, channelAxis);
}

/** A place in a feature map. */
export interface Cell {
  readonly position: readonly number[];
  readonly channel: number;
}

/** Its index in `data`. */
export const indexOf = ({ steps, channelStep }: MapLayout, { position, channel }: Cell): number =>
  position.reduce((index, at, axis) => index + at * (steps[axis] ?? 0), channel * channelStep);

/** The inverse of `indexOf`, for the first example. */
export function cellAt({ sizes, steps, channels, channelStep }: MapLayout, index: number): Cell {
  return {
    position: sizes.map((size, axis) => Math.floor(index / (steps[axis] ?? 1)) % size),
    channel: Math.floor(index / channelStep) % channels,
  };
}

export const valueAt = (map: FeatureMap, cell: Cell): number => map.data[indexOf(map, cell)] ?? Number.NaN;

/** Calls `visit` with the index of every position of a channel inside a box, in row-major order. */
export function forEachIndex(
  map: MapLayout,
  channel: number,
  box: readonly (readonly [number, number])[],
  visit: (index: number) => void,
): void {
  const along = (axis: number, base: number): void => {
    const range = box[axis];
    if (!range) {
      visit(base);
      return;
    }
    for (let at = range[0]; at < range[1]; at++) along(axis + 1, base + at * (map.steps[axis] ?? 0));
  };
  along(0, channel * map.channelStep);
}

/** All positions. */
export const wholeBox = ({ sizes }: MapLayout): (readonly [number, number])[] =>
  sizes.map((size) => [0, size] as const);

/** Different orders of summation give the same value up to a few units in the last of float32's 24 bits. */
const ROUNDING = 2 ** -21;

/**
 * The largest value of a channel inside a box, and where it is: every maximum equal to float32 rounding, the first
 * `limit` of them. NaN where all values are NaN.
 */
export function maximaIn(
  map: FeatureMap,
  channel: number,
  box: readonly (readonly [number, number])[],
  limit: number,
): { readonly value: number; readonly indexes: readonly number[]; readonly omitted: number } {
  let value = Number.NaN;
  forEachIndex(map, channel, box, (index) => {
    const at = map.data[index] ?? Number.NaN;
    if (Number.isNaN(value) || at > value) value = at;
  });
  const least = value - Math.abs(value) * ROUNDING;
  const indexes: number[] = [];
  let count = 0;
  forEachIndex(map, channel, box, (index) => {
    const at = map.data[index] ?? Number.NaN;
    if (!(at >= least || Object.is(at, value))) return;
    count += 1;
    if (indexes.length < limit) indexes.push(index);
  });
  return { value, indexes, omitted: count - indexes.length };
}
