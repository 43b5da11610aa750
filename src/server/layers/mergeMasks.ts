import type { LayerContext, Tensor } from './kind';

/** Value and gradients of a merge of inputs that all have one rank. */
export interface Merge {
  value(ctx: LayerContext, inputs: readonly Tensor[]): Tensor;
  /** One an input. */
  gradients(ctx: LayerContext, inputs: readonly Tensor[], gradient: Tensor): readonly Tensor[];
}

/** The mask of a merge: a step counts where it counts in any input; no mask as soon as one input has none. */
export function eitherMask({ tf, masks }: LayerContext, inputs: readonly Tensor[]): Tensor | undefined {
  const given = inputs.flatMap((_, i) => masks[i] ?? []);
  return given.length > 0 && given.length === inputs.length
    ? given.reduce((a, b) => tf.logicalOr(a, b))
    : undefined;
}

/**
 * Mask `index` as float32 1s and 0s that broadcast against input `x`: [batch, time] becomes [batch, time, 1].
 * Only since Keras 3 do masks change what Multiply, Maximum and Minimum compute.
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
