import * as l10n from '@vscode/l10n';
import type { Shape } from '../../shared/model';
import { damaged } from './damaged';
import type { WeightSpec } from './layerRule';

/** Whether every size of the inputs but the batch is known, so that the shapes of a layer's weights follow from them. */
export const isSized = (inputs: readonly Shape[]): boolean =>
  inputs.every((shape) => shape.slice(1).every((size) => size !== null));

/**
 * A layer has one set of weights, whose shapes follow from its first call. Another call, or an input whose size is only known
 * when the model runs, may need other shapes, which TF.js kernels would refuse or silently broadcast.
 * @param path of the layer, for the message.
 * @param built the weights of the layer.
 * @param needed the weights that its inputs need.
 * @throws Failure `bad-config` for the first that differs.
 */
export function checkWeightShapes(
  path: string,
  built: readonly { readonly shape: readonly number[] }[],
  needed: readonly WeightSpec[],
): void {
  for (const [i, { name, shape }] of needed.entries()) {
    const own = built[i]?.shape ?? [];
    if (own.length === shape.length && own.every((size, axis) => size === shape[axis])) continue;
    damaged(
      l10n.t(
        'Layer "{0}" has a {1} of shape [{2}], but its input needs [{3}].',
        path,
        name,
        own.join(', '),
        shape.join(', '),
      ),
      path,
    );
  }
}
