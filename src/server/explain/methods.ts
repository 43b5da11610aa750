import type { MethodId } from '../../shared/methods';
import type { Method } from './method';
import { attention } from './methods/attention/attention';
import { attentionRollout } from './methods/attention/attentionRollout';
import { ablationCam } from './methods/classActivation/ablationCam';
import { cam } from './methods/classActivation/cam';
import { eigenCam } from './methods/classActivation/eigenCam';
import { eigenGradCam } from './methods/classActivation/eigenGradCam';
import { gradCam } from './methods/classActivation/gradCam';
import { gradCamPlusPlus } from './methods/classActivation/gradCam++';
import { hiresCam } from './methods/classActivation/hiresCam';
import { layerCam } from './methods/classActivation/layerCam';
import { scoreCam } from './methods/classActivation/scoreCam';
import { xgradCam } from './methods/classActivation/xgradCam';
import { deconvnet } from './methods/gradients/deconvnet';
import { deepLift } from './methods/gradients/deepLift';
import { expectedGradients } from './methods/gradients/expectedGradients';
import { gradientXInput } from './methods/gradients/gradientXInput';
import { guidedBackprop } from './methods/gradients/guidedBackprop';
import { guidedGradCam } from './methods/gradients/guidedGradCam';
import { integratedGradients } from './methods/gradients/integratedGradients';
import { saliency } from './methods/gradients/saliency';
import { smoothGrad } from './methods/gradients/smoothGrad';
import { smoothGradSquared } from './methods/gradients/smoothGradSquared';
import { varGrad } from './methods/gradients/varGrad';
import { featureAblation } from './methods/perturbation/featureAblation';
import { kernelShap } from './methods/perturbation/kernelShap';
import { lime } from './methods/perturbation/lime';
import { occlusion } from './methods/perturbation/occlusion';
import { rise } from './methods/perturbation/rise';

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
  attention,
  'attention-rollout': attentionRollout,
};
