import * as l10n from '@vscode/l10n';
import { type Method, numberOption } from '../../method';
import { noisyGradients } from '../../noise';
import { BYTES_PER_SAMPLED_VALUE } from '../../sampling';

/**
 * VarGrad: the variance of the gradient under Gaussian noise on the input, divided by the number of samples.
 * Raw map of the input's shape, channels included.
 * Adebayo et al., "Local Explanation Methods for Deep Neural Networks Lack Sensitivity to Parameter Values", 2018.
 */
export const varGrad: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t('Around this input, the gradient is the same everywhere.'),
  bytesPerValue: BYTES_PER_SAMPLED_VALUE,
  cost(ctx) {
    const samples = numberOption(ctx, 'samples');
    return { forward: samples, backward: samples };
  },
  attribute: (ctx) => noisyGradients(ctx, (_, variance) => variance),
};
