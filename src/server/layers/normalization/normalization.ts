import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { axesAsWritten, axesAt, axisAt } from '../support/axes';
import { knownSize } from '../support/knownSize';
import { onlyShape } from '../support/layerInputs';
import { oneToOne, onlyTensor } from '../support/singleInput';
import { momentsOf } from './moments';

/**
 * A weight by name, shaped to broadcast along `axes`; `null` if the layer lacks it. As in Keras, its values follow the
 * axes in ascending order, whatever the order in its shape.
 */
function along(
  ctx: LayerContext,
  specs: readonly string[],
  name: string,
  axes: readonly number[],
  x: Tensor,
): Tensor | null {
  const weight = ctx.weights[specs.indexOf(name)];
  if (weight === undefined) return null;
  return ctx.tf.reshape(
    weight,
    x.shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
  );
}

/** BatchNormalization's weights in Keras's order. */
function batchWeights(
  config: LayerConfig,
): readonly { readonly name: string; readonly trainable: boolean }[] {
  return [
    ...(config.bool('scale', true) ? [{ name: 'gamma', trainable: true }] : []),
    ...(config.bool('center', true) ? [{ name: 'beta', trainable: true }] : []),
    { name: 'moving_mean', trainable: false },
    { name: 'moving_variance', trainable: false },
    // Renormalization affects training only, but its weights are in the file.
    ...(config.bool('renorm', false)
      ? ['moving_stddev', 'renorm_mean', 'renorm_stddev'].map((name) => ({ name, trainable: false }))
      : []),
  ];
}

/** The normalized axis; Keras 2 saves it as a list of one. */
function batchAxis(config: LayerConfig, rank: number): number {
  const axes = config.has('axis') ? config.intList('axis') : [-1];
  const [axis] = axes;
  if (axis !== undefined && axes.length === 1) return axisAt(axis, rank, config);
  return fail(
    'bad-config',
    l10n.t('Layer "{0}" normalizes {1} axes; Layerglass supports one.', config.path, axes.length),
    {
      subject: config.path,
      remedy: l10n.t('Use a BatchNormalization over one axis.'),
    },
  );
}

/**
 * Whether a call normalizes by the statistics of the batch. Keras 2 does so even in `predict` if the layer was called with
 * `training=True`, unless it is frozen; in Keras 3 the `training` of the model's call takes precedence.
 */
function usesBatchStatistics(config: LayerConfig, call: CallArguments): boolean {
  const { training } = call.kwargs;
  if (config.kerasMajor >= 3 || (training !== true && training !== 1)) return false;
  return config.bool('trainable', true);
}

/** The batch normalized by its own mean and standard deviation, and gamma and beta along the axis. */
function batchMoments(ctx: LayerContext, x: Tensor) {
  const { tf, config } = ctx;
  const axis = batchAxis(config, x.rank);
  if (config.bool('renorm', false)) {
    return fail(
      'not-applicable',
      l10n.t(
        'Layer "{0}" renormalizes the statistics of the batch (renorm with training=True), which Layerglass does not compute.',
        config.path,
      ),
      { subject: config.path, remedy: l10n.t('Layers before this one can be explained.') },
    );
  }
  const axes = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const names = batchWeights(config).map((weight) => weight.name);
  const [gamma, beta] = ['gamma', 'beta'].map((name) => along(ctx, names, name, [axis], x));
  const { centred, inverse } = momentsOf(tf, x, axes, config.number('epsilon', 1e-3));
  return { axes, normal: tf.mul(centred, inverse), inverse, gamma, beta };
}

/** Normalization by the moving statistics as x * scale + shift. */
function batchAffine(ctx: LayerContext, x: Tensor): { scale: Tensor; shift: Tensor } {
  const { tf, config } = ctx;
  const names = batchWeights(config).map((weight) => weight.name);
  const axes = [batchAxis(config, x.rank)];
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) =>
    along(ctx, names, name, axes, x),
  );
  if (!mean || !variance)
    throw new RangeError(`Layer "${config.path}" was run without its moving statistics.`);
  const inverse = tf.rsqrt(tf.add(variance, config.number('epsilon', 1e-3)));
  const scale = gamma ? tf.mul(inverse, gamma) : inverse;
  const centre = tf.neg(tf.mul(mean, scale));
  return { scale, shift: beta ? tf.add(beta, centre) : centre };
}

