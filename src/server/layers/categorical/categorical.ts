import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { mapInto } from '../../../shared/mapInto';
import { MAX_VALUES } from '../../graph/checkSizes';
import type { LayerConfig } from '../../graph/layerConfig';
import type { LayerContext, Tensor } from '../kind';

/** The encoding of categories: their indices, or an array with one element per category. */
export type OutputMode = 'int' | 'one_hot' | 'multi_hot' | 'count' | 'tf_idf';

/** Integers read from a tensor, row-major. */
export interface Indices {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/**
 * Argument `output_mode`, including its deprecated names.
 * @throws Failure `not-applicable` for `sparse=True`: TF.js has no sparse tensors.
 */
export function outputMode<T extends OutputMode>(config: LayerConfig, allowed: readonly T[], fallback: T): T {
  if (config.bool('sparse', false)) {
    fail(
      'not-applicable',
      l10n.t('Layer "{0}" returns sparse tensors, which Layerglass does not compute.', config.path),
      {
        subject: config.path,
        remedy: l10n.t('Save the model with sparse=False. Layers before this one can be explained.'),
      },
    );
  }
  const given = config.string('output_mode', fallback);
  const name = given === 'binary' ? 'multi_hot' : given === 'tf-idf' ? 'tf_idf' : given;
  const found = allowed.find((mode) => mode === name);
  return found ?? config.bad('output_mode', l10n.t('one of {0}', allowed.join(', ')), given);
}

/**
 * `numerical_utils.encode_categorical_inputs`: int32 indices, or float32 arrays of `depth` elements. An index outside
 * the array is ignored. As in Keras, `multi_hot` and `count` reduce the last axis of one or two, axis 1 of more.
 * @param weights for `count`: the weight of each index, by default 1.
 * @throws Failure `bad-input` for a negative index that Keras rejects, `too-large` for an output over 1 GB.
 */
export function encode(
  { tf, config }: LayerContext,
  { shape, values }: Indices,
  mode: Exclude<OutputMode, 'tf_idf'>,
  depth: number,
  weights?: ArrayLike<number>,
): Tensor {
  if (mode === 'int') return tf.tensor(Int32Array.from(values), [...shape], 'int32');
  const reduced = mode === 'one_hot' ? -1 : shape.length > 1 ? 1 : 0;
  const kept = mode === 'one_hot' && shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
  const outShape = [...kept.filter((_, axis) => axis !== reduced), depth];
  const size = outShape.reduce((a, b) => a * b, 1);
  if (size > MAX_VALUES) {
    fail(
      'too-large',
      l10n.t('Layer "{0}" would return {1} values ({2}).', config.path, size, outShape.join(' x ')),
      {
        subject: config.path,
        remedy: l10n.t('Choose a smaller input.'),
      },
    );
  }
  const rowOf = rows(shape, reduced);
  const encoded = new Float32Array(size);
  for (let i = 0; i < values.length; i++) {
    const index = Math.trunc(values[i] ?? 0);
    if (index < 0 && reduced >= 0 && shape.length <= 2) rejectNegative(config, index);
    if (index < 0 || index >= depth) continue;
    const at = rowOf(i) * depth + index;
    encoded[at] = mode === 'count' ? (encoded[at] ?? 0) + (weights?.[i] ?? 1) : 1;
  }
  return tf.tensor(encoded, outShape);
}

/** The gradient of `encode`'s counts with respect to the weight of each index; of the indices' shape. */
export function countedGradient({ tf }: LayerContext, { shape, values }: Indices, gradient: Tensor): Tensor {
  const depth = gradient.shape.at(-1) ?? 0;
  const rowOf = rows(shape, shape.length > 1 ? 1 : 0);
  const given = gradient.dataSync();
  const toWeights = mapInto(new Float32Array(values.length), values, (value, i) => {
    const index = Math.trunc(value);
    return index < 0 || index >= depth ? 0 : (given[rowOf(i) * depth + index] ?? 0);
  });
  return tf.tensor(toWeights, [...shape]);
}

/** Maps the position of a value to its row in the encoded array; `reduced` is -1 for one row per value. */
function rows(shape: readonly number[], reduced: number): (position: number) => number {
  if (reduced < 0) return (position) => position;
  const inner = shape.slice(reduced + 1).reduce((a, b) => a * b, 1);
  const length = shape[reduced] ?? 1;
  return (position) => Math.floor(position / (inner * length)) * inner + (position % inner);
}

function rejectNegative(config: LayerConfig, index: number): never {
  return fail(
    'bad-input',
    l10n.t('Layer "{0}" expects categories from 0 but gets {1}.', config.path, index),
    {
      subject: config.path,
      remedy: l10n.t('Use the categories that the model was trained with.'),
    },
  );
}
