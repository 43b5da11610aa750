import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { axesAsWritten, axesAt } from '../support/axes';
import { knownSize } from '../support/knownSize';
import { onlyShape } from '../support/layerInputs';
import { noMask, oneToOne, onlyTensor, weightAt } from '../support/singleInput';

/** Keras's upper bound of 1 / length; Keras 2 (`tf.linalg.l2_normalize`) bounds the squared length by 1e-12 instead. */
const maxInverse = (config: LayerConfig): number => (config.kerasMajor < 3 ? 1e6 : 1e12);

/** 1 / Euclidean length over the layer's axes, every axis kept. */
function inverseLength({ tf, config }: LayerContext, x: Tensor, axes: number[]): Tensor {
  return tf.minimum(tf.rsqrt(tf.sum(tf.square(x), axes, true)), maxInverse(config));
}

/** `keras.layers.UnitNormalization`: x divided by its Euclidean length. A zero vector stays zero, with a finite gradient. */
const unitNormalization: LayerKind = {
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    axesAt(config, shape.length);
    return [shape];
  },
  forward(ctx, inputs) {
    const x = onlyTensor(inputs, ctx);
    return [ctx.tf.mul(x, inverseLength(ctx, x, axesAt(ctx.config, x.rank)))];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf, config } = ctx;
    const x = onlyTensor(inputs, ctx);
    const axes = axesAt(config, x.rank);
    const inverse = inverseLength(ctx, x, axes);
    const unit = tf.mul(x, inverse);
    // Where the bound applies, the factor does not depend on x.
    const depends = tf.cast(tf.less(inverse, maxInverse(config)), 'float32');
    const projected = tf.mul(depends, tf.sum(tf.mul(gradient, unit), axes, true));
    return tf.mul(inverse, tf.sub(gradient, tf.mul(unit, projected)));
  }),
};

/**
 * Shape of RMSNormalization's `scale`, which Keras multiplies along the last axes whatever axes are normalized.
 * @throws Failure `bad-config` that names the layer if the two do not match; Keras cannot run such a layer.
 */
function scaleShape(config: LayerConfig, shape: Shape): number[] {
  const sizes = axesAsWritten(config, shape.length).map((axis) => knownSize(shape, axis, config));
  const last = shape.slice(shape.length - sizes.length);
  if (sizes.every((size, i) => size === last[i])) return sizes;
  return fail(
    'bad-config',
    l10n.t(
      'Layer "{0}": its scale of shape [{1}] does not fit the last axes of its input, [{2}].',
      config.path,
      sizes.join(', '),
      last.join(', '),
    ),
    { subject: config.path, remedy: l10n.t('Keras cannot run this layer either; normalize the last axes.') },
  );
}

/** 1 / root of the mean square over the layer's axes, every axis kept. */
function inverseRms({ tf, config }: LayerContext, x: Tensor, axes: number[]): Tensor {
  return tf.rsqrt(tf.add(tf.mean(tf.square(x), axes, true), config.number('epsilon', 1e-6)));
}

/** `keras.layers.RMSNormalization` (Zhang and Sennrich 2019): x divided by its root mean square, times a learned scale. */
const rmsNormalization: LayerKind = {
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    scaleShape(config, shape);
    return [shape];
  },
  weights: (config, inputs) => [
    { name: 'scale', shape: scaleShape(config, onlyShape(config, inputs)), trainable: true },
  ],
  forward(ctx, inputs) {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    const normal = tf.mul(x, inverseRms(ctx, x, axesAt(ctx.config, x.rank)));
    return [tf.mul(normal, weightAt(ctx, 0))];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    const axes = axesAt(ctx.config, x.rank);
    const inverse = inverseRms(ctx, x, axes);
    const normal = tf.mul(x, inverse);
    const inner = tf.mul(gradient, weightAt(ctx, 0));
    const projected = tf.mean(tf.mul(inner, normal), axes, true);
    return tf.mul(inverse, tf.sub(inner, tf.mul(normal, projected)));
  }),
  mask: noMask,
};

export const lengthNormalizationLayers: KindTable = {
  UnitNormalization: unitNormalization,
  RMSNormalization: rmsNormalization,
};
