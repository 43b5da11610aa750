import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { axisAt } from '../support/axes';
import { knownSize } from '../support/knownSize';
import { onlyShape } from '../support/layerInputs';
import { oneToOne, onlyTensor } from '../support/singleInput';
import { momentsOf } from './moments';

/** All axes but those of the batch and the group in [batch, before, groups, channels / groups, after]. */
const WITHIN = [1, 3, 4];

function groupAxis(config: LayerConfig, rank: number): number {
  const axis = axisAt(config.int('axis', -1), rank, config);
  return axis > 0 ? axis : config.bad('axis', l10n.t('an axis after the batch axis'), config.raw('axis'));
}

/** Number of groups; -1 means one group per channel (instance normalization). */
function groupsOf(config: LayerConfig, channels: number): number {
  const groups = config.int('groups', 32);
  if (groups === -1) return channels;
  return groups > 0 && channels % groups === 0
    ? groups
    : config.misfit('groups', l10n.t('a divisor of its {0} channels', channels), groups);
}

function weightNames(config: LayerConfig): string[] {
  return [...(config.bool('scale', true) ? ['gamma'] : []), ...(config.bool('center', true) ? ['beta'] : [])];
}

/** [batch, before, groups, channels / groups, after]: the group axis split in two, the axes around it flattened. */
function groupedShape(
  config: LayerConfig,
  shape: readonly number[],
): [number, number, number, number, number] {
  const axis = groupAxis(config, shape.length);
  const channels = shape[axis] ?? 0;
  const groups = groupsOf(config, channels);
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  return [
    shape[0] ?? 0,
    product(shape.slice(1, axis)),
    groups,
    channels / groups,
    product(shape.slice(axis + 1)),
  ];
}

/** A weight with one value per channel, shaped to broadcast over the grouped input; `null` if the layer lacks it. */
function perChannel({ tf, config, weights }: LayerContext, name: string, grouped: Tensor): Tensor | null {
  const weight = weights[weightNames(config).indexOf(name)];
  const [, , groups = 1, size = 1] = grouped.shape;
  return weight === undefined ? null : tf.reshape(weight, [1, 1, groups, size, 1]);
}

function groupMoments({ tf, config }: LayerContext, grouped: Tensor) {
  return momentsOf(tf, grouped, WITHIN, config.number('epsilon', 1e-3));
}

/** `keras.layers.GroupNormalization` (Wu and He 2018): mean and variance of each sample's group of channels. */
const groupNormalization: LayerKind = {
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    groupsOf(config, knownSize(shape, groupAxis(config, shape.length), config));
    return [shape];
  },
  weights(config, inputs) {
    const shape = onlyShape(config, inputs);
    const size = knownSize(shape, groupAxis(config, shape.length), config);
    return weightNames(config).map((name) => ({ name, shape: [size], trainable: true }));
  },
  forward(ctx, inputs) {
    const { tf, config } = ctx;
    const x = onlyTensor(inputs, ctx);
    const grouped = tf.reshape(x, groupedShape(config, x.shape));
    const { centred, inverse } = groupMoments(ctx, grouped);
    const normal = tf.mul(centred, inverse);
    const gamma = perChannel(ctx, 'gamma', grouped);
    const beta = perChannel(ctx, 'beta', grouped);
    const scaled = gamma ? tf.mul(normal, gamma) : normal;
    return [tf.reshape(beta ? tf.add(scaled, beta) : scaled, x.shape)];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf, config } = ctx;
    const x = onlyTensor(inputs, ctx);
    const grouped = tf.reshape(x, groupedShape(config, x.shape));
    const { centred, inverse } = groupMoments(ctx, grouped);
    const normal = tf.mul(centred, inverse);
    const gamma = perChannel(ctx, 'gamma', grouped);
    const outer = tf.reshape(gradient, grouped.shape);
    const inner = gamma ? tf.mul(outer, gamma) : outer;
    const direct = tf.sub(inner, tf.mean(inner, WITHIN, true));
    const projected = tf.mean(tf.mul(inner, normal), WITHIN, true);
    return tf.reshape(tf.mul(inverse, tf.sub(direct, tf.mul(normal, projected))), x.shape);
  }),
};

export const groupNormalizationLayers: KindTable = { GroupNormalization: groupNormalization };
