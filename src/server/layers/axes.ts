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

/**
 * The argument `axis` of a normalization, one or several (the last one when left out), in ascending order.
 * @throws Failure `bad-config` that names the layer when an axis is missing from the input or named twice.
 */
export function axesAt(config: LayerConfig, rank: number): number[] {
  const named = config.has('axis') ? config.intList('axis') : [-1];
  const axes = named.map((axis) => axisAt(axis, rank, config)).sort((a, b) => a - b);
  return new Set(axes).size === axes.length ? axes : config.bad('axis', 'different axes', named);
}
