import type { Shape } from '../../shared/model';
import { damaged } from './damaged';
import type { WeightSpec } from './layerRule';

/** Whether what a layer's weights are made for is known of its inputs: every size but that of the batch. */
export const isSized = (inputs: readonly Shape[]): boolean =>
  inputs.every((shape) => shape.slice(1).every((size) => size !== null));

/**
 * A layer has its weights once, of the shapes that its first call takes; another call, or an input whose size only the run
 * shows, may call for others, which kernels refuse or broadcast.
 * @param path of the layer, for the message.
 * @param built those that the layer has.
 * @param wanted those that its inputs call for.
 * @throws Failure `bad-config` for the first that differs.
 */
export function checkWeightFit(
  path: string,
  built: readonly { readonly shape: readonly number[] }[],
  wanted: readonly WeightSpec[],
): void {
  for (const [i, { name, shape }] of wanted.entries()) {
    const own = built[i]?.shape ?? [];
    if (own.length === shape.length && own.every((size, axis) => size === shape[axis])) continue;
    damaged(
      `Layer "${path}" has a ${name} of the shape [${own.join(', ')}], but its input calls for [${shape.join(', ')}].`,
      path,
    );
  }
}
