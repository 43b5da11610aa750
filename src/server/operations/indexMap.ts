import * as l10n from '@vscode/l10n';
import type { Shape } from '../../shared/model';
import { times } from '../graph/cost';
import type { Tensor, TF } from '../layers/kind';
import { MAX_HOST_VALUES } from './hostOperation';
import { elementCount, type Operation, product, refuse, singleOperand } from './operation';

/** The source of each value of a result. */
export interface IndexMap {
  readonly shape: readonly number[];
  /** Flat indices into the operand, -1 for the value 0. */
  readonly sources: Int32Array;
}

/** The sources, those with -1 replaced, and their tensor. */
const INDEX_COPIES = 3;

/**
 * An operation that only rearranges, repeats or drops values of its operand; the gradient is scattered back to
 * their sources.
 * @param shape of the result, `null` where a size of the operand is unknown; @throws Refusal.
 * @param placing for a known shape.
 * @param isPassThrough if no source is -1.
 */
export function gatherByMap(
  shape: (operand: Shape) => Shape,
  placing: (operand: readonly number[]) => IndexMap,
  { isPassThrough = false } = {},
): Operation {
  return singleOperand({
    isPassThrough,
    shape,
    workspace: (operand) => times(INDEX_COPIES, elementCount(shape(operand))),
    value({ tf }, x) {
      const { shape: sizes, sources: places } = placing(x.shape);
      if (places.length === 0) return tf.zeros([...sizes], x.dtype);
      const flat = tf.reshape(x, [x.size]);
      const isPadded = places.includes(-1);
      const padded = isPadded ? tf.concat([flat, tf.zeros([1], x.dtype)]) : flat;
      const from = isPadded ? places.map((place) => (place < 0 ? x.size : place)) : places;
      return tf.reshape(tf.gather(padded, tf.tensor1d(from, 'int32')), [...sizes]);
    },
    gradient: ({ tf }, gradient, x) => tf.reshape(gathered(tf, gradient, placing(x.shape), x.size), x.shape),
  });
}

function gathered(tf: TF, gradient: Tensor, { sources: places }: IndexMap, size: number): Tensor {
  if (places.length === 0) return tf.zeros([size]);
  const into = tf.tensor2d(
    places.map((place) => (place < 0 ? size : place)),
    [places.length, 1],
    'int32',
  );
  const sums = tf.scatterND(into, tf.reshape(gradient, [places.length]), [size + 1]);
  return tf.slice(sums, 0, size);
}

/** The sources of a result of `shape`, by the index of each of its values. */
export function sourcesFor(shape: readonly number[], of: (at: readonly number[]) => number): Int32Array {
  const size = product(shape);
  if (size > MAX_HOST_VALUES) refuse(l10n.t('it would give {0} values.', size), 'too-large');
  const places = new Int32Array(size);
  const at = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < places.length; i++) {
    places[i] = of(at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (at[axis] ?? 0) + 1;
      at[axis] = next < (shape[axis] ?? 1) ? next : 0;
      if (at[axis] !== 0) break;
    }
  }
  return places;
}

/** The row-major flat index of `at` in a tensor of `shape`. */
export const flatIndex = (shape: readonly number[], at: readonly number[]): number =>
  shape.reduce((place, size, axis) => place * size + (at[axis] ?? 0), 0);
