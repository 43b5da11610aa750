import * as l10n from '@vscode/l10n';
import { GUIDED } from '../../../run/rectifierRules';
import { gradientAt, type Method } from '../../method';

/**
 * Guided backpropagation: at each rectifier only the positive part of the gradient passes, and only where the rectifier does.
 * Raw map of the input's shape, channels included.
 * Springenberg et al., "Striving for Simplicity: The All Convolutional Net", 2015.
 */
export const guidedBackprop: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t('No positive gradient reaches this input.'),
  async attribute(ctx) {
    const maps = [];
    for (const { ref } of ctx.places) maps.push(await gradientAt(ctx, GUIDED, ref));
    return { maps };
  },
};
