import { normalisedWeights, weightedSum } from '../../support/channelWeights';
import { activationMap } from '../../support/layerMap';

/**
 * XGrad-CAM: each channel weighted by the mean of its gradient, weighted by the activation: sum(A * g) / sum(A).
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Fu et al., "Axiom-based Grad-CAM", BMVC 2020.
 */
export const xgradCam = activationMap('xgrad-cam', async (at, gradient) =>
  weightedSum(at, normalisedWeights(at, await gradient())),
);
