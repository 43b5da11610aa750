import type { MethodId } from '../../shared/explanation';
import { gradCam } from './gradCam';
import { guidedGradCam } from './guidedGradCam';
import type { Method } from './method';
import { saliency } from './saliency';

/** Every method, in the order in which pickers list them. */
export const METHODS: readonly Method[] = [gradCam, saliency, guidedGradCam];

export const findMethod = (id: MethodId): Method | undefined =>
  METHODS.find((method) => method.info.id === id);
