import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import { positive } from '../convolution/convolutionConfig';
import type { KindTable, LayerContext, LayerKind, Tensor, TF } from '../kind';
import { spatialAxes } from '../support/dataFormat';
import { onlyShape } from '../support/layerInputs';
import { channelAxis, layoutOf, type SpatialRank, shapeOf } from '../support/layout';
import { MAX_WEIGHTS, type Resampling, resample, resampleTransposed } from '../support/resampling';
import { noMask, oneToOne, onlyTensor } from '../support/singleInput';
import { maxPoolGradient, type Range, type Ties } from './maxPoolGradient';

/** Pooling along one axis with explicit windows. */
interface Family {
  pool(tf: TF, x: Tensor, axis: number, windows: readonly Range[]): Tensor;
  gradient(tf: TF, dy: Tensor, x: Tensor, axis: number, windows: readonly Range[]): Tensor;
}

/** Splits an axis of `size` into `count` windows of similar length, which overlap if `count` does not divide `size`. */
const windowsOf = (size: number, count: number): Range[] =>
  Array.from({ length: count }, (_, i) => [
    Math.floor((i * size) / count),
    Math.ceil(((i + 1) * size) / count),
  ]);

const average: Family = {
  pool: (tf, x, axis, windows) => resample(tf, x, axis, means(x, axis, windows)),
  gradient: (tf, dy, x, axis, windows) => resampleTransposed(tf, dy, axis, means(x, axis, windows)),
};

function means(x: Tensor, axis: number, windows: readonly Range[]): Resampling {
  const weigh = (row: Float32Array, at: number): void => {
    const [start, end] = windows[at] ?? [0, 0];
    row.fill(1 / (end - start), start, end);
  };
  return { from: x.shape[axis] ?? 0, to: windows.length, weigh, between: null };
}

/** @param ties as in TensorFlow's kernel of the rank. */
const max = (ties: Ties): Family => ({
  pool(tf, x, axis, windows) {
    const maxima = windows.map(([start, end]) => {
      const begin = x.shape.map((_, i) => (i === axis ? start : 0));
      const size = x.shape.map((length, i) => (i === axis ? end - start : length));
      return tf.max(tf.slice(x, begin, size), axis, true);
    });
    return tf.concat(maxima, axis);
  },
  gradient(tf, dy, x, axis, windows) {
    // The axis becomes the rows of images that are one column wide.
    const asRows = (tensor: Tensor): Tensor => {
      const [outer, inner] = [tensor.shape.slice(0, axis), tensor.shape.slice(axis + 1)].map((sizes) =>
        sizes.reduce((a, b) => a * b, 1),
      ) as [number, number];
      return tf.reshape(tensor, [outer, tensor.shape[axis] ?? 0, 1, inner]);
    };
    const dx = maxPoolGradient(tf, asRows(dy), asRows(x), [windows, [[0, 1]]], ties);
    return tf.reshape(dx, x.shape);
  },
});

/** Limit per axis: each window is an operation or a row of weights. */
const MAX_WINDOWS = 2 ** 12;

function outputSize(config: LayerConfig, spatial: SpatialRank): number[] {
  const sizes = positive(config, 'output_size', spatial);
  return sizes.every((size) => size <= MAX_WINDOWS)
    ? sizes
    : config.bad('output_size', l10n.t('at most {0} along each axis', MAX_WINDOWS), sizes);
}

/** The pooling of each axis in turn: its windows, its input and its output. */
function steps(family: Family, ctx: LayerContext, x: Tensor, spatial: SpatialRank) {
  const sizes = outputSize(ctx.config, spatial);
  let value = x;
  return spatialAxes(ctx.config, spatial).map((axis, i) => {
    const input = value;
    const [from, to] = [input.shape[axis] ?? 0, sizes[i] ?? 1];
    if (from * to > MAX_WEIGHTS)
      ctx.config.bad('output_size', l10n.t('at most {0} by the size of its input', MAX_WEIGHTS), to);
    const windows = windowsOf(from, to);
    value = family.pool(ctx.tf, input, axis, windows);
    return { axis, windows, input, output: value };
  });
}

/** `keras.layers.AdaptiveAveragePooling*D`, `AdaptiveMaxPooling*D`: axis by axis, as in Keras. */
function adaptiveLayer(family: Family, spatial: SpatialRank): LayerKind {
  return {
    role: 'pooling',
    outputShapes(config, inputs) {
      const layout = layoutOf(config, spatial);
      const shape = onlyShape(config, inputs, spatial + 2, 'bad-config');
      const sizes = outputSize(config, spatial);
      return [shapeOf(layout, shape[0] ?? null, sizes, shape[channelAxis(layout)] ?? null)];
    },
    forward(ctx, inputs) {
      const x = onlyTensor(inputs, ctx);
      return [steps(family, ctx, x, spatial).at(-1)?.output ?? x];
    },
    backward: oneToOne((ctx, gradient, { inputs }) =>
      steps(family, ctx, onlyTensor(inputs, ctx), spatial).reduceRight(
        (dy, { axis, windows, input }) => family.gradient(ctx.tf, dy, input, axis, windows),
        gradient,
      ),
    ),
    mask: noMask,
  };
}

export const adaptivePoolingLayers: KindTable = {
  AdaptiveAveragePooling1D: adaptiveLayer(average, 1),
  AdaptiveAveragePooling2D: adaptiveLayer(average, 2),
  AdaptiveAveragePooling3D: adaptiveLayer(average, 3),
  AdaptiveMaxPooling1D: adaptiveLayer(max('first'), 1),
  AdaptiveMaxPooling2D: adaptiveLayer(max('first'), 2),
  AdaptiveMaxPooling3D: adaptiveLayer(max('each'), 3),
};
