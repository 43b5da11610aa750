import * as l10n from '@vscode/l10n';
import { GRADIENT } from '../../../run/rectifierRules';
import { gradientAt, type Method } from '../../method';

/**
 * Gradient saliency: dScore/dInput. Raw map of the input's shape, channels included; drawn as its largest absolute value
 * over the channels.
 * Simonyan et al., "Deep Inside Convolutional Networks", 2013.
 */
export const saliency: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t('The score does not change with this input at all (its gradient is zero).'),
  async attribute(ctx) {
    const maps = [];
    for (const { ref } of ctx.places) maps.push(await gradientAt(ctx, GRADIENT, ref));
    return { maps };
  },
};
