import * as l10n from '@vscode/l10n';
import { DECONVNET } from '../../../run/rectifierRules';
import { gradientAt, type Method } from '../../method';

/**
 * DeconvNet: at each rectifier the positive part of the gradient passes, wherever the rectifier does. Max pooling goes back to
 * the positions of its maxima.
 * Raw map of the input's shape, channels included.
 * Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014.
 */
export const deconvnet: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t('No positive gradient reaches this input.'),
  async attribute(ctx) {
    const maps = [];
    for (const { ref } of ctx.places) maps.push(await gradientAt(ctx, DECONVNET, ref));
    return { maps };
  },
};
