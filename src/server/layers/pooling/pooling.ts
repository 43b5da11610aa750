import * as l10n from '@vscode/l10n';
import { times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import { UNIT_AXIS } from '../convolution/convolutionConfig';
import type { KindTable, LayerContext, LayerKind, Tensor, TF } from '../kind';
import { spatialAxes } from '../support/dataFormat';
import { onlyShape } from '../support/layerInputs';
import { channelAxis, fromImage, layoutOf, type SpatialRank, shapeOf, toImage } from '../support/layout';
import { noMask, oneToOne, onlyTensor } from '../support/singleInput';
import { type Axis, padsOf, windowCount, windowsAlong } from '../support/windows';
import { maxPoolGradient, type Range, type Ties } from './maxPoolGradient';

/** Windows over height and width, as the pooling kernels of TF.js take them. */
interface Pool {
  readonly filterSize: [number, number];
  readonly strides: [number, number];
  readonly pad: 'valid' | 'same';
  /** For volumes: the windows over depth, as rows of an image. */
  readonly depth?: Pool;
}

interface Family {
  pool(tf: TF, image: Tensor, pool: Pool): Tensor;
  /** @param pooled output of `pool` for the image. */
  gradient(ctx: LayerContext, gradient: Tensor, image: Tensor, pooled: Tensor, pool: Pool): Tensor;
}

/** The most negative finite float32. */
const MIN_FLOAT32 = -(2 - 2 ** -23) * 2 ** 127;

/**
 * TensorFlow ignores NaN in a window, and the maximum of only NaN or -∞ is the most negative finite float32. TF.js's
 * JavaScript kernel returns -∞ instead; the wasm kernel is corrected in run/backends/wasmNonFinite.ts.
 */
const withoutNaN = (tf: TF, image: Tensor): Tensor =>
  tf.getBackend() === 'cpu' ? tf.where(tf.greaterEqual(image, MIN_FLOAT32), image, MIN_FLOAT32) : image;

/** Max pooling; equal maxima of images and of volumes get the gradient differently, as in TensorFlow. */
const max = (ties: Ties): Family => ({
  pool: (tf, image, { filterSize, strides, pad }) =>
    tf.maxPool(as4d(withoutNaN(tf, image)), filterSize, strides, pad),
  gradient({ tf, backend }, dy, input, output, pool) {
    if (ties === 'first' && backend !== 'wasm') return run(tf, tf.MaxPoolGrad, { dy, input, output }, pool);
    const [rows = [], columns = []] = windowRanges(input.shape, pool);
    return maxPoolGradient(tf, dy, input, [rows, columns], ties);
  },
});

const average: Family = {
  pool: (tf, image, { filterSize, strides, pad }) => tf.avgPool(as4d(image), filterSize, strides, pad),
  gradient({ tf, backend }, dy, input, _output, pool) {
    // At an edge, TF.js's gradient kernels divide by the whole window, unlike its forward pass.
    const shares =
      backend !== 'native' && pool.pad === 'same' ? tf.mul(dy, edgeFactors(tf, input.shape, pool)) : dy;
    return run(tf, tf.AvgPoolGrad, { dy: shares, input }, pool);
  },
};

function run(tf: TF, kernel: string, inputs: Readonly<Record<string, Tensor>>, pool: Pool): Tensor {
  const { filterSize, strides, pad } = pool;
  return tf.engine().runKernel(kernel, { ...inputs }, { filterSize, strides, pad }) as Tensor;
}

const poolAxes = ({ filterSize, strides }: Pool): [Axis, Axis] => [
  { window: filterSize[0], stride: strides[0], dilation: 1 },
  { window: filterSize[1], stride: strides[1], dilation: 1 },
];

/** The ranges of the windows over height and over width inside the image. */
function windowRanges(shape: readonly number[], pool: Pool): Range[][] {
  return poolAxes(pool).map((axis, i) => {
    const size = shape[i + 1] ?? 0;
    const [before] = padsOf(axis, size, pool.pad);
    return Array.from({ length: windowsAlong(axis, size, pool.pad) }, (_, at): Range => {
      const start = at * axis.stride - before;
      return [Math.max(start, 0), Math.min(start + axis.window, size)];
    });
  });
}

/** Window size / number of positions inside the image, [1, outHeight, outWidth, 1]. */
function edgeFactors(tf: TF, shape: readonly number[], pool: Pool): Tensor {
  const [rows = [], columns = []] = windowRanges(shape, pool).map((ranges, i) =>
    ranges.map(([start, end]) => (pool.filterSize[i] ?? 1) / (end - start)),
  );
  return tf.mul(tf.tensor(rows, [1, rows.length, 1, 1]), tf.tensor(columns, [1, 1, columns.length, 1]));
}

/**
 * Pooling of volumes [batch, depth, height, width, channels]: over each plane, then over the depth of the result. A
 * maximum of maxima is the maximum; a mean of means is the mean, since an edge cuts the same values off every plane.
 */
const overVolumes = ({ pool, gradient }: Family): Family => ({
  pool(tf, volume, windows) {
    const planes = pool(tf, planesOf(tf, volume), windows);
    const [, ...plane] = planes.shape;
    const [batch = 0, depth = 0] = volume.shape;
    const pooled = pool(tf, stackOf(tf, tf.reshape(planes, [batch, depth, ...plane])), depthOf(windows));
    return tf.reshape(pooled, [...pooled.shape.slice(0, 2), ...plane]);
  },
  gradient(ctx, dy, volume, pooled, windows) {
    const { tf } = ctx;
    const [batch = 0, depth = 0] = volume.shape;
    const input = planesOf(tf, volume);
    const planes = pool(tf, input, windows);
    const stack = stackOf(tf, tf.reshape(planes, [batch, depth, ...planes.shape.slice(1)]));
    const toStack = gradient(ctx, stackOf(tf, dy), stack, stackOf(tf, pooled), depthOf(windows));
    const toPlanes = tf.reshape(toStack, planes.shape);
    return tf.reshape(gradient(ctx, toPlanes, input, planes, windows), volume.shape);
  },
});

/** The planes of a volume as a batch: [batch * depth, height, width, channels]. */
function planesOf(tf: TF, volume: Tensor): Tensor {
  const [batch = 0, depth = 0, ...plane] = volume.shape;
  return tf.reshape(volume, [batch * depth, ...plane]);
}

/** A volume as an image whose rows are its planes: [batch, depth, height * width, channels]. */
function stackOf(tf: TF, volume: Tensor): Tensor {
  const [batch = 0, depth = 0, height = 0, width = 0, channels = 0] = volume.shape;
  return tf.reshape(volume, [batch, depth, height * width, channels]);
}

function depthOf({ depth }: Pool): Pool {
  if (depth === undefined) throw new RangeError('A volume was pooled without windows over its depth.');
  return depth;
}

/** Window and stride of each spatial axis, all positive. */
export function poolAxesOf(config: LayerConfig, spatial: SpatialRank): Axis[] {
  const windows = config.ints('pool_size', spatial, 2);
  const strides = config.has('strides') ? config.ints('strides', spatial) : windows;
  if (![...windows, ...strides].every((n) => n > 0))
    return config.bad('pool_size', l10n.t('positive integers'), windows);
  return windows.map((window, i) => ({ window, stride: strides[i] ?? 1, dilation: 1 }));
}

const paddingOf = (config: LayerConfig) => config.choice('padding', ['valid', 'same'], 'valid');

/**
 * Limits a window to twice the axis, which covers all of it at any position. The memory of the kernels grows with the size
 * of the windows.
 */
const boundedWindow = (window: number, size: number | null | undefined): number =>
  Math.min(window, 2 * Math.max(size ?? window, 1));

/**
 * A sequence is an image of height 1.
 * @param image [batch, (depth,) height, width, channels].
 */
function poolOf(config: LayerConfig, spatial: SpatialRank, image: Tensor): Pool {
  const pad = paddingOf(config);
  const poolOver = (rows: Axis, columns: Axis): Pool => ({
    filterSize: [rows.window, columns.window],
    strides: [rows.stride, columns.stride],
    pad,
  });
  const sizes = image.shape.slice(1, -1).reverse();
  const [columns = UNIT_AXIS, rows = UNIT_AXIS, depth] = poolAxesOf(config, spatial)
    .reverse()
    .map((axis, i) => ({ ...axis, window: boundedWindow(axis.window, sizes[i]) }));
  const pool = poolOver(rows, columns);
  return depth === undefined ? pool : { ...pool, depth: poolOver(depth, UNIT_AXIS) };
}

function poolingLayer(family: Family, spatial: SpatialRank): LayerKind {
  return {
    role: 'pooling',
    outputShapes(config, inputs) {
      const layout = layoutOf(config, spatial);
      const shape = onlyShape(config, inputs, spatial + 2);
      const positions = spatialAxes(config, spatial);
      const sizes = poolAxesOf(config, spatial).map((axis, i) =>
        windowCount(axis, shape[positions[i] ?? 0] ?? null, paddingOf(config), config),
      );
      return [shapeOf(layout, shape[0] ?? null, sizes, shape[channelAxis(layout)] ?? null)];
    },
    work(config, [input = []], [output = []]) {
      const positions = spatialAxes(config, spatial);
      const windows = poolAxesOf(config, spatial).map(({ window }, i) =>
        boundedWindow(window, input[positions[i] ?? 0]),
      );
      return times(...output, ...windows);
    },
    forward(ctx, inputs) {
      const layout = layoutOf(ctx.config, spatial);
      const image = toImage(ctx.tf, onlyTensor(inputs, ctx), layout);
      return [fromImage(ctx.tf, family.pool(ctx.tf, image, poolOf(ctx.config, spatial, image)), layout)];
    },
    backward: oneToOne((ctx, gradient, { inputs, outputs }) => {
      const layout = layoutOf(ctx.config, spatial);
      const [dy, image, pooled] = [gradient, onlyTensor(inputs, ctx), onlyTensor(outputs, ctx)].map(
        (tensor) => toImage(ctx.tf, tensor, layout),
      ) as [Tensor, Tensor, Tensor];
      const pool = poolOf(ctx.config, spatial, image);
      return fromImage(ctx.tf, family.gradient(ctx, dy, image, pooled, pool), layout);
    }),
    mask: noMask,
  };
}

// TF.js types pooling by rank, which `Tensor` lacks; it checks the rank at run time.
const as4d = (tensor: Tensor) => tensor as Parameters<TF['maxPool']>[0] & { rank: 4 };

const maxPooling1d = poolingLayer(max('first'), 1);
const maxPooling2d = poolingLayer(max('first'), 2);
const maxPooling3d = poolingLayer(overVolumes(max('each')), 3);
const averagePooling1d = poolingLayer(average, 1);
const averagePooling2d = poolingLayer(average, 2);
const averagePooling3d = poolingLayer(overVolumes(average), 3);

export const poolingLayers: KindTable = {
  MaxPooling1D: maxPooling1d,
  MaxPool1D: maxPooling1d,
  MaxPooling2D: maxPooling2d,
  MaxPool2D: maxPooling2d,
  MaxPooling3D: maxPooling3d,
  MaxPool3D: maxPooling3d,
  AveragePooling1D: averagePooling1d,
  AvgPool1D: averagePooling1d,
  AveragePooling2D: averagePooling2d,
  AvgPool2D: averagePooling2d,
  AveragePooling3D: averagePooling3d,
  AvgPool3D: averagePooling3d,
};