/**
 * `keras.layers.BatchNormalization` (Ioffe and Szegedy 2015) over any one axis, in inference mode or by the statistics of
 * the batch (see `usesBatchStatistics`).
 */
const batchNormalization: LayerKind = {
  outputShapes: (config, inputs) => [onlyShape(config, inputs)],
  weights(config, inputs): WeightSpec[] {
    const shape = onlyShape(config, inputs);
    const size = knownSize(shape, batchAxis(config, shape.length), config);
    return batchWeights(config).map((weight) => ({ ...weight, shape: [size] }));
  },
  takesTraining: true,
  notice: (config, call) =>
    usesBatchStatistics(config, call)
      ? l10n.t(
          'Called with training=True: like Keras 2, even in predict, it normalizes by the mean and variance of the batch, so values depend on the whole batch.',
        )
      : null,
  forward(ctx, inputs) {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    if (usesBatchStatistics(ctx.config, ctx.call)) {
      const { normal, gamma, beta } = batchMoments(ctx, x);
      const scaled = gamma ? tf.mul(normal, gamma) : normal;
      return [beta ? tf.add(scaled, beta) : scaled];
    }
    const { scale, shift } = batchAffine(ctx, x);
    return [tf.add(tf.mul(x, scale), shift)];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    if (!usesBatchStatistics(ctx.config, ctx.call)) return tf.mul(gradient, batchAffine(ctx, x).scale);
    // Mean and variance depend on every value of the batch.
    const { axes, normal, inverse, gamma } = batchMoments(ctx, x);
    const inner = gamma ? tf.mul(gradient, gamma) : gradient;
    const direct = tf.sub(inner, tf.mean(inner, axes, true));
    return tf.mul(inverse, tf.sub(direct, tf.mul(normal, tf.mean(tf.mul(inner, normal), axes, true))));
  }),
};

function layerWeights(config: LayerConfig): string[] {
  const rms = config.bool('rms_scaling', false);
  return [
    ...(config.bool('scale', true) || rms ? ['gamma'] : []),
    ...(config.bool('center', true) && !rms ? ['beta'] : []),
  ];
}

function layerMoments({ tf, config }: LayerContext, x: Tensor, axes: number[]) {
  return momentsOf(tf, x, axes, config.number('epsilon', 1e-3));
}

/**
 * `keras.layers.LayerNormalization` (Ba et al. 2016). With `rms_scaling` x is divided by the standard deviation
 * but not centred, as Keras does.
 */
const layerNormalization: LayerKind = {
  outputShapes: (config, inputs) => [onlyShape(config, inputs)],
  weights(config, inputs): WeightSpec[] {
    const shape: Shape = onlyShape(config, inputs);
    const sizes = axesAsWritten(config, shape.length).map((axis) => knownSize(shape, axis, config));
    return layerWeights(config).map((name) => ({ name, shape: sizes, trainable: true }));
  },
  forward(ctx, inputs) {
    const { tf, config } = ctx;
    const x = onlyTensor(inputs, ctx);
    const axes = axesAt(config, x.rank);
    const { centred, inverse } = layerMoments(ctx, x, axes);
    const normal = tf.mul(config.bool('rms_scaling', false) ? x : centred, inverse);
    const names = layerWeights(config);
    const gamma = along(ctx, names, 'gamma', axes, x);
    const beta = along(ctx, names, 'beta', axes, x);
    const scaled = gamma ? tf.mul(normal, gamma) : normal;
    return [beta ? tf.add(scaled, beta) : scaled];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf, config } = ctx;
    const x = onlyTensor(inputs, ctx);
    const axes = axesAt(config, x.rank);
    const { centred, inverse } = layerMoments(ctx, x, axes);
    const rms = config.bool('rms_scaling', false);
    const gamma = along(ctx, layerWeights(config), 'gamma', axes, x);
    const inner = gamma ? tf.mul(gradient, gamma) : gradient;
    const normal = tf.mul(centred, inverse);
    const projected = tf.mean(tf.mul(inner, tf.mul(rms ? x : centred, inverse)), axes, true);
    const direct = rms ? inner : tf.sub(inner, tf.mean(inner, axes, true));
    return tf.mul(inverse, tf.sub(direct, tf.mul(normal, projected)));
  }),
};

export const normalizationLayers: KindTable = {
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  SyncBatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
};
