import type { MethodContext } from '../../method';
import { meanGradients, weightedSum } from '../../support/channelWeights';
import { activationMap, type Combine, type LayerMap, layerMap } from '../../support/layerMap';

/**
 * Grad-CAM: each channel of the layer's output A weighted by the spatial mean of dScore/dA, and summed. At a layer without
 * space or time that is the sum of gradient x activation.
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Selvaraju et al., "Grad-CAM", ICCV 2017.
 */
const combine: Combine = async (at, gradient) => weightedSum(at, meanGradients(at, await gradient()));

export const gradCam = activationMap('grad-cam', combine);

export const gradCamMap = (ctx: MethodContext): Promise<LayerMap> => layerMap(ctx, 'Grad-CAM', combine);
