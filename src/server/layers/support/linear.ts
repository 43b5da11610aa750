import type { BackwardStep, LayerContext, LayerKind, Tensor } from '../kind';
import { isFloat, tensorAt } from './layerInputs';

/** What a layer does to its one input, and what its transpose does to the gradient of its one output. */
export interface LinearMap {
  forward(ctx: LayerContext, input: Tensor): Tensor;
  /** @param input what `forward` got; only its shape counts. */
  transpose(ctx: LayerContext, gradient: Tensor, input: Tensor): Tensor;
}

/** `forward` and `backward` of a layer with one input, one output and no bias; it destroys Keras masks. */
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
