import { defaultMethod } from '../../shared/methods';
import type { OpenedModel } from '../../shared/protocol';
import type { ExplainChoice } from '../../shared/view';
import { displayDefaults } from '../settings/display';
import type { Run } from '../settings/runs';

/**
 * What is explained before the user has chosen more than an input: the predicted class, with the default method of the model.
 *
 * @param modelPath the path under which the model was opened
 * @param layer explain at this layer; left out, at the default one, or at the input where no layer has a spatial extent
 */
export function initialChoice(
  modelPath: string,
  { layers }: Pick<OpenedModel, 'layers'>,
  run: Run,
  layer?: string,
): ExplainChoice {
  return {
    modelPath,
    ...run,
    method: defaultMethod(layer !== undefined || layers.defaultLayer !== null),
    layer: layer ?? 'auto',
    target: { index: 'auto' },
    ...displayDefaults(),
  };
}
