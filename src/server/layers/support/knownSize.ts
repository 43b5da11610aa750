import * as l10n from '@vscode/l10n';
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
  return fail(
    'bad-config',
    l10n.t('Layer "{0}": axis {1} of its input must have a known size.', config.path, axis),
    {
      subject: config.path,
      remedy: l10n.t('Keras builds this layer for a fixed size; build the model before saving it.'),
    },
  );
}
