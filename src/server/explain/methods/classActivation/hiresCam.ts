import { sumOfChannels } from '../../support/channelWeights';
import { activationMap } from '../../support/layerMap';

/**
 * HiResCAM: the sum over channels of gradient x activation at each position, without averaging the gradient.
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Draelos and Carin, "Use HiResCAM instead of Grad-CAM", 2020.
 */
export const hiresCam = activationMap('hires-cam', async (at, gradient) => {
  const slopes = await gradient();
  return sumOfChannels(at, (i) => (slopes[i] ?? Number.NaN) * (at.values[i] ?? Number.NaN));
});
