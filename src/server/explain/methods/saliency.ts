import { GRADIENT } from '../../run/rectifierRules';
import type { Method } from '../method';
import { inputGradient } from './inputGradient';

/**
 * Gradient saliency: |dScore/dInput|, the largest over the channels. Raw map of the input's spatial shape.
 * Simonyan et al., "Deep Inside Convolutional Networks", 2013.
 */
export const saliency: Method = {
  mapsAt: 'input',
  emptyNotice: 'the score does not change with this input at all (its gradient is zero)',
  attribute: (ctx) => inputGradient(ctx, GRADIENT),
};
