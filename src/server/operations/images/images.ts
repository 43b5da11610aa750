import type { LayerConfig } from '../../graph/layerConfig';
import { steps, tensordot } from '../arithmetic/composed';
import { expandDims, moveaxis, pad, reshape, squeeze, transpose } from '../arranging/rearranging';
import { getItem, type IndexPart } from '../arranging/slicing';
import { compound, formula, type Value } from '../compound';
import { convolution, depthwiseConvolution } from '../networks/networks';
import { axisIn, type Operation, operandAt, refuse } from '../operation';
import { constant } from '../values';
import { homography, projective, type Warp } from './warping';

/** Whether the channels of images come first. */
export type ChannelsFirst = boolean;

/** An operation on batches with their channels last, for images of any layout and for one alone. */
export function onBatches(
  operation: Operation,
  isFirst: ChannelsFirst,
  others: readonly Operation[] = [],
): Operation {
  return compound((apply, operands) => {
    const { of } = steps(apply);
    const images = operandAt(operands, 0);
    const isSingle = images.shape.length === 3;
    if (!isSingle && images.shape.length !== 4) refuse('its images have neither three nor four axes.');
    const batch = isSingle ? of(expandDims([0]), images) : images;
    const last = isFirst ? of(transpose([0, 2, 3, 1]), batch) : batch;
    const rest = operands.slice(1).map((operand, i) => (others[i] ? of(others[i], operand) : operand));
    const [done] = apply(operation, last, ...rest);
    const back = isFirst ? of(transpose([0, 3, 1, 2]), done) : done;
    return [isSingle ? of(squeeze([0]), back) : back];
  });
}

/** `keras.ops.image.rgb_to_grayscale`. */
export const grayscale = (isFirst: ChannelsFirst): Operation =>
  formula((apply, operands) => {
    const { of, two, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    const axis = axisIn(isFirst ? -3 : -1, x.shape.length);
    const channels = x.shape[axis] ?? null;
    if (channels === 1) return of(reshape(x.shape), x);
    if (channels !== 3) refuse(`${channels ?? 'unknown'} channels are no colours.`);
    const shape = x.shape.map((_, i) => (i === axis ? 3 : 1));
    const weights = of(constant(shape, (tf) => tf.tensor([0.2989, 0.587, 0.114], shape)));
    return reduce('sum', two('multiply', x, weights), { axes: [axis], keepdims: true });
  });

/** What is added to or cut from an axis: before, after, or what should be left; one of them follows from the others. */
export interface Edges {
  readonly before: number | null;
  readonly after: number | null;
  readonly target: number | null;
}

const axesOf = (rank: number, isFirst: ChannelsFirst): [number, number] => {
  if (rank !== 3 && rank !== 4) refuse('its images have neither three nor four axes.');
  return isFirst ? [rank - 2, rank - 1] : [rank - 3, rank - 2];
};

/** `keras.ops.image.pad_images`. */
export const padImages = (edges: readonly [Edges, Edges], isFirst: ChannelsFirst): Operation =>
  formula((apply, operands) => {
    const x = operandAt(operands, 0);
    const axes = axesOf(x.shape.length, isFirst);
    const widths = x.shape.map((size, axis): [number, number] => {
      const { before, after, target } = edges[axes.indexOf(axis)] ?? { before: 0, after: 0, target: null };
      if (before !== null && after !== null) return [before, after];
      const given = before ?? after;
      if (target === null || size === null || given === null) return refuse('how much it adds is unknown.');
      return before === null ? [target - size - given, given] : [given, target - size - given];
    });
    return apply(pad(widths), x)[0];
  });

/** `keras.ops.image.crop_images`. */
export const cropImages = (edges: readonly [Edges, Edges], isFirst: ChannelsFirst): Operation =>
  formula((apply, operands) => {
    const x = operandAt(operands, 0);
    const axes = axesOf(x.shape.length, isFirst);
    const parts = x.shape.map((size, axis): IndexPart => {
      const edge = edges[axes.indexOf(axis)];
      if (!edge) return { kind: 'range', start: null, stop: null, step: 1 };
      const { before, after, target } = edge;
      const [start, count] = [
        before ?? difference(size, target, after),
        target ?? difference(size, before, after),
      ];
      if (start < 0 || count < 0) refuse('it crops more than there is.');
      return { kind: 'range', start, stop: start + count, step: 1, exact: true };
    });
    return apply(getItem(parts), x)[0];
  });

function difference(size: number | null, a: number | null, b: number | null): number {
  return size === null || a === null || b === null ? refuse('how much it crops is unknown.') : size - a - b;
}

/** `keras.ops.image.affine_transform`: operands images and transforms [8] or [batch, 8]. */
export const affine = (warp: Warp, isFirst: ChannelsFirst): Operation =>
  onBatches(projective(warp), isFirst, [raisedTo(2)]);

/** `keras.ops.image.perspective_transform`: operands images, start points and end points, [4, 2] or [batch, 4, 2]. */
export const perspective = (warp: Warp, isFirst: ChannelsFirst): Operation =>
  onBatches(
    formula((apply, operands) => {
      const { of } = steps(apply);
      const [images, start, end] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)];
      return of(projective(warp), images, of(homography(), start, end));
    }),
    isFirst,
    [raisedTo(3), raisedTo(3)],
  );

