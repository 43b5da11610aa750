import type { Shape } from '../../shared/model';
import type { Tensor, TF } from '../layers/kind';
import { MAX_HOST_VALUES } from './hostOperation';
import { type Operation, ofOne, product, refuse } from './operation';

/** Where each value of a result comes from. */
export interface Placing {
  readonly shape: readonly number[];
  /** Row-major positions in the operand, -1 for 0. */
  readonly places: Int32Array;
}

/**
 * An operation that only puts values of its operand elsewhere, several times or not at all; the gradient goes back to where
 * they came from.
 * @param shape of the result, `null` where a size of the operand is unknown; @throws Refusal.
 * @param placing for a known shape.
 * @param isPassThrough where no place is -1.
 */
export function byPlaces(
  shape: (operand: Shape) => Shape,
  placing: (operand: readonly number[]) => Placing,
  { isPassThrough = false } = {},
): Operation {
  return ofOne({
    isPassThrough,
    shape,
    value({ tf }, x) {
      const { shape: sizes, places } = placing(x.shape);
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

function gathered(tf: TF, gradient: Tensor, { places }: Placing, size: number): Tensor {
  if (places.length === 0) return tf.zeros([size]);
  const into = tf.tensor2d(
    places.map((place) => (place < 0 ? size : place)),
    [places.length, 1],
    'int32',
  );
  const sums = tf.scatterND(into, tf.reshape(gradient, [places.length]), [size + 1]);
  return tf.slice(sums, 0, size);
}

/** Places of a result of `shape` by the position of each of its values. */
export function placesFor(shape: readonly number[], of: (at: readonly number[]) => number): Int32Array {
  const size = product(shape);
  if (size > MAX_HOST_VALUES) refuse(`it would give ${size} values.`, 'too-large');
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

/** The row-major position of `at` in a tensor of `shape`. */
export const positionIn = (shape: readonly number[], at: readonly number[]): number =>
  shape.reduce((place, size, axis) => place * size + (at[axis] ?? 0), 0);
