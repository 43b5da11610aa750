import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerKind, Tensor, TF } from '../kind';
import { spatialAxes } from '../support/dataFormat';
import { mapSize, onlyShape } from '../support/layerInputs';
import { linear } from '../support/linear';
import {
  type LegacyMethod,
  RESIZE_METHODS,
  type Resampling,
  type ResizeMethod,
  resample,
  resampleTransposed,
  resampling,
} from '../support/resampling';

/** `keras.layers.UpSampling1D`, `UpSampling2D`, `UpSampling3D`; only the 2D layer can interpolate instead of repeating values. */
function upSampling(count: number): LayerKind {
  return {
    isPassThrough: (config) => methodOf(config, count) === 'nearest',
    outputShapes(config, inputs) {
      const shape = onlyShape(config, inputs, count + 2);
      const by = factors(config, count);
      methodOf(config, count);
      return [shape.map((size, axis) => mapSize(size, (n) => n * (by.get(axis) ?? 1)))];
    },
    ...linear({
      forward({ tf, config }, x) {
        const by = [...factors(config, count)];
        const method = methodOf(config, count);
        if (method === 'nearest') return by.reduce((y, [axis, n]) => repeatAlong(tf, y, axis, n), x);
        // Columns before rows, as in TensorFlow.
        return by.reduceRight(
          (y, [axis, n]) => resample(tf, y, axis, enlarged(config, method, x.shape[axis] ?? 1, n)),
          tf.cast(x, 'float32'),
        );
      },
      transpose({ tf, config }, gradient, x) {
        const by = [...factors(config, count)];
        const method = methodOf(config, count);
        if (method === 'nearest') return by.reduce((g, [axis, n]) => sumAlong(tf, g, axis, n), gradient);
        return by.reduce(
          (g, [axis, n]) => resampleTransposed(tf, g, axis, enlarged(config, method, x.shape[axis] ?? 1, n)),
          gradient,
        );
      },
    }),
  };
}

function methodOf(config: LayerConfig, count: number): ResizeMethod | LegacyMethod {
  const method = count === 2 ? config.choice('interpolation', RESIZE_METHODS, 'nearest') : 'nearest';
  const isOld = method === 'bilinear' && !config.bool('half_pixel_centers', true);
  return isOld ? 'bilinear from corners' : method;
}

const enlarged = (
  config: LayerConfig,
  method: ResizeMethod | LegacyMethod,
  size: number,
  times: number,
): Resampling => resampling(method, false, size, size * times, config, 'size');

/** The number of repetitions by axis. */
function factors(config: LayerConfig, count: number): Map<number, number> {
  const size = config.ints('size', count, 2);
  if (size.some((n) => n < 1)) return config.bad('size', l10n.t('positive integers'), size);
  return new Map(spatialAxes(config, count).map((axis, i) => [axis, size[i] ?? 1]));
}

/** The tensor as [outer, size of `axis`, inner]: kernels of every backend support rank 3. */
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

export const upSamplingLayers: KindTable = {
  UpSampling1D: upSampling(1),
  UpSampling2D: upSampling(2),
  UpSampling3D: upSampling(3),
};
