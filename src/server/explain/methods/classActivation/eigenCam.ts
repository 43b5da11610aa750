import { firstPrincipalComponent } from '../../perturbation/principalComponent';
import { activationMap } from '../../support/layerMap';

/**
 * Eigen-CAM: each position's coordinate along the direction in which the layer's channels vary most. It depends on the layer
 * alone: the map is the same for every target.
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Muhammad and Yeasin, "Eigen-CAM", IJCNN 2020.
 */
export const eigenCam = activationMap('eigen-cam', (at) =>
  firstPrincipalComponent(at.values, at.positions, at.channels),
);
