import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import { allNames } from '../../../shared/texts/nameList';
import type { LayerConfig } from '../../graph/layerConfig';
import type { LayerContext, LayerKind, Tensor } from '../kind';
import { axisAt } from '../support/axes';
import { isFloat, onlyShape } from '../support/layerInputs';
import { shapeText } from '../support/shapeMatching';
import { joinedMask } from './mergeMasks';

/** `keras.layers.Concatenate`: joins its inputs along one axis. */
export const concatenate: LayerKind = {
  outputShapes(config, inputs) {
    const rank = onlyShape(config, inputs).length;
    const axis = axisAt(config.int('axis', -1), rank, config);
    if (inputs.some((shape) => shape.length !== rank)) return [mismatch(config, inputs, axis)];
    return [
      Array.from({ length: rank }, (_, at) => {
        const sizes = inputs.map((shape) => shape[at] ?? null);
        if (at === axis) return sizes.reduce((a, b) => (a === null || b === null ? null : a + b));
        const known = [...new Set(sizes.filter((size) => size !== null))];
        return known.length > 1 ? mismatch(config, inputs, axis) : (known[0] ?? null);
      }),
    ];
  },
  forward(ctx, inputs) {
    return [ctx.tf.concat([...inputs], axisOf(ctx, inputs))];
  },
  backward(ctx, { inputs, gradients: [gradient] }) {
    if (!gradient) return inputs.map(() => null);
    const axis = axisOf(ctx, inputs);
    let at = 0;
    return inputs.map((input) => {
      const begin = input.shape.map((_, i) => (i === axis ? at : 0));
      at += input.shape[axis] ?? 0;
      return isFloat(input) ? ctx.tf.slice(gradient, begin, input.shape) : null;
    });
  },
  mask: (ctx, inputs) => joinedMask(ctx, inputs, axisOf(ctx, inputs)),
};

function axisOf({ config }: LayerContext, inputs: readonly Tensor[]): number {
  return axisAt(config.int('axis', -1), inputs[0]?.rank ?? 0, config);
}

function mismatch(config: LayerConfig, inputs: readonly Shape[], axis: number): never {
  const shapes = allNames(inputs.map(shapeText));
  return fail(
    'wrong-shape',
    l10n.t('Layer "{0}" cannot join inputs of shapes {1} along axis {2}.', config.path, shapes, axis),
    {
      subject: config.path,
      remedy: l10n.t('The file is damaged; save the model again with Keras.'),
    },
  );
}
