import type * as tfcore from '@tensorflow/tfjs-core';
import type { BackendName } from '../../../shared/model';
import type { Tensor, TF } from '../kind';
import { type Axis, type PaddingName, padsOf, span } from '../support/windows';

type Pair = [number, number];
type Pads = readonly [readonly [number, number], readonly [number, number]];

/** A convolution over height and width; everything here is NHWC. */
export interface Convolution2d {
  readonly axes: readonly [Axis, Axis];
  readonly padding: readonly [PaddingName, PaddingName];
}

/** The library and the backend to compute with. */
export interface ComputeContext {
  readonly tf: TF;
  readonly backend: BackendName;
}

/**
 * Convolution without bias.
 * @param x [batch, height, width, channels]
 * @param filter [height, width, channels / groups, filters]; fewer channels than in x mean groups.
 */
export function convolve(tf: TF, x: Tensor, filter: Tensor, shape: Convolution2d): Tensor {
  const groups = size(x, 3) / size(filter, 2);
  if (groups === 1) return ungrouped(tf, x, filter, shape);
  const filters = tf.split(filter, groups, 3);
  const parts = tf.split(x, groups, 3).map((part, i) => ungrouped(tf, part, at(filters, i), shape));
  return tf.concat(parts, 3);
}

/**
 * The gradient of `convolve` with respect to x; no filter gradient is computed.
 * Where it is faster, and where TF.js has no gradient (dilation, causal padding), it is computed as a forward convolution
 * of the gradient, spread by the stride, with the flipped kernel, input and output channels swapped.
 * @param dy [batch, outHeight, outWidth, filters]
 * @returns [batch, height, width, channels] of `inputShape`
 */
export function convolveGradient(
  where: ComputeContext,
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  shape: Convolution2d,
): Tensor {
  const { tf } = where;
  const groups = (inputShape[3] ?? 0) / size(filter, 2);
  if (groups === 1) return ungroupedGradient(where, dy, filter, inputShape, shape);
  const partShape = [...inputShape.slice(0, 3), size(filter, 2)];
  const filters = tf.split(filter, groups, 3);
  const parts = tf
    .split(dy, groups, 3)
    .map((part, i) => ungroupedGradient(where, part, at(filters, i), partShape, shape));
  return tf.concat(parts, 3);
}

/**
 * Depthwise convolution without bias.
 * @param filter [height, width, channels, multiplier]; output channel c * multiplier + m.
 */
export function convolveDepthwise(
  { tf, backend }: ComputeContext,
  x: Tensor,
  filter: Tensor,
  shape: Convolution2d,
): Tensor {
  const { strides, dilations } = steps(shape);
  // The native depthwise kernel supports neither dilation nor unequal strides.
  const native = backend === 'native';
  const kernel = native && isDilated(dilations) ? spread(tf, filter, dilations, [0, 1]) : filter;
  const rate: Pair = native ? [1, 1] : dilations;
  const subsamples = (isStrided(strides) && isDilated(rate)) || strides[0] !== strides[1];
  const padding = subsamples ? null : namedPadding(shape);
  const padded = padding === null ? pad(tf, x, padsFor(shape, x.shape)) : x;
  const step = subsamples ? 1 : strides;
  const dense = tf.depthwiseConv2d(as4d(padded), as4d(kernel), step, padding ?? 'valid', 'NHWC', rate);
  return subsamples ? everyNth(tf, dense, strides) : dense;
}

