import { times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import { activationNameOf } from '../activations/activationSpec';
import { activationOf, checkActivation } from '../activations/activations';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { knownSize } from '../support/knownSize';
import { onlyShape } from '../support/layerInputs';
import { oneToOne, onlyTensor } from '../support/singleInput';
import { kernelMatMul, matMulTransposed } from './matMul';
import { quantizationOf, roundedInputs } from './quantization';
import { type Kernel, type KernelLayout, kernelOf, kernelWeights } from './storedKernel';

/** `keras.layers.Dense`: x . kernel + bias over the last axis of an input of any rank. */
const dense: LayerKind = {
  outputShapes(config, inputs) {
    quantizationOf(config);
    checkActivation(config);
    return [[...onlyShape(config, inputs).slice(0, -1), config.int('units')]];
  },
  weights: (config, inputs) => specsOf(config, knownSize(onlyShape(config, inputs), -1, config)),
  multiplyAdds: (_, [input = []], [output = []]) => times(...output, input.at(-1)),
  activationName: activationNameOf,
  activation: (config) => activationOf(config),
  forward(ctx, inputs) {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    const { value, delta, bias, inputs: quantizer } = denseKernel(ctx, x);
    const rows = tf.reshape(x, [-1, value.shape[0] ?? 0]);
    const sums = kernelMatMul(ctx, quantizer ? roundedInputs(tf, quantizer, rows, [1]) : rows, value);
    const adapted = delta ? tf.add(sums, tf.matMul(rows, delta)) : sums;
    const biased = bias ? tf.add(adapted, bias) : adapted;
    return [tf.reshape(biased, [...x.shape.slice(0, -1), value.shape[1] ?? 0])];
  },
  // Rounding has no gradient; as in Keras, a quantized layer passes the gradient like the float one.
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    const { value, delta } = denseKernel(ctx, x);
    const kernel = delta ? tf.add(value, delta) : value;
    const rows = tf.reshape(gradient, [-1, kernel.shape[1] ?? 0]);
    return tf.reshape(matMulTransposed(tf, rows, kernel), x.shape);
  }),
};

function layoutOf(config: LayerConfig, features: number): KernelLayout {
  const units = config.int('units');
  return { shape: [features, units], reduced: [0], scale: [units], overKernel: (_, scale) => scale };
}

const specsOf = (config: LayerConfig, features: number): WeightSpec[] =>
  kernelWeights(
    config,
    layoutOf(config, features),
    config.bool('use_bias', true) ? [config.int('units')] : null,
  );

function denseKernel(ctx: LayerContext, x: Tensor): Kernel {
  const features = x.shape.at(-1) ?? 0;
  return kernelOf(ctx, layoutOf(ctx.config, features), specsOf(ctx.config, features));
}

export const denseLayers: KindTable = { Dense: dense };
