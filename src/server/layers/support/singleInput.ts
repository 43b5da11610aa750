import type { BackwardStep, LayerContext, LayerKind, Tensor } from '../kind';
import { tensorAt } from './layerInputs';

/** The first tensor of a list: the input of a layer that takes one. */
export function onlyTensor(tensors: readonly Tensor[], ctx: LayerContext): Tensor {
  return tensorAt(ctx.config, tensors, 0);
}

/** A weight by its position in `weights()`. */
export function weightAt(ctx: LayerContext, index: number): Tensor {
  return tensorAt(ctx.config, ctx.weights, index);
}

/** `backward` of a layer with one input and one output; without an output gradient there is no input gradient. */
export function oneToOne(
  inputGradient: (ctx: LayerContext, gradient: Tensor, step: BackwardStep) => Tensor,
): NonNullable<LayerKind['backward']> {
  return (ctx, step) => {
    const gradient = step.gradients[0] ?? null;
    return [gradient === null ? null : inputGradient(ctx, gradient, step)];
  };
}

/** `forward` and `backward` of a layer that passes its input through. */
export const identity = {
  forward: (ctx: LayerContext, inputs: readonly Tensor[]) => [ctx.tf.clone(onlyTensor(inputs, ctx))],
  backward: oneToOne((ctx, gradient) => ctx.tf.clone(gradient)),
};

/** `mask` of a layer without Keras's `supports_masking`: its output has no mask. */
export const noMask = (): undefined => undefined;