/** The gradient of `convolveDepthwise` with respect to x, by operations that exist on every backend. */
export function convolveDepthwiseGradient(
  where: ComputeContext,
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  shape: Convolution2d,
): Tensor {
  const { tf, backend } = where;
  const { strides, dilations } = steps(shape);
  const padding = namedPadding(shape);
  if (backend !== 'wasm' && padding !== null && !isDilated(dilations) && strides[0] === strides[1]) {
    return tf
      .engine()
      .runKernel(
        tf.DepthwiseConv2dNativeBackpropInput,
        { dy, filter },
        { strides, pad: padding, dilations, inputShape: [...inputShape] },
      ) as Tensor;
  }
  const [height, width, channels, multiplier] = [
    size(filter, 0),
    size(filter, 1),
    size(filter, 2),
    size(filter, 3),
  ];
  const flipped = tf.reshape(flip(tf, filter), [height, width, channels * multiplier, 1]);
  const full = convolveDepthwise(
    where,
    spreadGradient(tf, dy, inputShape, shape),
    flipped,
    unitStride(shape),
  );
  if (multiplier === 1) return full;
  return tf.sum(tf.reshape(full, [...inputShape, multiplier]), 4);
}

function ungrouped(tf: TF, x: Tensor, filter: Tensor, shape: Convolution2d): Tensor {
  const { strides, dilations } = steps(shape);
  const subsamples = isStrided(strides) && isDilated(dilations);
  const padding = subsamples ? null : namedPadding(shape);
  const zeros = padding ?? fourAxes(padsFor(shape, x.shape));
  const dense = tf.conv2d(as4d(x), as4d(filter), subsamples ? 1 : strides, zeros, 'NHWC', dilations);
  return subsamples ? everyNth(tf, dense, strides) : dense;
}

function ungroupedGradient(
  { tf, backend }: ComputeContext,
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  shape: Convolution2d,
): Tensor {
  const { strides, dilations } = steps(shape);
  const padding = namedPadding(shape);
  if (padding !== null && !isDilated(dilations) && !forwardIsFaster(backend, filter, inputShape, strides)) {
    return tf.conv2dTranspose(as4d(dy), as4d(filter), as4dShape(inputShape), strides, padding);
  }
  const pointwise = size(filter, 0) === 1 && size(filter, 1) === 1;
  const exchanged = tf.transpose(flip(tf, filter), [0, 1, 3, 2]);
  // A 1 x 1 kernel mixes channels only: spread its small result, not its input.
  if (pointwise) {
    const mixed = tf.conv2d(as4d(dy), as4d(exchanged), 1, 'valid');
    return spreadGradient(tf, mixed, inputShape, shape);
  }
  return tf.conv2d(
    as4d(spreadGradient(tf, dy, inputShape, shape)),
    as4d(exchanged),
    1,
    'valid',
    'NHWC',
    dilations,
  );
}

/**
 * Whether the gradient is faster as a forward convolution. On wasm it always is. On native, measured on VGG16, it is
 * twice as fast for large early maps and, because of flipping the kernel, slower for small deep ones.
 */
function forwardIsFaster(
  backend: BackendName,
  filter: Tensor,
  [, height = 0, width = 0]: readonly number[],
  strides: Pair,
): boolean {
  if (backend !== 'native') return backend === 'wasm';
  return !isStrided(strides) && height * width >= 1024 && size(filter, 2) >= 16;
}

/** Flips a kernel along both spatial axes, by its parts: `tf.reverse` takes longer than the convolution. */
function flip(tf: TF, filter: Tensor): Tensor {
  const positions = size(filter, 0) * size(filter, 1);
  if (positions === 1) return filter;
  const parts = tf.split(tf.reshape(filter, [positions, size(filter, 2), size(filter, 3)]), positions);
  return tf.reshape(tf.concat(parts.reverse()), filter.shape);
}

/**
 * Moves the gradient of each window to the window's first position and pads it, so that a "valid" convolution with the
 * flipped kernel at stride 1 has the size of the input.
 */
function spreadGradient(tf: TF, dy: Tensor, inputShape: readonly number[], shape: Convolution2d): Tensor {
  const pads = padsFor(shape, inputShape);
  const spreadOut = spread(tf, dy, steps(shape).strides, [1, 2]);
  const edges = shape.axes.map((axis, i): Pair => {
    const reach = span(axis) - 1;
    const before = reach - (pads[i]?.[0] ?? 0);
    return [before, (inputShape[i + 1] ?? 0) + reach - size(spreadOut, i + 1) - before];
  });
  return pad(tf, spreadOut, [at(edges, 0), at(edges, 1)]);
}

