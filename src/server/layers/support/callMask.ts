import type { LayerContext, Tensor } from '../kind';
import { isRecord } from './records';

/** The mask of a call on one tensor: the argument `mask` (`layer(x, mask=m)`, then `m` is an input) or the input's own. */
export function callMask(ctx: LayerContext, inputs: readonly Tensor[]): Tensor | undefined {
  const slot = ctx.call.kwargs.mask;
  if (!isRecord(slot) || typeof slot.input !== 'number') return ctx.masks[0];
  return inputs[slot.input];
}
