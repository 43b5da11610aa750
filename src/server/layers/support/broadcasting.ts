import type { Tensor, TF } from '../kind';

/**
 * Merge layers bring their inputs to one rank by inserting axes of size 1 behind the batch axis (not in front of it, as
 * NumPy does).
 */
export function toRank(tf: TF, x: Tensor, rank: number): Tensor {
  const [batch = 1, ...rest] = x.shape;
  const missing = rank - x.rank;
  return missing > 0 ? tf.reshape(x, [batch, ...new Array<number>(missing).fill(1), ...rest]) : x;
}

/**
 * The transpose of broadcasting: sums a gradient over every axis along which a tensor of `shape` was repeated.
 * @param shape may be of lower rank; missing axes stand behind the batch axis (see `toRank`).
 */
export function unbroadcast(tf: TF, gradient: Tensor, shape: readonly number[]): Tensor {
  const [batch = 1, ...rest] = shape;
  const aligned = [batch, ...new Array<number>(gradient.rank - shape.length).fill(1), ...rest];
  const repeated = aligned.flatMap((size, axis) => (size === 1 && gradient.shape[axis] !== 1 ? [axis] : []));
  const summed = repeated.length > 0 ? tf.sum(gradient, repeated, true) : gradient;
  return tf.reshape(summed, [...shape]);
}