/** Zeros between the entries of two neighbouring axes: `factor` - 1 of them, none after the last. */
export function spread(tf: TF, x: Tensor, factors: Pair, axes: Pair): Tensor {
  return axes.reduce((spreading, axis, i) => {
    const factor = at(factors, i);
    const length = size(spreading, axis);
    if (factor === 1 || length === 1) return spreading;
    const outer = product(spreading.shape.slice(0, axis + 1));
    const inner = product(spreading.shape.slice(axis + 1));
    const padded = tf.pad(tf.reshape(spreading, [outer, 1, inner]), [
      [0, 0],
      [0, factor - 1],
      [0, 0],
    ]);
    const wide = [...spreading.shape];
    wide[axis] = length * factor;
    const trimmed = [...wide];
    trimmed[axis] = (length - 1) * factor + 1;
    return tf.slice(
      tf.reshape(padded, wide),
      wide.map(() => 0),
      trimmed,
    );
  }, x);
}

/** The values at every `strides`-th position of axes 1 and 2, from the first on. */
export function everyNth(tf: TF, x: Tensor, strides: Pair): Tensor {
  return isStrided(strides) ? tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, ...strides, 1]) : x;
}

/** For the backward pass: stride 1, no padding, the same dilation. */
function unitStride(shape: Convolution2d): Convolution2d {
  const [rows, columns] = shape.axes;
  return {
    axes: [
      { ...rows, stride: 1 },
      { ...columns, stride: 1 },
    ],
    padding: ['valid', 'valid'],
  };
}

function steps({ axes: [rows, columns] }: Convolution2d): { strides: Pair; dilations: Pair } {
  return { strides: [rows.stride, columns.stride], dilations: [rows.dilation, columns.dilation] };
}

/**
 * The name of the padding in TF.js; `null` if explicit zeros are needed. That includes `same` with a window shorter than
 * its stride, for which the wasm backend computes a negative padding and wrong values.
 */
function namedPadding({ axes, padding: [rows, columns] }: Convolution2d): 'valid' | 'same' | null {
  if (rows !== columns || rows === 'causal') return null;
  return rows === 'same' && axes.some((axis) => span(axis) < axis.stride) ? null : rows;
}

function padsFor({ axes, padding }: Convolution2d, inputShape: readonly number[]): Pads {
  return [padsOf(axes[0], inputShape[1] ?? 0, padding[0]), padsOf(axes[1], inputShape[2] ?? 0, padding[1])];
}

function pad(tf: TF, x: Tensor, pads: Pads): Tensor {
  return pads.flat().some((zeros) => zeros > 0) ? tf.pad(x, fourAxes(pads)) : x;
}

const fourAxes = ([rows, columns]: Pads): [Pair, Pair, Pair, Pair] => [
  [0, 0],
  [...rows],
  [...columns],
  [0, 0],
];
const isStrided = (strides: Pair): boolean => strides.some((stride) => stride > 1);
const isDilated = (dilations: Pair): boolean => dilations.some((dilation) => dilation > 1);
const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const size = (tensor: Tensor, axis: number): number => tensor.shape[axis] ?? 0;

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`There is no item ${index} in a list of ${list.length}.`);
  return item;
}

// TF.js types its convolutions by rank, which `Tensor` lacks; it checks the rank at run time.
const as4d = (tensor: Tensor): tfcore.Tensor4D => tensor as tfcore.Tensor4D;
const as4dShape = (shape: readonly number[]): [number, number, number, number] => [
  at(shape, 0),
  at(shape, 1),
  at(shape, 2),
  at(shape, 3),
];
