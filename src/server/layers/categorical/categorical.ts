import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { LayerContext, Tensor } from '../kind';

/** How a category becomes numbers: its index, or a place in an array of all categories. */
export type OutputMode = 'int' | 'one_hot' | 'multi_hot' | 'count' | 'tf_idf';

/** Whole numbers read out of a tensor, row-major. */
export interface Indices {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** 1 GB of float32. */
const MAX_VALUES = 2 ** 28;

/**
 * Argument `output_mode`, deprecated spellings included.
 * @throws Failure `not-applicable` for `sparse`: its tensors do not exist here.
 */
export function outputMode<T extends OutputMode>(config: LayerConfig, allowed: readonly T[], fallback: T): T {
  if (config.bool('sparse', false)) {
    fail(
      'not-applicable',
      `Layer "${config.path}" gives sparse tensors, which Layerglass does not compute.`,
      {
        subject: config.path,
        remedy: 'Save the model with sparse=False; what comes before this layer works.',
      },
    );
  }
  const given = config.string('output_mode', fallback);
  const name = given === 'binary' ? 'multi_hot' : given === 'tf-idf' ? 'tf_idf' : given;
  const found = allowed.find((mode) => mode === name);
  return found ?? config.bad('output_mode', `one of ${allowed.join(', ')}`, given);
}

/**
 * `numerical_utils.encode_categorical_inputs`: int32 indices, or float32 arrays of `depth` places. What has no place is
 * left out. `multi_hot` and `count` gather the last axis of one or two, axis 1 of more, as Keras does.
 * @param weights for `count`: what each index counts, instead of 1.
 * @throws Failure `bad-input` for a negative index where Keras refuses it, `too-large`.
 */
export function encode(
  { tf, config }: LayerContext,
  { shape, values }: Indices,
  mode: Exclude<OutputMode, 'tf_idf'>,
  depth: number,
  weights?: ArrayLike<number>,
): Tensor {
  if (mode === 'int') return tf.tensor(Int32Array.from(values), [...shape], 'int32');
  const gathered = mode === 'one_hot' ? -1 : shape.length > 1 ? 1 : 0;
  const kept = mode === 'one_hot' && shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
  const outShape = [...kept.filter((_, axis) => axis !== gathered), depth];
  const size = outShape.reduce((a, b) => a * b, 1);
  if (size > MAX_VALUES) {
    fail('too-large', `Layer "${config.path}" would give ${size} values (${outShape.join(' x ')}).`, {
      subject: config.path,
      remedy: 'Choose a smaller input.',
    });
  }
  const rowOf = rows(shape, gathered);
  const encoded = new Float32Array(size);
  for (let i = 0; i < values.length; i++) {
    const index = Math.trunc(values[i] ?? 0);
    if (index < 0 && gathered >= 0 && shape.length <= 2) refuseNegative(config, index);
    if (index < 0 || index >= depth) continue;
    const at = rowOf(i) * depth + index;
    encoded[at] = mode === 'count' ? (encoded[at] ?? 0) + (weights?.[i] ?? 1) : 1;
  }
  return tf.tensor(encoded, outShape);
}

/** The gradient of `encode`'s counts with respect to what each index counts; of the indices' shape. */
export function countedGradient({ tf }: LayerContext, { shape, values }: Indices, gradient: Tensor): Tensor {
  const depth = gradient.shape.at(-1) ?? 0;
  const rowOf = rows(shape, shape.length > 1 ? 1 : 0);
  const given = gradient.dataSync();
  const toWeights = Float32Array.from(values, (value, i) => {
    const index = Math.trunc(value);
    return index < 0 || index >= depth ? 0 : (given[rowOf(i) * depth + index] ?? 0);
  });
  return tf.tensor(toWeights, [...shape]);
}

/** The row of the encoded array that a value counts in, by its position; `gathered` is -1 for one row a value. */
function rows(shape: readonly number[], gathered: number): (position: number) => number {
  if (gathered < 0) return (position) => position;
  const inner = shape.slice(gathered + 1).reduce((a, b) => a * b, 1);
  const length = shape[gathered] ?? 1;
  return (position) => Math.floor(position / (inner * length)) * inner + (position % inner);
}

function refuseNegative(config: LayerConfig, index: number): never {
  return fail('bad-input', `Layer "${config.path}" counts categories from 0, but gets ${index}.`, {
    subject: config.path,
    remedy: 'Give it the categories that the model was trained with.',
  });
}
