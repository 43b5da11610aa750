import type { Tensor, TF } from '../kind';

// Comparisons by arithmetic: ten times faster on wasm than TF.js's comparison operations and `where`.

/** 1 where x > threshold, 0 elsewhere. Uses `step` because wasm's `sign` rounds everything below 1e-7 to 0. */
export const above = (tf: TF, x: Tensor, threshold: number): Tensor =>
  tf.step(threshold === 0 ? x : tf.sub(x, threshold));

/** 1 where x < threshold, 0 elsewhere. */
export const below = (tf: TF, x: Tensor, threshold: number): Tensor => tf.step(tf.sub(threshold, x));

/** `yes` where the mask is 1, `no` where it is 0; both finite. */
export const blend = (tf: TF, mask: Tensor, yes: Tensor | number, no: Tensor | number): Tensor =>
  tf.add(tf.mul(mask, yes), tf.mul(tf.sub(1, mask), no));
