import type * as tfcore from '@tensorflow/tfjs-core';
import { fail } from '../../shared/errors';
import type { LayerConfig } from '../graph/layerConfig';
import { isChannelsFirst, spatialAxes } from './dataFormat';
import type { KindTable, LayerKind, Tensor, TF } from './kind';
import { mapSize, onlyShape } from './layerInputs';
import { linear } from './linear';

function upSampling(count: number): LayerKind {
  return {
    outputShapes(config, inputs) {
      const shape = onlyShape(config, inputs, count + 2);
      const by = factors(config, count);
      checkInterpolation(config);
      return [shape.map((size, axis) => mapSize(size, (n) => n * (by.get(axis) ?? 1)))];
    },
    ...linear({
      forward({ tf, config }, x) {
        if (checkInterpolation(config) === 'bilinear') return bilinear(tf, config, x);
        return [...factors(config, count)].reduce((y, [axis, n]) => repeatAlong(tf, y, axis, n), x);
      },
      transpose({ tf, config }, gradient, x) {
        const transposeOne =
          checkInterpolation(config) === 'bilinear'
            ? (g: Tensor, axis: number) => bilinearTransposed(tf, g, axis, x.shape[axis] ?? 1)
            : (g: Tensor, axis: number, n: number) => sumAlong(tf, g, axis, n);
        return [...factors(config, count)].reduce((g, [axis, n]) => transposeOne(g, axis, n), gradient);
      },
    }),
  };
}

/** By axis: how many times each value is repeated. */
function factors(config: LayerConfig, count: number): Map<number, number> {
  const size = config.ints('size', count, 2);
  if (size.some((n) => n < 1)) return config.bad('size', 'positive integers', size);
  return new Map(spatialAxes(config, count).map((axis, i) => [axis, size[i] ?? 1]));
}

function checkInterpolation(config: LayerConfig): 'nearest' | 'bilinear' {
  const name = config.string('interpolation', 'nearest');
  if (name === 'nearest' || name === 'bilinear') return name;
  return fail(
    'not-applicable',
    `Layer "${config.path}" interpolates "${name}", which Layerglass does not compute.`,
    {
      subject: config.path,
      remedy: 'It computes "nearest" and "bilinear"; layers before this one can still be explained.',
    },
  );
}

/** The tensor seen as [outer, size of `axis`, inner]: rank 3 is what every backend's kernels take. */
function around(x: Tensor, axis: number): { outer: number; size: number; inner: number } {
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  return {
    outer: product(x.shape.slice(0, axis)),
    size: x.shape[axis] ?? 1,
    inner: product(x.shape.slice(axis + 1)),
  };
}

const withSize = (x: Tensor, axis: number, size: number): number[] =>
  x.shape.map((n, i) => (i === axis ? size : n));

function repeatAlong(tf: TF, x: Tensor, axis: number, times: number): Tensor {
  const { outer, size, inner } = around(x, axis);
  const repeated = tf.tile(tf.reshape(x, [outer * size, 1, inner]), [1, times, 1]);
  return tf.reshape(repeated, withSize(x, axis, size * times));
}

function sumAlong(tf: TF, x: Tensor, axis: number, times: number): Tensor {
  const { outer, size, inner } = around(x, axis);
  const summed = tf.sum(tf.reshape(x, [(outer * size) / times, times, inner]), 1);
  return tf.reshape(summed, withSize(x, axis, size / times));
}

/** Half-pixel centres, as `tf.image.resize` of TensorFlow 2 and Keras 3. */
function bilinear(tf: TF, config: LayerConfig, x: Tensor): Tensor {
  const first = isChannelsFirst(config);
  const image = first ? tf.transpose(x, [0, 2, 3, 1]) : x;
  const [, height = 1, width = 1] = image.shape;
  const [rows = 1, columns = 1] = [...factors(config, 2).values()];
  const resized = tf.image.resizeBilinear(
    tf.cast(image, 'float32') as tfcore.Tensor4D,
    [height * rows, width * columns],
    false,
    true,
  );
  return first ? tf.transpose(resized, [0, 3, 1, 2]) : resized;
}

/** TF.js's own gradient of resizeBilinear knows no half-pixel centres; this is the product with the transposed weights. */
function bilinearTransposed(tf: TF, gradient: Tensor, axis: number, size: number): Tensor {
  const { outer, size: large, inner } = around(gradient, axis);
  const weights = tf.tensor3d(bilinearWeights(size, large), [1, size, large]);
  const product = tf.matMul(weights, tf.reshape(gradient, [outer, large, inner]));
  return tf.reshape(product, withSize(gradient, axis, size));
}

/** How much each of `small` values weighs in each of `large` interpolated ones, row-major [small, large]. */
function bilinearWeights(small: number, large: number): Float32Array {
  const weights = new Float32Array(small * large);
  const scale = small / large;
  for (let at = 0; at < large; at++) {
    const from = (at + 0.5) * scale - 0.5;
    const low = Math.floor(from);
    const share = from - low;
    for (const [index, weight] of [
      [low, 1 - share],
      [low + 1, share],
    ] as const) {
      const cell = Math.min(Math.max(index, 0), small - 1) * large + at;
      weights[cell] = (weights[cell] ?? 0) + weight;
    }
  }
  return weights;
}

export const upSamplings: KindTable = {
  UpSampling1D: upSampling(1),
  UpSampling2D: upSampling(2),
  UpSampling3D: upSampling(3),
};
