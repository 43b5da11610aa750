import type { BackwardStep, LayerContext, LayerKind, Tensor } from '../kind';
import { isFloat, tensorAt } from './layerInputs';

/** A linear layer of one input: the map and its transpose, which maps the output's gradient to the input's. */
export interface LinearMap {
  forward(ctx: LayerContext, input: Tensor): Tensor;
  /** @param input the input of `forward`; only its shape matters. */
  transpose(ctx: LayerContext, gradient: Tensor, input: Tensor): Tensor;
}

/** `forward` and `backward` of a layer with one input, one output and no bias; the output has no Keras mask. */
export function linear(map: LinearMap): Pick<LayerKind, 'forward' | 'backward' | 'mask'> {
  return {
    forward: (ctx, inputs) => [map.forward(ctx, tensorAt(ctx.config, inputs, 0))],
    backward: (ctx, step) => transposed(map, ctx, step),
    mask: () => undefined,
  };
}

function transposed(map: LinearMap, ctx: LayerContext, step: BackwardStep): (Tensor | null)[] {
  const input = tensorAt(ctx.config, step.inputs, 0);
  const [gradient] = step.gradients;
  return [gradient && isFloat(input) ? map.transpose(ctx, gradient, input) : null];
}
