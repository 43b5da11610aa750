import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { knownSize } from '../support/knownSize';
import { onlyShape } from '../support/layerInputs';
import { oneToOne, onlyTensor, weightAt } from '../support/singleInput';

/** x . kernel / scale + bias. */
function phase(ctx: LayerContext, x: Tensor): Tensor {
  const { tf } = ctx;
  return tf.add(tf.matMul(x, tf.div(weightAt(ctx, 0), weightAt(ctx, 2))), weightAt(ctx, 1));
}

/** `keras.layers.experimental.RandomFourierFeatures` of Keras 2 (Rahimi and Recht 2007): cos(x . W / scale + b). */
const randomFourierFeatures: LayerKind = {
  outputShapes: (config, inputs) => [[onlyShape(config, inputs, 2)[0] ?? null, config.int('output_dim')]],
  weights(config, inputs) {
    const [size, features] = [knownSize(onlyShape(config, inputs, 2), 1, config), config.int('output_dim')];
    return [
      { name: 'unscaled_kernel', shape: [size, features], trainable: false },
      { name: 'bias', shape: [features], trainable: false },
      // Only this weight follows the layer's `trainable`.
      { name: 'kernel_scale', shape: [], trainable: true },
    ];
  },
  forward: (ctx, inputs) => [ctx.tf.cos(phase(ctx, onlyTensor(inputs, ctx)))],
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf } = ctx;
    const slope = tf.neg(tf.sin(phase(ctx, onlyTensor(inputs, ctx))));
    return tf.matMul(tf.mul(gradient, slope), tf.div(weightAt(ctx, 0), weightAt(ctx, 2)), false, true);
  }),
};

export const randomFourierFeaturesLayers: KindTable = { RandomFourierFeatures: randomFourierFeatures };
