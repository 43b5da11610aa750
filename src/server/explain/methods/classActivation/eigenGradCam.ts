import { firstPrincipalComponent } from '../../perturbation/principalComponent';
import { activationMap } from '../../support/layerMap';

/**
 * EigenGrad-CAM: as Eigen-CAM, of gradient x activation, which depends on the target.
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Gildenblat, pytorch-grad-cam, 2021; Muhammad and Yeasin, "Eigen-CAM", IJCNN 2020.
 */
export const eigenGradCam = activationMap('eigen-grad-cam', async (at, gradient) => {
  const slopes = await gradient();
  const products = at.values.map((value, i) => value * (slopes[i] ?? Number.NaN));
  return firstPrincipalComponent(products, at.positions, at.channels);
});
