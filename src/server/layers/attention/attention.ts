import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import { sumOf, times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { BackwardStep, KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { flagOf, slotOf } from '../support/callSlots';
import { knownSize } from '../support/knownSize';
import { isFloat, tensorAt } from '../support/layerInputs';
import { shapesMatch, shapeText, sizesMatch } from '../support/shapeMatching';
import { weightAt } from '../support/singleInput';
import { causalMask, plainScores, softmaxBack } from './attentionWeights';

/** A score function of queries and keys, [batch, queries, keys], and its gradients. */
interface Scores {
  weights(config: LayerConfig, query: Shape): readonly WeightSpec[];
  value(ctx: LayerContext, query: Tensor, key: Tensor): Tensor;
  /** With respect to query and key. */
  gradients(ctx: LayerContext, query: Tensor, key: Tensor, gradient: Tensor): readonly [Tensor, Tensor];
}

const scalar = (name: string): WeightSpec => ({ name, shape: [], trainable: true });

/** query . key, scaled if `use_scale` is set. */
const dotProduct: Scores = {
  weights: (config) => (config.bool('use_scale', false) ? [scalar('scale')] : []),
  value: (ctx, query, key) => scaled(ctx, ctx.tf.matMul(query, key, false, true)),
  gradients(ctx, query, key, gradient) {
    const { tf } = ctx;
    const inner = scaled(ctx, gradient);
    // Both are copied: see `einsum` about wasm's cache of right-hand sides.
    return [tf.matMul(inner, tf.mul(key, 1)), tf.matMul(inner, tf.mul(query, 1), true)];
  },
};

function scaled(ctx: LayerContext, scores: Tensor): Tensor {
  return ctx.config.bool('use_scale', false) ? ctx.tf.mul(scores, weightAt(ctx, 0)) : scores;
}

/** The sum over features of tanh(query + key), with factors inside and outside of tanh. */
function sumOfTanh(
  weights: Scores['weights'],
  factors: (ctx: LayerContext) => { inside: Tensor | number; outside: Tensor | number },
): Scores {
  const tanhOf = (ctx: LayerContext, query: Tensor, key: Tensor): Tensor => {
    const { tf } = ctx;
    const sum = tf.add(tf.expandDims(query, -2), tf.expandDims(key, -3));
    return tf.tanh(tf.mul(sum, factors(ctx).inside));
  };
  return {
    weights,
    value(ctx, query, key) {
      const { tf } = ctx;
      return tf.sum(tf.mul(tanhOf(ctx, query, key), factors(ctx).outside), -1);
    },
    gradients(ctx, query, key, gradient) {
      const { tf } = ctx;
      const { inside, outside } = factors(ctx);
      const slope = tf.mul(tf.mul(tf.sub(1, tf.square(tanhOf(ctx, query, key))), outside), inside);
      const each = tf.mul(tf.expandDims(gradient, -1), slope);
      return [tf.sum(each, each.rank - 2), tf.sum(each, each.rank - 3)];
    },
  };
}

/** `Attention(score_mode="concat")`: one factor inside (`use_scale`) and one outside. */
const concat = sumOfTanh(
  (config) => [...dotProduct.weights(config, []), scalar('concat_score_weight')],
  (ctx) => {
    const isScaled = ctx.config.bool('use_scale', false);
    return { inside: isScaled ? weightAt(ctx, 0) : 1, outside: weightAt(ctx, isScaled ? 1 : 0) };
  },
);

/** `AdditiveAttention`: one factor per feature outside of tanh. */
const additive = sumOfTanh(
  (config, query) =>
    config.bool('use_scale', true)
      ? [{ name: 'scale', shape: [knownSize(query, -1, config)], trainable: true }]
      : [],
  (ctx) => ({ inside: 1, outside: ctx.config.bool('use_scale', true) ? weightAt(ctx, 0) : 1 }),
);

/**
 * Subtracted from the score of a masked position, as in Keras. In a fully masked row, differences survive as far as
 * float32 can represent them.
 */
const MASK_PENALTY = 1e9;

/** `keras.layers.Attention` and `AdditiveAttention`, called on [query, value] or [query, value, key]. */
function attention(scoresOf: (config: LayerConfig) => Scores): LayerKind {
  const values = (ctx: LayerContext, inputs: readonly Tensor[]): Values => {
    const { tf, config } = ctx;
    const { sequences } = callOf(config, ctx.call, inputs.length);
    const [query, value, key] = sequences.map((slot) => tf.cast(tensorAt(config, inputs, slot), 'float32'));
    if (query === undefined || value === undefined) return wrongCount(config, sequences.length);
    const raw = scoresOf(config).value(ctx, query, key ?? value);
    const kept = keptPositions(ctx, inputs, raw);
    const scores = kept === undefined ? raw : tf.sub(raw, tf.mul(tf.sub(1, kept), MASK_PENALTY));
    return { query, value, key: key ?? value, raw, weights: tf.softmax(scores) };
  };
  return {
    outputShapes(config, inputs, call) {
      const { sequences } = callOf(config, call, inputs.length);
      const [query, value, key] = sequences.map((slot) => inputs[slot]);
      if (query === undefined || value === undefined) return wrongCount(config, sequences.length);
      checkSequences(config, query, value, key ?? value);
      checkMasks(config, callOf(config, call, inputs.length), inputs, [query, value]);
      const output = [...query.slice(0, -1), value.at(-1) ?? null];
      if (!flagOf(call, 'return_attention_scores')) return [output];
      return [output, [...query.slice(0, -1), (key ?? value).at(-2) ?? null]];
    },
    weights: (config, inputs, call) =>
      scoresOf(config).weights(config, inputs[callOf(config, call, inputs.length).sequences[0] ?? 0] ?? []),
    // Each score is a product over the features, and each is multiplied with its value.
    multiplyAdds(config, inputs, _, call) {
      const { sequences } = callOf(config, call, inputs.length);
      const [query = [], value = [], key = value] = sequences.map((slot) => inputs[slot]);
      const scores = times(...query.slice(0, -1), key.at(-2));
      return sumOf([times(scores, query.at(-1)), times(scores, value.at(-1))]);
    },
    forward(ctx, inputs) {
      const { tf } = ctx;
      const { weights, value } = values(ctx, inputs);
      const mixed = tf.matMul(weights, tf.mul(value, 1));
      const kept = keptQueries(ctx, inputs);
      const output = kept === undefined ? mixed : tf.mul(mixed, kept);
      return flagOf(ctx.call, 'return_attention_scores') ? [output, weights] : [output];
    },
    backward: (ctx, step) => back(ctx, step, values(ctx, step.inputs), scoresOf(ctx.config)),
    mask: (ctx, inputs) => masksOf(ctx, inputs)[0],
    attention: {
      slots(config, call, inputs) {
        const [query = 0, value = 0, key = value] = callOf(config, call, inputs).sequences;
        return { query, key, value };
      },
      scores: (ctx, inputs) => plainScores(ctx, ctx.tf.expandDims(values(ctx, inputs).weights, 1), 1),
      logits: (ctx, inputs) => plainScores(ctx, ctx.tf.expandDims(values(ctx, inputs).raw, 1), 1),
    },
  };
}

type Values = { query: Tensor; value: Tensor; key: Tensor; raw: Tensor; weights: Tensor };

function back(
  ctx: LayerContext,
  { inputs, gradients }: BackwardStep,
  { query, value, key, weights }: Values,
  scores: Scores,
): (Tensor | null)[] {
  const { tf, config } = ctx;
  const [toOutput = null, toWeights = null] = gradients;
  const kept = keptQueries(ctx, inputs);
  const toMixed = toOutput && kept ? tf.mul(toOutput, kept) : toOutput;
  const parts = [toMixed && tf.matMul(toMixed, value, false, true), toWeights].filter(
    (part) => part !== null,
  );
  if (parts.length === 0) return inputs.map(() => null);
  const toScores = softmaxBack(
    tf,
    weights,
    parts.reduce((a, b) => tf.add(a, b)),
    1,
  );
  const [toQuery, toKey] = scores.gradients(ctx, query, key, toScores);
  const toValue = toMixed && tf.matMul(weights, toMixed, true);
  const { sequences } = callOf(config, ctx.call, inputs.length);
  const own =
    sequences.length > 2 ? [toQuery, toValue, toKey] : [toQuery, toValue ? tf.add(toValue, toKey) : toKey];
  return inputs.map((input, slot) => (isFloat(input) ? (own[sequences.indexOf(slot)] ?? null) : null));
}

interface Call {
  /** Positions of query, value and optionally key among the node's inputs. */
  readonly sequences: readonly number[];
  /** The argument `mask`, query and value first; `null` if absent. */
  readonly masks: readonly unknown[] | null;
}

/** Keras 3 saves `layer([query, value], mask=[...])` as one list; Keras 2 saves every tensor of it as an argument. */
function callOf(config: LayerConfig, call: CallArguments | undefined, count: number): Call {
  const [first, second] = call?.args ?? [];
  const listed: readonly unknown[] = Array.isArray(first) ? first : (call?.args ?? []);
  const found = listed.flatMap((value) => slotOf(value) ?? []);
  const sequences = found.length > 0 ? found : Array.from({ length: count }, (_, slot) => slot);
  if (sequences.length < 2 || sequences.length > 3) return wrongCount(config, sequences.length);
  const masks = (Array.isArray(first) ? second : undefined) ?? call?.kwargs.mask;
  return { sequences, masks: Array.isArray(masks) ? masks : null };
}

/** Bool masks of query and value, [batch, time]. */
function masksOf(ctx: LayerContext, inputs: readonly Tensor[]): (Tensor | undefined)[] {
  const { sequences, masks } = callOf(ctx.config, ctx.call, inputs.length);
  return [0, 1].map((i) => {
    if (masks === null) return ctx.masks[sequences[i] ?? 0];
    const given = inputs[slotOf(masks[i]) ?? -1];
    return given && ctx.tf.cast(given, 'bool');
  });
}

/** 1 where a query is not masked, [batch, queries, 1]. */
function keptQueries(ctx: LayerContext, inputs: readonly Tensor[]): Tensor | undefined {
  const [mask] = masksOf(ctx, inputs);
  return mask && ctx.tf.expandDims(ctx.tf.cast(mask, 'float32'), -1);
}

/**
 * 1 where a query may attend to a key; broadcasts to scores [batch, queries, keys]. Early Keras 2 has `causal` in the
 * config.
 */
function keptPositions(ctx: LayerContext, inputs: readonly Tensor[], scores: Tensor): Tensor | undefined {
  const { tf, config } = ctx;
  const [, mask] = masksOf(ctx, inputs);
  const own = mask && tf.expandDims(tf.cast(mask, 'float32'), -2);
  if (!flagOf(ctx.call, 'use_causal_mask') && !config.bool('causal', false)) return own;
  const causal = causalMask(tf, scores.shape.at(-2) ?? 1, scores.shape.at(-1) ?? 1);
  return own === undefined ? causal : tf.mul(own, causal);
}

/** Checks that features of query and key, steps of key and value, and all leading axes agree. */
function checkSequences(config: LayerConfig, query: Shape, value: Shape, key: Shape): void {
  const rank = query.length;
  const areAlike = [value, key].every(
    (shape) => shape.length === rank && shapesMatch(shape.slice(0, -2), query.slice(0, -2)),
  );
  if (rank > 2 && areAlike && sizesMatch(query.at(-1), key.at(-1)) && sizesMatch(key.at(-2), value.at(-2)))
    return;
  fail(
    'bad-config',
    l10n.t(
      'Layer "{0}" cannot attend with a query {1} to keys {2} and values {3}.',
      config.path,
      shapeText(query),
      shapeText(key),
      shapeText(value),
    ),
    { subject: config.path, remedy: l10n.t('The file is damaged; save the model again with Keras.') },
  );
}

/** Checks that the masks passed as arguments fit query and value. */
function checkMasks(
  config: LayerConfig,
  { masks }: Call,
  inputs: readonly Shape[],
  sequences: readonly Shape[],
): void {
  for (const [i, sequence] of sequences.entries()) {
    const mask = inputs[slotOf(masks?.[i]) ?? -1];
    if (mask === undefined || shapesMatch(mask, sequence.slice(0, -1))) continue;
    fail(
      'bad-config',
      l10n.t(
        'Layer "{0}" is given a mask {1} for a sequence {2}.',
        config.path,
        shapeText(mask),
        shapeText(sequence),
      ),
      { subject: config.path, remedy: l10n.t('The file is damaged; save the model again with Keras.') },
    );
  }
}

function wrongCount(config: LayerConfig, count: number): never {
  return fail(
    'wrong-shape',
    l10n.t(
      'Layer "{0}" expects [query, value] or [query, value, key] but gets {1} inputs.',
      config.path,
      count,
    ),
    { subject: config.path, remedy: l10n.t('The file is damaged; save the model again with Keras.') },
  );
}

const modeOf = (config: LayerConfig): Scores =>
  config.choice('score_mode', ['dot', 'concat'], 'dot') === 'concat' ? concat : dotProduct;

export const attentionLayers: KindTable = {
  Attention: attention(modeOf),
  AdditiveAttention: attention(() => additive),
};
