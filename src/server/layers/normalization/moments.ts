import type { Tensor, TF } from '../kind';

/** The statistics of a normalization. */
export interface Moments {
  /** x minus its mean. */
  readonly centred: Tensor;
  /** 1 / standard deviation, with every axis kept. */
  readonly inverse: Tensor;
}

/** The moments of `x` over `axes`; `epsilon` is added to the (population) variance. */
export function momentsOf(tf: TF, x: Tensor, axes: number[], epsilon: number): Moments {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  const variance = tf.mean(tf.square(centred), axes, true);
  return { centred, inverse: tf.rsqrt(tf.add(variance, epsilon)) };
}
