import * as l10n from '@vscode/l10n';
import { GRADIENT } from '../../../run/rectifierRules';
import { gradientAt, inputValue, type Method, times } from '../../method';

/**
 * Gradient x input: x * dScore/dx, what each value adds to the score of a model that is linear around the input. Raw map of the
 * input's shape, channels included.
 * Shrikumar et al., "Not Just a Black Box", 2016.
 */
export const gradientXInput: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t(
    'Where the score changes with this input, the input is zero; elsewhere its gradient is zero.',
  ),
  async attribute(ctx) {
    const maps = [];
    for (const { ref } of ctx.places) {
      maps.push(times(await gradientAt(ctx, GRADIENT, ref), (await inputValue(ctx, ref)).values));
    }
    return { maps };
  },
};
