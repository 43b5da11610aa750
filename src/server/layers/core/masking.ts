import * as l10n from '@vscode/l10n';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { arrayOf } from '../support/configArray';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { broadcastsTo, shapeText } from '../support/shapeMatching';

/**
 * `keras.layers.Masking`: sets to zero, and masks, every step all of whose features equal `mask_value` (a number or one
 * per feature). [batch, time, ..., features] keeps its shape.
 */
const masking: LayerKind = {
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    const value = arrayOf(config, 'mask_value', 0).shape;
    if (!broadcastsTo(value, shape))
      config.bad(
        'mask_value',
        l10n.t('a number or one per feature of {0}', shapeText(shape)),
        config.raw('mask_value'),
      );
    return [shape];
  },
  forward(ctx, inputs) {
    const input = tensorAt(ctx.config, inputs, 0);
    return [ctx.tf.mul(input, ctx.tf.cast(keptSteps(ctx, input), input.dtype))];
  },
  backward(ctx, { inputs, gradients: [gradient] }) {
    const input = tensorAt(ctx.config, inputs, 0);
    return [gradient && isFloat(input) ? ctx.tf.mul(gradient, keptSteps(ctx, input)) : null];
  },
  mask(ctx, inputs) {
    const kept = keptSteps(ctx, tensorAt(ctx.config, inputs, 0));
    return ctx.tf.cast(ctx.tf.squeeze(kept, [-1]), 'bool');
  },
};

/** 0 for every masked step, 1 for the others: float32 [batch, time, ..., 1]. */
function keptSteps({ tf, config }: LayerContext, input: Tensor): Tensor {
  const { values, shape } = arrayOf(config, 'mask_value', 0);
  const differs = tf.notEqual(input, tf.cast(tf.tensor(values, shape, 'float32'), input.dtype));
  return tf.max(tf.cast(differs, 'float32'), -1, true);
}

export const maskingLayers: KindTable = { Masking: masking };
