import type { MethodId } from '../../shared/methods';
import type { Method } from './method';
import { gradCam } from './methods/gradCam';
import { guidedGradCam } from './methods/guidedGradCam';
import { saliency } from './methods/saliency';

/** What computes each method of `shared/methods.ts`. */
export const IMPLEMENTATIONS: Readonly<Record<MethodId, Method>> = {
  'grad-cam': gradCam,
  saliency,
  'guided-grad-cam': guidedGradCam,
};
