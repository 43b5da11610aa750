import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';

/**
 * Normalizes an axis: a negative one counts from the end.
 * @throws Failure `wrong-shape` that names the layer when a tensor of that rank has no such axis.
 */
export function axisAt(axis: number, rank: number, config: LayerConfig): number {
  const at = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(at) && at >= 0 && at < rank) return at;
  return fail(
    'wrong-shape',
    l10n.t('Layer "{0}" refers to axis {1}, but its input has {2} axes.', config.path, axis, rank),
    {
      subject: config.path,
      remedy: l10n.t(
        'The file is damaged or the layer was changed after the model was built; save the model again.',
      ),
    },
  );
}

/**
 * Argument `axis` of a normalization, one axis or several (default: the last), in the order in which Keras lays out its
 * weights: Keras 3 sorts the axes as written, so -1 comes before 1; Keras 2 keeps their order.
 * @throws Failure that names the layer: `wrong-shape` when the input lacks an axis, `bad-config` when one is listed twice.
 */
export function axesAsWritten(config: LayerConfig, rank: number): number[] {
  const named = config.has('axis') ? config.intList('axis') : [-1];
  const written = config.kerasMajor < 3 ? named : [...named].sort((a, b) => a - b);
  const axes = written.map((axis) => axisAt(axis, rank, config));
  return new Set(axes).size === axes.length ? axes : config.bad('axis', l10n.t('different axes'), named);
}

/** The same axes, in ascending order. */
export const axesAt = (config: LayerConfig, rank: number): number[] =>
  axesAsWritten(config, rank).sort((a, b) => a - b);
