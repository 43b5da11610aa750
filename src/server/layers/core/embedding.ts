import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { CallArguments } from '../../graph/callArguments';
import { times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { flagOf } from '../support/callSlots';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { reverseTable, rowsOf, tableWeights } from './embeddingTable';
import { matMulTransposed } from './matMul';
import { type InputQuantizer, inputQuantizer, quantizationOf, roundedInputs } from './quantization';

/** Ids [batch, ...] -> [batch, ..., output_dim]: one row of the table per id. Ids may be floats. */
function embedding(hasReverse: boolean): LayerKind {
  return {
    outputShapes(config, inputs) {
      tableWeights(config, hasReverse);
      return [[...onlyShape(config, inputs), config.int('output_dim')]];
    },
    weights: (config) => tableWeights(config, hasReverse),
    forward(ctx, inputs) {
      const { tf, config } = ctx;
      const input = tensorAt(config, inputs, 0);
      checkIds(ctx, input);
      const ids = tf.reshape(tf.cast(input, 'int32'), [-1]);
      const rows = rowsOf(ctx, wrapNegative(ctx, ids), hasReverse);
      return [tf.reshape(rows, [...input.shape, config.int('output_dim')])];
    },
    // Ids are discrete: they have no gradient, even as floats.
    backward: () => [null],
    mask: ({ tf, config }, inputs) =>
      config.bool('mask_zero', false) ? tf.notEqual(tensorAt(config, inputs, 0), 0) : undefined,
  };
}

/** Keras 3 counts negative ids from the end of the table. */
function wrapNegative({ tf, config }: LayerContext, ids: Tensor): Tensor {
  const isNegative = tf.cast(tf.less(ids, 0), 'int32');
  return tf.add(ids, tf.mul(isNegative, tf.scalar(config.int('input_dim'), 'int32')));
}

/** Rejects an id outside the table, as TensorFlow does; the backends of TF.js disagree about it. */
function checkIds({ config, whenKnown }: LayerContext, input: Tensor): void {
  const count = config.int('input_dim');
  const min = config.kerasMajor < 3 ? 0 : -count;
  const check = (ids: ArrayLike<number>): void => {
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] ?? 0;
      if (!(Math.trunc(id) >= min && id < count)) failOutside(config, id, min, count);
    }
  };
  if (whenKnown) whenKnown(input, check);
  else check(input.dataSync());
}

function failOutside(config: LayerConfig, id: number, min: number, count: number): never {
  return fail(
    'bad-input',
    l10n.t(
      'Layer "{0}" takes ids from {1} to {2}, but the input contains {3}.',
      config.path,
      min,
      count - 1,
      id,
    ),
    {
      subject: config.path,
      remedy: l10n.t('Encode the input with the vocabulary that the model was trained with.'),
    },
  );
}

/**
 * `keras.layers.ReversibleEmbedding`: an Embedding that, called with `reverse=True`, maps [..., output_dim] to one logit
 * per id, [..., input_dim], by its table or by a second one (`tie_weights=False`).
 */
const forwards = embedding(true);
const reversibleEmbedding: LayerKind = {
  ...forwards,
  outputShapes: (config, inputs, call) =>
    isReverse(call)
      ? [[...onlyShape(config, inputs).slice(0, -1), config.int('input_dim')]]
      : forwards.outputShapes(config, inputs),
  forward: (ctx, inputs) => (isReverse(ctx.call) ? [logits(ctx, inputs)] : forwards.forward(ctx, inputs)),
  backward(ctx, step) {
    const [gradient] = step.gradients;
    const input = tensorAt(ctx.config, step.inputs, 0);
    if (!isReverse(ctx.call) || !gradient || !isFloat(input)) return [null];
    const { tf, config } = ctx;
    const rows = tf.reshape(input, [-1, config.int('output_dim')]);
    const uncapped = beforeCap(ctx, tensorAt(config, step.outputs, 0), gradient);
    const toSums = tf.reshape(uncapped, [-1, config.int('input_dim')]);
    const quantizer = reverseQuantizer(config);
    const toRows = quantizer
      ? throughScale(ctx, quantizer, rows, tf.sum(tf.mul(toSums, products(ctx, rows)), 1, true))
      : throughTable(ctx, toSums, true);
    return [tf.reshape(toRows, input.shape)];
  },
  multiplyAdds: (config, _, [output = []], call) =>
    isReverse(call) ? times(...output, config.int('output_dim')) : 0,
  mask: (ctx, inputs) => (isReverse(ctx.call) ? undefined : forwards.mask?.(ctx, inputs)),
};

const isReverse = (call: CallArguments | undefined): boolean => flagOf(call, 'reverse');

const reverseQuantizer = (config: LayerConfig): InputQuantizer | null =>
  quantizationOf(config) === null ? null : inputQuantizer(config, true);

/** Rows of vectors times the table, [n, input_dim], or the gradient of logits back through it. */
function throughTable(ctx: LayerContext, rows: Tensor, isBack: boolean): Tensor {
  const { tf } = ctx;
  const { table, isTransposed } = reverseTable(ctx);
  return isTransposed === isBack ? matMulTransposed(tf, rows, table) : tf.matMul(rows, table);
}

function products(ctx: LayerContext, rows: Tensor): Tensor {
  const quantizer = reverseQuantizer(ctx.config);
  return throughTable(ctx, quantizer ? roundedInputs(ctx.tf, quantizer, rows, [1]) : rows, false);
}

function logits(ctx: LayerContext, inputs: readonly Tensor[]): Tensor {
  const { tf, config } = ctx;
  const input = tensorAt(config, inputs, 0);
  const rows = tf.reshape(input, [-1, config.int('output_dim')]);
  const sums = tf.reshape(products(ctx, rows), [...input.shape.slice(0, -1), config.int('input_dim')]);
  if (!config.has('logit_soft_cap')) return sums;
  const cap = config.number('logit_soft_cap');
  return tf.mul(tf.tanh(tf.div(sums, cap)), cap);
}

/**
 * The gradient to rows that were rounded. Rounding has no gradient and, unlike in Dense, Keras does not substitute one:
 * only the scale passes a gradient, to the largest value of each row, shared among ties.
 * @param along products . their gradients for each row, [n, 1]: the derivative of the score by the logarithm of the scale.
 */
function throughScale(
  { tf }: LayerContext,
  { epsilon }: InputQuantizer,
  rows: Tensor,
  along: Tensor,
): Tensor {
  const sizes = tf.abs(rows);
  const largest = tf.max(sizes, 1, true);
  const isLargest = tf.cast(tf.equal(sizes, largest), 'float32');
  const share = tf.div(along, tf.mul(tf.add(largest, epsilon), tf.sum(isLargest, 1, true)));
  const sign = tf.sub(tf.step(rows), tf.step(tf.neg(rows)));
  return tf.mul(tf.mul(share, isLargest), sign);
}

/** The gradient before the soft cap, whose slope is 1 - tanh². */
function beforeCap({ tf, config }: LayerContext, output: Tensor, gradient: Tensor): Tensor {
  if (!config.has('logit_soft_cap')) return gradient;
  return tf.mul(gradient, tf.sub(1, tf.square(tf.div(output, config.number('logit_soft_cap')))));
}

export const embeddingLayers: KindTable = {
  Embedding: embedding(false),
  ReversibleEmbedding: reversibleEmbedding,
};
