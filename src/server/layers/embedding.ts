import { fail } from '../../shared/errors';
import type { CallArguments } from '../graph/callArguments';
import type { LayerConfig } from '../graph/layerConfig';
import { flagOf } from './callSlots';
import type { KindTable, LayerContext, LayerKind, Tensor } from './kind';
import { isFloat, onlyShape, tensorAt } from './layerInputs';
import { timesTransposed } from './matrixProduct';

/** Ids [batch, ...] -> [batch, ..., output_dim]: one row of the table for each id. Ids may come as floats. */
const embedding: LayerKind = {
  outputShapes: (config, inputs) => [[...onlyShape(config, inputs), config.int('output_dim')]],
  weights: (config) => [
    { name: 'embeddings', shape: [config.int('input_dim'), config.int('output_dim')], trainable: true },
  ],
  forward({ tf, config, weights }, inputs) {
    const input = tensorAt(config, inputs, 0);
    checkIds(config, input);
    return [tf.gather(tensorAt(config, weights, 0), tf.cast(input, 'int32'))];
  },
  // Ids are counted, not measured: no gradient reaches them, also where they come as floats.
  backward: () => [null],
  mask: ({ tf, config }, inputs) =>
    config.bool('mask_zero', false) ? tf.notEqual(tensorAt(config, inputs, 0), 0) : undefined,
};

/** Backends differ in what they do about an id outside the table; TensorFlow refuses, and so do we. */
function checkIds(config: LayerConfig, input: Tensor): void {
  const known = config.int('input_dim');
  const outside = input.dataSync().find((id) => !(id > -1 && id < known));
  if (outside === undefined) return;
  fail(
    'bad-input',
    `Layer "${config.path}" takes ids from 0 to ${known - 1}, but the input holds ${outside}.`,
    {
      subject: config.path,
      remedy: 'Encode the input with the vocabulary that the model was trained with.',
    },
  );
}

/**
 * `keras.layers.ReversibleEmbedding`: an Embedding that, called with `reverse=True`, goes back from [..., output_dim] to
 * one logit for each id, [..., input_dim], by its own table or by one of its own for this way (`tie_weights=False`).
 */
const reversibleEmbedding: LayerKind = {
  outputShapes: (config, inputs, call) =>
    isReverse(call)
      ? [[...onlyShape(config, inputs).slice(0, -1), config.int('input_dim')]]
      : embedding.outputShapes(config, inputs),
  weights: (config, inputs) => [
    ...(embedding.weights?.(config, inputs) ?? []),
    ...(config.bool('tie_weights', true)
      ? []
      : [
          {
            name: 'reverse_embeddings',
            shape: [config.int('output_dim'), config.int('input_dim')],
            trainable: true,
          },
        ]),
  ],
  forward: (ctx, inputs) => (isReverse(ctx.call) ? [logits(ctx, inputs)] : embedding.forward(ctx, inputs)),
  backward(ctx, step) {
    const [gradient] = step.gradients;
    const input = tensorAt(ctx.config, step.inputs, 0);
    if (!isReverse(ctx.call) || !gradient || !isFloat(input)) return [null];
    const { tf, config } = ctx;
    const table = tensorAt(config, ctx.weights, 0);
    const uncapped = beforeCap(ctx, tensorAt(config, step.outputs, 0), gradient);
    const rows = tf.reshape(uncapped, [-1, config.int('input_dim')]);
    const back = config.bool('tie_weights', true)
      ? tf.matMul(rows, table)
      : timesTransposed(tf, rows, tensorAt(config, ctx.weights, 1));
    return [tf.reshape(back, input.shape)];
  },
  mask: (ctx, inputs) => (isReverse(ctx.call) ? undefined : embedding.mask?.(ctx, inputs)),
};

const isReverse = (call: CallArguments | undefined): boolean => flagOf(call, 'reverse');

function logits({ tf, config, weights }: LayerContext, inputs: readonly Tensor[]): Tensor {
  const input = tensorAt(config, inputs, 0);
  const rows = tf.reshape(input, [-1, config.int('output_dim')]);
  const products = config.bool('tie_weights', true)
    ? timesTransposed(tf, rows, tensorAt(config, weights, 0))
    : tf.matMul(rows, tensorAt(config, weights, 1));
  const sums = tf.reshape(products, [...input.shape.slice(0, -1), config.int('input_dim')]);
  if (!config.has('logit_soft_cap')) return sums;
  const cap = config.number('logit_soft_cap');
  return tf.mul(tf.tanh(tf.div(sums, cap)), cap);
}

/** The gradient before the soft cap, whose slope is 1 - tanh². */
function beforeCap({ tf, config }: LayerContext, output: Tensor, gradient: Tensor): Tensor {
  if (!config.has('logit_soft_cap')) return gradient;
  return tf.mul(gradient, tf.sub(1, tf.square(tf.div(output, config.number('logit_soft_cap')))));
}

export const embeddings: KindTable = { Embedding: embedding, ReversibleEmbedding: reversibleEmbedding };
