import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';

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
 * The argument `axis` of a normalization, one or several (the last one when left out), in the order in which Keras lays
 * out its weights: Keras 3 sorts the axes as they are written, -1 before 1, and Keras 2 leaves them.
 * @throws Failure `bad-config` that names the layer when an axis is missing from the input or named twice.
 */
export function axesAsWritten(config: LayerConfig, rank: number): number[] {
  const named = config.has('axis') ? config.intList('axis') : [-1];
  const written = config.kerasMajor < 3 ? named : [...named].sort((a, b) => a - b);
  const axes = written.map((axis) => axisAt(axis, rank, config));
  return new Set(axes).size === axes.length ? axes : config.bad('axis', 'different axes', named);
}

/** The same axes, in ascending order. */
export const axesAt = (config: LayerConfig, rank: number): number[] =>
  axesAsWritten(config, rank).sort((a, b) => a - b);
