import { plusPlusWeights, weightedSum } from '../../support/channelWeights';
import { activationMap } from '../../support/layerMap';

/**
 * Grad-CAM++: as Grad-CAM, but each channel is weighted by its positive gradients, in proportion to their share
 * (`plusPlusWeights`). Raw map of shape [h, w] (or [length]) at layer resolution.
 * Chattopadhay et al., "Grad-CAM++", WACV 2018, equations 10 and 19.
 */
export const gradCamPlusPlus = activationMap('grad-cam++', async (at, gradient) =>
  weightedSum(at, plusPlusWeights(at, await gradient())),
);
