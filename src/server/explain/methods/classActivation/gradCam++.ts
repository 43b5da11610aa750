import { textOption } from '../../method';
import { PLUS_PLUS_FORMS, plusPlusWeights, weightedSum } from '../../support/channelWeights';
import { activationMap } from '../../support/layerMap';

/**
 * Grad-CAM++: as Grad-CAM, but each channel is weighted by its positive gradients, in proportion to their share
 * (`plusPlusWeights`) by the paper or, if the option asks for it, by a library that differs. Raw map of shape [h, w] (or [length]) at layer resolution.
 * Chattopadhay et al., "Grad-CAM++", WACV 2018, equations 10 and 19.
 */
export const gradCamPlusPlus = activationMap('grad-cam++', async (at, gradient, ctx) => {
  const asked = textOption(ctx, 'form');
  const form = PLUS_PLUS_FORMS.find((name) => name === asked);
  return weightedSum(at, plusPlusWeights(at, await gradient(), form));
});