/** With an axis of 1 in front where there is one too few. */
const raisedTo = (rank: number): Operation =>
  formula((apply, operands) => {
    const x = operandAt(operands, 0);
    return apply(x.shape.length < rank ? expandDims([0]) : reshape(x.shape), x)[0];
  });

/** A constant that `make` gives once the number of channels is known. */
function kernelFor(
  x: Value,
  make: (channels: number) => { shape: number[]; values: Float32Array },
): Operation {
  const channels = x.shape.at(-1) ?? refuse('its number of channels is unknown.');
  const { shape, values } = make(channels);
  return constant(shape, (tf) => tf.tensor(values, shape));
}

/** Values of a bell curve, their sum 1. */
function bell(size: number, sigma: number): Float64Array {
  const values = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-0.5 * ((i - (size - 1) / 2) / sigma) ** 2),
  );
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / sum);
}

/** More pixels than in any image. */
const MAX_KERNEL = 10_000;

/** `keras.ops.image.gaussian_blur`. */
export function gaussianBlur(
  size: readonly [number, number],
  sigma: readonly [number, number],
  at: LayerConfig,
): Operation {
  if (size.some((n) => n < 1) || size[0] * size[1] > MAX_KERNEL)
    refuse(`a blur of ${size.join(' x ')} is not computed.`);
  const [across, down] = [bell(size[0], sigma[0]), bell(size[1], sigma[1])];
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    const kernel = kernelFor(x, (channels) => ({
      shape: [...size, channels, 1],
      values: Float32Array.from({ length: size[0] * size[1] * channels }, (_, i) => {
        // Keras multiplies rows by columns of the other size and reads the result in this one's shape.
        const place = Math.floor(i / channels);
        return (down[Math.floor(place / size[0])] ?? 0) * (across[place % size[0]] ?? 0);
      }),
    }));
    return of(depthwiseConvolution({ strides: 1, padding: 'same' }, at), x, of(kernel));
  });
}

const SOBEL = [
  [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  [-1, 0, 1, -2, 0, 2, -1, 0, 1],
] as const;

/** `keras.ops.image.sobel_edges`: how much every channel changes downwards and to the right, as a last axis. */
export function sobelEdges(isFirst: ChannelsFirst, at: LayerConfig): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const given = operandAt(operands, 0);
    if (given.shape.length !== 4) return refuse('its images have no batch.');
    const x = isFirst ? of(transpose([0, 2, 3, 1]), given) : given;
    const edges: [number, number][] = [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ];
    const kernel = kernelFor(x, (channels) => ({
      shape: [3, 3, channels, 2],
      values: Float32Array.from(
        { length: 9 * channels * 2 },
        (_, i) => SOBEL[i % 2]?.[Math.floor(i / (2 * channels))] ?? 0,
      ),
    }));
    const both = of(
      depthwiseConvolution({ strides: 1, padding: 'valid' }, at),
      of(pad(edges, 'reflect'), x),
      of(kernel),
    );
    const apart = of(reshape([...x.shape, 2]), both);
    return isFirst ? of(transpose([0, 3, 1, 2, 4]), apart) : apart;
  });
}

