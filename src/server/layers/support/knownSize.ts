import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import { axisAt } from './axes';

/**
 * A size that the shapes of the weights depend on.
 * @throws Failure `bad-config` that names the layer when the size is unknown.
 */
export function knownSize(shape: Shape, axis: number, config: LayerConfig): number {
  const size = shape[axisAt(axis, shape.length, config)];
  if (typeof size === 'number') return size;
  return fail('bad-config', `Layer "${config.path}": axis ${axis} of its input must have a known size.`, {
    subject: config.path,
    remedy: 'Keras builds this layer for a fixed size; build the model before saving it.',
  });
}
