import { times } from '../graph/cost';
import { activationNameOf } from './activationSpelling';
import { activationOf, refuseUnknown } from './activations';
import type { KindTable, LayerKind } from './kind';
import { knownSize } from './knownSize';
import { onlyShape } from './layerInputs';
import { timesTransposed } from './matrixProduct';
import { refuseQuantized } from './quantized';
import { oneToOne, only, weight } from './single';

/** `keras.layers.Dense`: x . kernel + bias over the last axis of an input of any rank. */
const dense: LayerKind = {
  outputShapes(config, inputs) {
    refuseQuantized(config);
    refuseUnknown(config);
    return [[...onlyShape(config, inputs).slice(0, -1), config.int('units')]];
  },
  weights(config, inputs) {
    const units = config.int('units');
    const kernel = {
      name: 'kernel',
      shape: [knownSize(onlyShape(config, inputs), -1, config), units],
      trainable: true,
    };
    return config.bool('use_bias', true)
      ? [kernel, { name: 'bias', shape: [units], trainable: true }]
      : [kernel];
  },
  multiplyAdds: (_, [input = []], [output = []]) => times(...output, input.at(-1)),
  activationName: activationNameOf,
  activation: (config) => activationOf(config),
  forward(ctx, inputs) {
    const { tf, config } = ctx;
    const x = only(inputs, ctx);
    const kernel = weight(ctx, 0);
    const rows = tf.reshape(x, [-1, kernel.shape[0] ?? 0]);
    const sums = tf.matMul(rows, kernel);
    const biased = config.bool('use_bias', true) ? tf.add(sums, weight(ctx, 1)) : sums;
    return [tf.reshape(biased, [...x.shape.slice(0, -1), kernel.shape[1] ?? 0])];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf } = ctx;
    const kernel = weight(ctx, 0);
    const rows = tf.reshape(gradient, [-1, kernel.shape[1] ?? 0]);
    return tf.reshape(timesTransposed(tf, rows, kernel), only(inputs, ctx).shape);
  }),
};

export const denses: KindTable = { Dense: dense };
