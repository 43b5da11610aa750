import { plainName } from '../explain/maps/layerPlacement';
import type { GraphNode } from '../graph/graph';
import { axesOf, paddingOf, UNIT_AXIS } from '../layers/convolution/convolutionConfig';
import type { Tensor } from '../layers/kind';
import { type Axis, type PaddingName, padsOf } from '../layers/support/windows';
import type { Trace } from '../run/trace';
import { type FeatureMap, valueAt } from './featureMap';

/** One filter of a convolution: the weights of one channel of its output. */
export interface Filter {
  /** Row-major over the window's axes, then over `reads`. */
  readonly kernel: Float64Array;
  readonly window: readonly number[];
  /** The channels of the input that it reads. */
  readonly reads: readonly number[];
  /** `null` for a layer without. */
  readonly bias: number | null;
  readonly axes: readonly Axis[];
  readonly padding: PaddingName;
}

const PLAIN = /^conv(olution)?([123])d$/;
const DEPTHWISE = /^depthwiseconv([12])d$/;

/**
 * The filter that computes a channel of a convolution, of a depthwise convolution or of a Dense layer that works at every
 * position; `null` for every other layer, and where the weights are not plain numbers (quantized, LoRA).
 * @param input the values that the layer reads.
 */
export async function filterOf(
  trace: Trace,
  node: GraphNode,
  input: FeatureMap,
  channel: number,
): Promise<Filter | null> {
  const name = plainName(node);
  const spatial = input.sizes.length;
  const isDense = name === 'dense';
  const isDepthwise = DEPTHWISE.exec(name)?.[1] === String(spatial);
  if (!isDense && !isDepthwise && PLAIN.exec(name)?.[2] !== String(spatial)) return null;
  const [kernel, bias, ...more] = await trace.weights.of(node);
  const { config } = node;
  const hasBias = config.bool('use_bias', true);
  if (!kernel || more.length > 0 || (bias !== undefined) !== hasBias) return null;
  const window = isDense ? input.sizes.map(() => 1) : kernel.shape.slice(0, spatial);
  const [depth = 1, width = 1] = kernel.shape.slice(-2);
  if (kernel.rank !== (isDense ? 2 : spatial + 2)) return null;
  const outputs = isDepthwise ? depth * width : width;
  if (channel >= outputs) return null;
  const groups = isDense || isDepthwise ? 1 : config.int('groups', 1);
  const group = Math.floor(channel / (outputs / groups));
  const reads = isDepthwise
    ? [Math.floor(channel / width)]
    : Array.from({ length: depth }, (_, i) => group * depth + i);
  const [own, biases] = await Promise.all([columnOf(trace, kernel, outputs, channel), bias?.data()]);
  const axes = isDense ? window.map(() => UNIT_AXIS) : axesOf(config, spatialRank(spatial));
  const padding = isDense ? 'valid' : paddingOf(config, spatialRank(spatial));
  return { kernel: own, window, reads, bias: biases?.[channel] ?? null, axes, padding };
}

/**
 * One column of a kernel whose last axes have `width` values together. Of the large kernel of a Dense layer, only the column is
 * copied out of the backend; a backend that keeps weights where JavaScript can read them copies nothing at all.
 */
export async function columnOf(
  { runtime: { tf, lazy } }: Trace,
  kernel: Tensor,
  width: number,
  column: number,
): Promise<Float64Array> {
  const rows = kernel.size / width;
  if (lazy) {
    const all = await kernel.data();
    return Float64Array.from({ length: rows }, (_, i) => all[i * width + column] ?? Number.NaN);
  }
  const sliced = tf.tidy(() => tf.slice(tf.reshape(kernel, [rows, width]), [0, column], [rows, 1]));
  const values = await sliced.data();
  sliced.dispose();
  return Float64Array.from(values);
}

const spatialRank = (axes: number): 1 | 2 | 3 => (axes === 1 ? 1 : axes === 2 ? 2 : 3);

/** Where the window of an output position starts in the input; negative in the padding. */
export const windowStart = (
  { axes, padding }: Filter,
  input: FeatureMap,
  position: readonly number[],
): number[] =>
  position.map((at, i) => {
    const axis = axes[i] ?? UNIT_AXIS;
    return at * axis.stride - padsOf(axis, input.sizes[i] ?? 0, padding)[0];
  });

/** Calls `visit` for each product of the window that starts at `start`: in the order of the kernel. */
export function forEachProduct(
  { kernel, window, reads, axes }: Filter,
  input: FeatureMap,
  start: readonly number[],
  visit: (offset: readonly number[], channel: number, value: number, weight: number) => void,
): void {
  const offset = window.map(() => 0);
  for (let place = 0, places = kernel.length / reads.length; place < places; place++) {
    let rest = place;
    for (let axis = window.length - 1; axis >= 0; axis--) {
      const size = window[axis] ?? 1;
      offset[axis] = rest % size;
      rest = Math.floor(rest / size);
    }
    const position = start.map((at, i) => at + (offset[i] ?? 0) * (axes[i]?.dilation ?? 1));
    const isInside = position.every((at, i) => at >= 0 && at < (input.sizes[i] ?? 0));
    for (const [i, channel] of reads.entries()) {
      const value = isInside ? valueAt(input, { position, channel }) : 0;
      visit(offset, channel, value, kernel[place * reads.length + i] ?? 0);
    }
  }
}

/** The sum of the products at one output position, without the bias, in double precision. */
export function sumAt(filter: Filter, input: FeatureMap, start: readonly number[]): number {
  let sum = 0;
  forEachProduct(filter, input, start, (_offset, _channel, value, weight) => {
    sum += value * weight;
  });
  return sum;
}

/** The sums at all output positions, row-major. @param sizes of the output. */
export function allSums(filter: Filter, input: FeatureMap, sizes: readonly number[]): Float64Array {
  const sums = new Float64Array(sizes.reduce((a, b) => a * b, 1));
  for (let index = 0; index < sums.length; index++) {
    const position: number[] = [];
    let rest = index;
    for (const size of [...sizes].reverse()) {
      position.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    sums[index] = sumAt(filter, input, windowStart(filter, input, position));
  }
  return sums;
}
