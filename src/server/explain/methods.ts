import type { MethodId } from '../../shared/methods';
import type { Method } from './method';
import { featureAblation } from './methods/featureAblation';
import { gradCam } from './methods/gradCam';
import { guidedGradCam } from './methods/guidedGradCam';
import { kernelShap } from './methods/kernelShap';
import { lime } from './methods/lime';
import { occlusion } from './methods/occlusion';
import { rise } from './methods/rise';
import { saliency } from './methods/saliency';

/** What computes each method of `shared/methods.ts`. */
export const IMPLEMENTATIONS: Readonly<Record<MethodId, Method>> = {
  'grad-cam': gradCam,
  saliency,
  'guided-grad-cam': guidedGradCam,
  occlusion,
  'feature-ablation': featureAblation,
  rise,
  lime,
  'kernel-shap': kernelShap,
};
