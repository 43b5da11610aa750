import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerKind } from '../kind';
import { isChannelsFirst } from '../support/dataFormat';
import { mapSize, onlyShape } from '../support/layerInputs';
import { linear } from '../support/linear';
import { shapeText } from '../support/shapeMatching';
import { croppingLayers, zeroPaddingLayers } from './padding';
import { upSamplingLayers } from './upSampling';

/** Product of sizes, `null` when one is unknown. */
function product(sizes: Shape): number | null {
  return sizes.reduce<number | null>((all, size) => (all === null || size === null ? null : all * size), 1);
}

/** [batch, ...] -> [batch, product of the others]; like Keras, it reads `channels_first` inputs channels last. */
const flatten: LayerKind = {
  role: 'reshaping',
  isPassThrough: () => true,
  outputShapes(config, inputs) {
    const [batch = null, ...rest] = onlyShape(config, inputs);
    return [[batch, product(rest)]];
  },
  ...linear({
    forward({ tf, config }, x) {
      const [batch = 1, ...rest] = x.shape;
      const last = isChannelsFirst(config) && x.rank > 2 ? tf.transpose(x, channelsToBack(x.rank)) : x;
      return tf.reshape(last, [batch, rest.reduce((a, b) => a * b, 1)]);
    },
    transpose({ tf, config }, gradient, x) {
      if (!isChannelsFirst(config) || x.rank <= 2) return tf.reshape(gradient, x.shape);
      const order = channelsToBack(x.rank);
      const last = tf.reshape(
        gradient,
        order.map((axis) => x.shape[axis] ?? 1),
      );
      return tf.transpose(last, inverse(order));
    },
  }),
};

const channelsToBack = (rank: number): number[] => [
  0,
  ...Array.from({ length: rank - 2 }, (_, i) => i + 2),
  1,
];

/** The permutation that undoes `order`. */
const inverse = (order: readonly number[]): number[] => order.map((_, axis) => order.indexOf(axis));

/** [batch, ...] -> [batch, ...target_shape]; at most one size is -1 and is inferred. */
const reshape: LayerKind = {
  role: 'reshaping',
  isPassThrough: () => true,
  outputShapes(config, inputs) {
    const [batch = null, ...rest] = onlyShape(config, inputs);
    return [[batch, ...reshapedTo(config, rest)]];
  },
  ...linear({
    forward({ tf, config }, x) {
      const [batch = 1, ...rest] = x.shape;
      return tf.reshape(x, [batch, ...reshapedTo(config, rest).map((size) => size ?? -1)]);
    },
    transpose: ({ tf }, gradient, x) => tf.reshape(gradient, x.shape),
  }),
};

function reshapedTo(config: LayerConfig, from: Shape): (number | null)[] {
  const target = config.intList('target_shape');
  const size = product(from);
  const given = target.filter((n) => n !== -1).reduce((a, b) => a * b, 1);
  const open = target.length - target.filter((n) => n !== -1).length;
  const fits = open === 0 ? size === given : size !== null && given > 0 && size % given === 0;
  if (open > 1 || target.some((n) => n < -1) || (size !== null && !fits)) {
    return fail(
      'wrong-shape',
      l10n.t('Layer "{0}" cannot reshape {1} to [{2}].', config.path, shapeText(from), target.join(', ')),
      { subject: config.path, remedy: l10n.t('Use an input of the size that the model was built for.') },
    );
  }
  return target.map((n) => (n === -1 ? mapSize(size, (all) => all / given) : n));
}

/** Reorders the axes after the batch axis; `dims` counts them from 1. */
const permute: LayerKind = {
  role: 'reshaping',
  isPassThrough: () => true,
  permutation: (config, inputs) => permutation(config, onlyShape(config, inputs).length),
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    return [permutation(config, shape.length).map((axis) => shape[axis] ?? null)];
  },
  ...linear({
    forward: ({ tf, config }, x) => tf.transpose(x, permutation(config, x.rank)),
    transpose: ({ tf, config }, gradient, x) => tf.transpose(gradient, inverse(permutation(config, x.rank))),
  }),
};

function permutation(config: LayerConfig, rank: number): number[] {
  const dims = config.intList('dims');
  const isPermutation = [...dims].sort((a, b) => a - b).every((d, i) => d === i + 1);
  if (!isPermutation || dims.length !== rank - 1) {
    return config.misfit('dims', l10n.t('the numbers 1 to {0} in some order', rank - 1), dims);
  }
  return [0, ...dims];
}

/** [batch, features] -> [batch, n, features]. */
const repeatVector: LayerKind = {
  role: 'reshaping',
  isPassThrough: () => true,
  outputShapes(config, inputs) {
    const [batch = null, features = null] = onlyShape(config, inputs, 2);
    return [[batch, config.int('n'), features]];
  },
  ...linear({
    forward: ({ tf, config }, x) => tf.tile(tf.expandDims(x, 1), [1, config.int('n'), 1]),
    transpose: ({ tf }, gradient) => tf.sum(gradient, 1),
  }),
};

/** Layers that move values without changing them: reshaping, padding, cropping, upsampling. */
export const reshapingLayers: KindTable = {
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  RepeatVector: repeatVector,
  ...zeroPaddingLayers,
  ...croppingLayers,
  ...upSamplingLayers,
};
