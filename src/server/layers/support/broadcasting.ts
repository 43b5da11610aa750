import type { Tensor, TF } from '../kind';

/**
 * Raises a tensor to `rank` as Keras's merge layers do: axes of size 1 are inserted after the batch axis, not before it
 * as in NumPy.
 */
export function toRank(tf: TF, x: Tensor, rank: number): Tensor {
  const [batch = 1, ...rest] = x.shape;
  const missing = rank - x.rank;
  return missing > 0 ? tf.reshape(x, [batch, ...new Array<number>(missing).fill(1), ...rest]) : x;
}

/**
 * The transpose of broadcasting: sums a gradient over every axis along which a tensor of `shape` was repeated.
 * @param shape may have a lower rank; missing axes go after the batch axis (see `toRank`).
 */
export function unbroadcast(tf: TF, gradient: Tensor, shape: readonly number[]): Tensor {
  const [batch = 1, ...rest] = shape;
  const aligned = [batch, ...new Array<number>(gradient.rank - shape.length).fill(1), ...rest];
  const repeated = aligned.flatMap((size, axis) => (size === 1 && gradient.shape[axis] !== 1 ? [axis] : []));
  const summed = repeated.length > 0 ? tf.sum(gradient, repeated, true) : gradient;
  return tf.reshape(summed, [...shape]);
}
