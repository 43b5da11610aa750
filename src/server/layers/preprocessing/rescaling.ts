import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { axisAt } from '../support/axes';
import { unbroadcast } from '../support/broadcasting';
import { arrayOf, type ConfigArray } from '../support/configArray';
import { knownSize } from '../support/knownSize';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { broadcastsTo, shapeText } from '../support/shapeMatching';

/** Keras's `backend.epsilon()`: the smallest standard deviation to divide by. */
const EPSILON = 1e-7;

/** A factor and a shift, both broadcast to the input. */
interface Affine {
  apply(x: Tensor): Tensor;
  readonly factor: Tensor;
}

function affine(of: (ctx: LayerContext, input: Tensor) => Affine): Pick<LayerKind, 'forward' | 'backward'> {
  return {
    forward(ctx, inputs) {
      const input = tensorAt(ctx.config, inputs, 0);
      return [of(ctx, input).apply(ctx.tf.cast(input, 'float32'))];
    },
    backward(ctx, { inputs, gradients: [gradient] }) {
      const input = tensorAt(ctx.config, inputs, 0);
      if (!gradient || !isFloat(input)) return [null];
      return [unbroadcast(ctx.tf, ctx.tf.mul(gradient, of(ctx, input).factor), input.shape)];
    },
  };
}

/** `keras.layers.Rescaling`: x * scale + offset, each a number or an array along the last axes. */
const rescaling: LayerKind = {
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    checkFit(config, 'scale', arrayOf(config, 'scale').shape, shape);
    checkFit(config, 'offset', arrayOf(config, 'offset', 0).shape, shape);
    return [shape];
  },
  ...affine(({ tf, config }) => {
    const scale = arrayOf(config, 'scale');
    const offset = arrayOf(config, 'offset', 0);
    const factor = tf.tensor(scale.values, scale.shape);
    return { factor, apply: (x) => tf.add(tf.mul(x, factor), tf.tensor(offset.values, offset.shape)) };
  }),
};

/**
 * `keras.layers.Normalization`: (x - mean) / standard deviation along `axis`, or the inverse; the statistics are learned
 * by `adapt` or given in the config.
 */
const normalization: LayerKind = {
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    if (config.has('mean'))
      for (const key of ['mean', 'variance'])
        checkFit(config, key, given(config, key, shape.length).shape, shape);
    return [shape];
  },
  weights(config, inputs) {
    if (config.has('mean')) return [];
    const input = onlyShape(config, inputs);
    const shape = keptAxes(config, input.length).map((axis) => knownSize(input, axis, config));
    return [
      { name: 'mean', shape, trainable: false },
      { name: 'variance', shape, trainable: false },
      { name: 'count', shape: [], trainable: false },
    ];
  },
  ...affine((ctx, input) => {
    const { tf, config } = ctx;
    const [mean, variance] = statistics(ctx, input);
    const deviation = tf.maximum(tf.sqrt(variance), EPSILON);
    if (config.bool('invert', false)) {
      return { factor: deviation, apply: (x) => tf.add(mean, tf.mul(x, deviation)) };
    }
    return { factor: tf.reciprocal(deviation), apply: (x) => tf.div(tf.sub(x, mean), deviation) };
  }),
};

/** The axes with separate statistics, ascending; `axis: null` means one mean for everything. */
function keptAxes(config: LayerConfig, rank: number): number[] {
  if (config.raw('axis') === null) return [];
  const given = config.has('axis') ? config.intList('axis') : [-1];
  return given.map((axis) => axisAt(axis, rank, config)).sort((a, b) => a - b);
}

/** Mean and variance, of the input's rank, with size 1 along every axis without separate statistics. */
function statistics({ tf, config, weights }: LayerContext, input: Tensor): [Tensor, Tensor] {
  const axes = keptAxes(config, input.rank);
  if (!config.has('mean')) {
    const shape = input.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
    return [tf.reshape(tensorAt(config, weights, 0), shape), tf.reshape(tensorAt(config, weights, 1), shape)];
  }
  const tensorOf = (key: string): Tensor => {
    const { values, shape } = given(config, key, input.rank);
    return tf.tensor(values, shape);
  };
  return [tensorOf('mean'), tensorOf('variance')];
}

/** Statistics from the config, expanded to the input's rank: their axes are the last of the kept ones. */
function given(config: LayerConfig, key: string, rank: number): ConfigArray {
  const axes = keptAxes(config, rank);
  const { values, shape } = arrayOf(config, key);
  if (shape.length > axes.length)
    return config.bad(key, l10n.t('an array of at most {0} axes', axes.length), config.raw(key));
  const wide = new Array<number>(rank).fill(1);
  for (const [i, size] of shape.entries()) wide[axes[axes.length - shape.length + i] ?? 0] = size;
  return { values, shape: wide };
}

/** Checks that an array of the config broadcasts to the input. @throws Failure `bad-config`. */
function checkFit(config: LayerConfig, key: string, shape: Shape, input: Shape): void {
  if (!broadcastsTo(shape, input))
    config.bad(key, l10n.t('an array that broadcasts to {0}', shapeText(input)), config.raw(key));
}

export const rescalingLayers: KindTable = { Rescaling: rescaling, Normalization: normalization };
