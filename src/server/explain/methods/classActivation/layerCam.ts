import { sumOfChannels } from '../../support/channelWeights';
import { activationMap } from '../../support/layerMap';

/**
 * LayerCAM: the sum over channels of relu(gradient) x activation at each position.
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Jiang et al., "LayerCAM", IEEE TIP 2021.
 */
export const layerCam = activationMap('layer-cam', async (at, gradient) => {
  const slopes = await gradient();
  return sumOfChannels(at, (i) => Math.max(slopes[i] ?? Number.NaN, 0) * (at.values[i] ?? Number.NaN));
});
