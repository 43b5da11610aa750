import type { MethodId } from '../../shared/methods';
import type { Method } from './method';
import { ablationCam } from './methods/ablationCam';
import { cam } from './methods/cam';
import { deconvnet } from './methods/deconvnet';
import { deepLift } from './methods/deepLift';
import { eigenCam } from './methods/eigenCam';
import { eigenGradCam } from './methods/eigenGradCam';
import { expectedGradients } from './methods/expectedGradients';
import { featureAblation } from './methods/featureAblation';
import { gradCam } from './methods/gradCam';
import { gradCamPlusPlus } from './methods/gradCam++';
import { gradientXInput } from './methods/gradientXInput';
import { guidedBackprop } from './methods/guidedBackprop';
import { guidedGradCam } from './methods/guidedGradCam';
import { hiresCam } from './methods/hiresCam';
import { integratedGradients } from './methods/integratedGradients';
import { kernelShap } from './methods/kernelShap';
import { layerCam } from './methods/layerCam';
import { lime } from './methods/lime';
import { occlusion } from './methods/occlusion';
import { rise } from './methods/rise';
import { saliency } from './methods/saliency';
import { scoreCam } from './methods/scoreCam';
import { smoothGrad } from './methods/smoothGrad';
import { smoothGradSquared } from './methods/smoothGradSquared';
import { varGrad } from './methods/varGrad';
import { xgradCam } from './methods/xgradCam';

/** What computes each method of `shared/methods.ts`. */
export const IMPLEMENTATIONS: Readonly<Record<MethodId, Method>> = {
  cam,
  'grad-cam': gradCam,
  'grad-cam++': gradCamPlusPlus,
  'hires-cam': hiresCam,
  'layer-cam': layerCam,
  'xgrad-cam': xgradCam,
  'eigen-cam': eigenCam,
  'eigen-grad-cam': eigenGradCam,
  'score-cam': scoreCam,
  'ablation-cam': ablationCam,
  saliency,
  'gradient-x-input': gradientXInput,
  'smooth-grad': smoothGrad,
  'smooth-grad-squared': smoothGradSquared,
  'var-grad': varGrad,
  'integrated-gradients': integratedGradients,
  'expected-gradients': expectedGradients,
  'deep-lift': deepLift,
  'guided-backprop': guidedBackprop,
  deconvnet,
  'guided-grad-cam': guidedGradCam,
  occlusion,
  'feature-ablation': featureAblation,
  rise,
  lime,
  'kernel-shap': kernelShap,
};
