import { fail } from '../../shared/errors';
import type { LayerConfig } from '../graph/layerConfig';

/**
 * An axis counted from the front; negative ones count from the end.
 * @throws Failure `bad-config` that names the layer when a tensor of that rank has no such axis.
 */
export function axisAt(axis: number, rank: number, config: LayerConfig): number {
  const at = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(at) && at >= 0 && at < rank) return at;
  return fail(
    'bad-config',
    `Layer "${config.path}": its input has ${rank} axes, so there is no axis ${axis}.`,
    {
      subject: config.path,
      remedy: 'The file is damaged or the layer was changed after the model was built; save the model again.',
    },
  );
}
