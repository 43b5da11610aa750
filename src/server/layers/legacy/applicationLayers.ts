import type { KindTable, LayerKind } from '../kind';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { identity, noMask, oneToOne, onlyTensor, weightAt } from '../support/singleInput';

/** `keras.applications.convnext.LayerScale` (Touvron et al. 2021): one factor per channel. */
const layerScale: LayerKind = {
  outputShapes: (config, inputs) => [onlyShape(config, inputs)],
  weights: (config) => [{ name: 'gamma', shape: [config.int('projection_dim')], trainable: true }],
  forward: (ctx, inputs) => [ctx.tf.mul(onlyTensor(inputs, ctx), weightAt(ctx, 0))],
  backward: oneToOne((ctx, gradient) => ctx.tf.mul(gradient, weightAt(ctx, 0))),
  mask: noMask,
};

/** `keras.applications.convnext.StochasticDepth` (Huang et al. 2016): drops paths in training only. */
const stochasticDepth: LayerKind = {
  role: 'dropout',
  isPassThrough: () => true,
  outputShapes: (config, inputs) => [onlyShape(config, inputs)],
  ...identity,
  mask: noMask,
};

/** `keras.applications.inception_resnet_v2.CustomScaleLayer`: the first input plus `scale` times the second. */
const customScale: LayerKind = {
  outputShapes: (config, inputs) => [onlyShape(config, inputs)],
  forward(ctx, inputs) {
    const { tf, config } = ctx;
    const [main, residual] = [tensorAt(config, inputs, 0), tensorAt(config, inputs, 1)];
    return [tf.add(main, tf.mul(residual, config.number('scale')))];
  },
  backward({ tf, config }, { inputs, gradients: [gradient] }) {
    return inputs.map((input, i) => {
      if (!gradient || !isFloat(input)) return null;
      return i === 0 ? tf.clone(gradient) : tf.mul(gradient, config.number('scale'));
    });
  },
  mask: noMask,
};

/** Custom layers of `keras.applications`, by the names under which Keras saves them. */
export const applicationLayers: KindTable = {
  LayerScale: layerScale,
  StochasticDepth: stochasticDepth,
  CustomScaleLayer: customScale,
};