/** `keras.ops.psnr`: one number for both tensors. */
export const psnr = (largest: number): Operation =>
  formula((apply, operands) => {
    const { one, two, reduce } = steps(apply);
    const difference_ = two('subtract', operandAt(operands, 0), operandAt(operands, 1));
    const error = reduce('mean', one('square', difference_), { axes: null, keepdims: false });
    return two('subtract', 20 * Math.log10(largest), two('multiply', one('log10', error), 10));
  });

/** The constants of `keras.ops.image.ssim`. */
export interface Similarity {
  readonly largest: number;
  readonly size: number;
  readonly sigma: number;
  readonly k1: number;
  readonly k2: number;
}

/** `keras.ops.image.ssim`: how alike two images are, a number for each. */
export function ssim(
  { largest, size, sigma, k1, k2 }: Similarity,
  isFirst: ChannelsFirst,
  at: LayerConfig,
): Operation {
  if (size < 1 || size * size > MAX_KERNEL) refuse(`windows of ${size} are not compared.`);
  const curve = bell(size, sigma);
  const kernel = constant([size, size, 1, 1], (tf) =>
    tf.tensor(
      Float32Array.from(
        { length: size * size },
        (_, i) => (curve[Math.floor(i / size)] ?? 0) * (curve[i % size] ?? 0),
      ),
      [size, size, 1, 1],
    ),
  );
  const [c1, c2] = [(k1 * largest) ** 2, (k2 * largest) ** 2];
  return formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const isSingle = operandAt(operands, 0).shape.length === 3;
    const rows = (x: Value): Value => {
      const batch = isSingle ? of(expandDims([0]), x) : x;
      const first = isFirst ? batch : of(transpose([0, 3, 1, 2]), batch);
      const [, , height = null, width = null] = first.shape;
      return of(reshape([-1, height, width, 1]), first);
    };
    const images = operandAt(operands, 0).shape;
    const channels = images[isFirst ? images.length - 3 : images.length - 1] ?? null;
    const [a, b] = [rows(operandAt(operands, 0)), rows(operandAt(operands, 1))];
    const weights = of(kernel);
    const blurred = (x: Value): Value => of(convolution({ strides: 1, padding: 'valid' }, at), x, weights);
    const [meanA, meanB] = [blurred(a), blurred(b)];
    const [squareA, squareB, both] = [
      one('square', meanA),
      one('square', meanB),
      two('multiply', meanA, meanB),
    ];
    const varianceA = two('subtract', blurred(one('square', a)), squareA);
    const varianceB = two('subtract', blurred(one('square', b)), squareB);
    const common = two('subtract', blurred(two('multiply', a, b)), both);
    const above = two(
      'multiply',
      two('add', two('multiply', both, 2), c1),
      two('add', two('multiply', common, 2), c2),
    );
    const below = two(
      'multiply',
      two('add', two('add', squareA, squareB), c1),
      two('add', two('add', varianceA, varianceB), c2),
    );
    const alike = reduce('mean', two('divide', above, below), { axes: [1, 2, 3], keepdims: false });
    const found = reduce('mean', of(reshape([isSingle ? 1 : (images[0] ?? -1), channels]), alike), {
      axes: [-1],
      keepdims: false,
    });
    return isSingle ? of(squeeze([0]), found) : found;
  });
}

/** A matrix along each axis: values [from, to]. */
export interface AxisWeights {
  readonly axis: number;
  readonly to: number;
  /** Of `from` values and the place in the result. */
  weights(from: number): Float32Array;
}

/** Every value along some axes as a weighted sum of those before. */
export const weighted = (axes: readonly AxisWeights[]): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    return axes.reduce<Value>(
      (x, { axis, to, weights }) => {
        const at = axisIn(axis, x.shape.length);
        const from = x.shape[at] ?? refuse('the size of its images is unknown.');
        const matrix = of(constant([from, to], (tf) => tf.tensor(weights(from), [from, to])));
        return of(moveaxis([-1], [at]), of(tensordot([[at], [0]]), x, matrix));
      },
      operandAt(operands, 0),
    );
  });
