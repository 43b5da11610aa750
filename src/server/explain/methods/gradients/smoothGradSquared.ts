import * as l10n from '@vscode/l10n';
import { type Method, numberOption } from '../../method';
import { noisyGradients } from '../../noise';
import { BYTES_PER_SAMPLED_VALUE } from '../../sampling';

/**
 * SmoothGrad squared: the mean squared gradient under Gaussian noise on the input.
 * Raw map of the input's shape, channels included.
 * Hooker et al., "A Benchmark for Interpretability Methods in Deep Neural Networks", NeurIPS 2019.
 */
export const smoothGradSquared: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t('Around this input, the score does not change with it at all.'),
  bytesPerValue: BYTES_PER_SAMPLED_VALUE,
  cost(ctx) {
    const samples = numberOption(ctx, 'samples');
    return { forward: samples, backward: samples };
  },
  attribute: (ctx) => noisyGradients(ctx, (mean, variance) => mean * mean + variance),
};
