import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Tensor } from '../kind';
import { shapeText } from './shapeMatching';

/**
 * The shape of a layer's first input.
 * @param rank required rank, batch axis included; any rank if absent.
 * @param kind of the failure for another rank: `wrong-shape` where Keras refuses it as well.
 * @throws Failure that names the layer: `bad-config` when there is none, `kind` when its rank differs.
 */
export function onlyShape(
  config: LayerConfig,
  inputs: readonly Shape[],
  rank?: number,
  kind: 'wrong-shape' | 'bad-config' = 'wrong-shape',
): Shape {
  const [shape] = inputs;
  if (shape === undefined) {
    return fail('bad-config', l10n.t('Layer "{0}" is called without an input.', config.path), {
      subject: config.path,
    });
  }
  if (rank !== undefined && shape.length !== rank) {
    return fail(
      kind,
      l10n.t(
        'Layer "{0}" expects an input of {1} axes but gets one of {2} ({3}).',
        config.path,
        rank,
        shape.length,
        shapeText(shape),
      ),
      { subject: config.path, remedy: l10n.t('The file is damaged; save the model again with Keras.') },
    );
  }
  return shape;
}

/**
 * Element `index` of a layer's weights, inputs or outputs.
 * @throws Failure `bad-weights` that names the layer when the list is too short.
 */
export function tensorAt(config: LayerConfig, tensors: readonly Tensor[], index: number): Tensor {
  const tensor = tensors[index];
  if (tensor !== undefined) return tensor;
  return fail(
    'bad-weights',
    l10n.t('Layer "{0}" lacks tensor {1} of its weights or inputs.', config.path, index),
    {
      subject: config.path,
    },
  );
}

/** Applies `known` to a known size; an unknown size stays `null`. */
export function mapSize(size: number | null | undefined, known: (size: number) => number): number | null {
  return size === null || size === undefined ? null : known(size);
}

/** Whether a tensor can have a gradient: ids, masks and other integers have none. */
export const isFloat = (tensor: Tensor): boolean => tensor.dtype === 'float32';
