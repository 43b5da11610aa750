import type { LayerContext, Tensor } from '../kind';

/** Value and gradients of a merge of inputs of equal rank. */
export interface Merge {
  value(ctx: LayerContext, inputs: readonly Tensor[]): Tensor;
  /** One per input. */
  gradients(ctx: LayerContext, inputs: readonly Tensor[], gradient: Tensor): readonly Tensor[];
}

/**
 * The mask of a merge (`_Merge.compute_mask`). In Keras 3 it is the union of the inputs' masks, and none if any input has
 * none; before, the intersection of the masks that exist.
 */
export function mergedMask(
  { tf, masks, config }: LayerContext,
  inputs: readonly Tensor[],
): Tensor | undefined {
  const [first, ...others] = inputs.flatMap((_, i) => masks[i] ?? []);
  if (first === undefined) return undefined;
  if (config.kerasMajor < 3) return others.reduce((a, b) => tf.logicalAnd(a, b), first);
  return others.length + 1 === inputs.length ? others.reduce((a, b) => tf.logicalOr(a, b), first) : undefined;
}

/**
 * The mask of inputs concatenated along `axis`. In Keras 3 every mask is broadcast to its input's shape, and a step is
 * unmasked if any feature is; before, if all are, and a mask gets at most one more axis of size 1.
 */
export function joinedMask(
  { tf, masks, config }: LayerContext,
  inputs: readonly Tensor[],
  axis: number,
): Tensor | undefined {
  const given = inputs.flatMap((_, i) => masks[i] ?? []);
  if (given.length === 0) return undefined;
  const isOld = config.kerasMajor < 3;
  const isNarrow = isOld && given.length === inputs.length;
  const whole = inputs.map((input, i) => {
    const mask = masks[i];
    if (!mask) return tf.ones(input.shape);
    const ones = new Array<number>(input.rank - mask.rank).fill(1);
    const wide = tf.reshape(tf.cast(mask, 'float32'), [
      ...mask.shape,
      ...(isNarrow ? ones.slice(0, 1) : ones),
    ]);
    return isNarrow ? wide : tf.mul(tf.ones(input.shape), wide);
  });
  const rank = whole[0]?.rank ?? 0;
  const joined = tf.concat(whole, Math.min(axis, rank - 1));
  return tf.cast(isOld ? tf.min(joined, -1) : tf.max(joined, -1), 'bool');
}

/**
 * Mask `index` as float32 1s and 0s that broadcast against input `x`: [batch, time] becomes [batch, time, 1].
 * Masks affect Multiply, Maximum and Minimum since Keras 3 only.
 */
export function featureMask(
  { tf, masks, config }: LayerContext,
  index: number,
  x: Tensor,
): Tensor | undefined {
  const mask = masks[index];
  if (!mask || config.kerasMajor < 3) return undefined;
  const ones = new Array<number>(Math.max(0, x.rank - mask.rank)).fill(1);
  return tf.reshape(tf.cast(mask, 'float32'), [...mask.shape, ...ones]);
}
