import type { MethodId } from '../../shared/methods';
import type { Method } from './method';
import { eigenCam } from './methods/eigenCam';
import { eigenGradCam } from './methods/eigenGradCam';
import { featureAblation } from './methods/featureAblation';
import { gradCam } from './methods/gradCam';
import { gradCamPlusPlus } from './methods/gradCam++';
import { guidedGradCam } from './methods/guidedGradCam';
import { hiresCam } from './methods/hiresCam';
import { kernelShap } from './methods/kernelShap';
import { layerCam } from './methods/layerCam';
import { lime } from './methods/lime';
import { occlusion } from './methods/occlusion';
import { rise } from './methods/rise';
import { saliency } from './methods/saliency';
import { xgradCam } from './methods/xgradCam';

/** What computes each method of `shared/methods.ts`. */
export const IMPLEMENTATIONS: Readonly<Record<MethodId, Method>> = {
  'grad-cam': gradCam,
  'grad-cam++': gradCamPlusPlus,
  'hires-cam': hiresCam,
  'layer-cam': layerCam,
  'xgrad-cam': xgradCam,
  'eigen-cam': eigenCam,
  'eigen-grad-cam': eigenGradCam,
  saliency,
  'guided-grad-cam': guidedGradCam,
  occlusion,
  'feature-ablation': featureAblation,
  rise,
  lime,
  'kernel-shap': kernelShap,
};
