import * as l10n from '@vscode/l10n';
import { type Method, numberOption } from '../../method';
import { noisyGradients } from '../../noise';
import { BYTES_PER_SAMPLED_VALUE } from '../../sampling';

/**
 * SmoothGrad: the mean gradient under Gaussian noise on the input, whose standard deviation is a share of the range of the input.
 * Signed; the absolute value is taken when the map is drawn.
 * Raw map of the input's shape, channels included.
 * Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017.
 */
export const smoothGrad: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t('Around this input, the score does not change with it at all.'),
  bytesPerValue: BYTES_PER_SAMPLED_VALUE,
  cost(ctx) {
    const samples = numberOption(ctx, 'samples');
    return { forward: samples, backward: samples };
  },
  attribute: (ctx) => noisyGradients(ctx, (mean) => mean),
};
