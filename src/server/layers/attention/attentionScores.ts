import type { LayerContext, Tensor } from '../kind';
import { flagOf } from '../support/callSlots';
import type { Call } from './attentionCall';
import type { Plan } from './attentionPlan';
import { causalMask, windowMask } from './attentionWeights';

// With groups, one head of keys serves several query heads: in the products, queries and scores get one more axis.

export const splitGroups = ({ tf }: LayerContext, { group }: Plan, query: Tensor): Tensor => {
  if (group === null) return query;
  const [batch = 1, length = 1, heads = 1, size = 1] = query.shape;
  return tf.reshape(query, [batch, length, heads / group, group, size]);
};

export const mergeGroups = ({ tf }: LayerContext, { group }: Plan, mixed: Tensor): Tensor => {
  if (group === null) return mixed;
  const [batch = 1, length = 1, heads = 1, , size = 1] = mixed.shape;
  return tf.reshape(mixed, [batch, length, heads * group, size]);
};

export const mergeScoreGroups = ({ tf }: LayerContext, { group }: Plan, scores: Tensor): Tensor => {
  if (group === null) return scores;
  const [batch = 1, heads = 1, , queries = 1, keys = 1] = scores.shape;
  return tf.reshape(scores, [batch, heads * group, queries, keys]);
};

export const splitScoreGroups = ({ tf }: LayerContext, { group }: Plan, scores: Tensor): Tensor => {
  if (group === null) return scores;
  const [batch = 1, heads = 1, queries = 1, keys = 1] = scores.shape;
  return tf.reshape(scores, [batch, heads / group, group, queries, keys]);
};

/**
 * 1 where a query may attend to a key, of the scores' rank; `undefined` without masks. Combines, as
 * `_compute_attention_mask`, the Keras masks of query, value and key, the `attention_mask`, the causal mask and the window.
 */
export function keptPositions(
  ctx: LayerContext,
  inputs: readonly Tensor[],
  plan: Plan,
  call: Call,
  rank: number,
  usesQueryMask: boolean,
): Tensor | undefined {
  const { tf, config } = ctx;
  const given = (slot: number | undefined): Tensor | undefined =>
    slot === undefined ? undefined : inputs[slot];
  const flags = (mask: Tensor | undefined, axis: number): Tensor[] =>
    mask === undefined ? [] : [tf.expandDims(asFlags(ctx, mask), axis)];
  const queries = inputs[call.query]?.shape[1] ?? 1;
  const keys = inputs[call.value]?.shape[1] ?? 1;
  const { masks } = call;
  // MultiHeadAttention ignores the argument `query_mask`.
  const queryMask = (usesQueryMask ? given(masks.query) : undefined) ?? ctx.masks[call.query];
  const keyMask = given(masks.key) ?? (call.key === call.value ? undefined : ctx.masks[call.key]);
  const attentionMask = given(masks.attention);
  const all = [
    ...flags(queryMask, -1),
    ...flags(given(masks.value) ?? ctx.masks[call.value], -2),
    ...flags(keyMask, -2),
    ...(flagOf(ctx.call, 'use_causal_mask') ? [tf.expandDims(causalMask(tf, queries, keys), 0)] : []),
    ...(config.has('sliding_window')
      ? [tf.expandDims(windowMask(tf, queries, keys, config.int('sliding_window')), 0)]
      : []),
    ...(attentionMask === undefined ? [] : [asFlags(ctx, attentionMask)]),
  ];
  if (all.length === 0) return undefined;
  let merged = all.reduce((a, b) => tf.mul(a, b));
  while (merged.rank < rank) merged = tf.expandDims(merged, merged.rank - 2 * plan.axes);
  return merged;
}

/** 1 for true and for every nonzero number. */
const asFlags = ({ tf }: LayerContext, mask: Tensor): Tensor => tf.cast(tf.cast(mask, 'bool'), 'float32');

/** Keras's score of a masked position. */
const MASKED_SCORE = -1e9;

export function maskedSoftmax(
  ctx: LayerContext,
  plan: Plan,
  scores: Tensor,
  kept: Tensor | undefined,
): Tensor {
  const { tf } = ctx;
  if (kept === undefined) return softmax(ctx, plan, scores);
  const masked = tf.mul(tf.sub(1, kept), MASKED_SCORE);
  // Keras 2 adds where Keras 3 replaces, so that scores in a fully masked row still differ.
  const isAdded = ctx.config.kerasMajor < 3;
  const weights = softmax(ctx, plan, tf.add(isAdded ? scores : tf.mul(scores, kept), masked));
  return isFused(ctx, scores.rank) || isAdded ? weights : tf.mul(weights, kept);
}

/**
 * Whether Keras 3 calls `dot_product_attention`, in which a fully masked row attends to all positions equally; its
 * Softmax layer lets such a row attend to none.
 */
const isFused = ({ config, call }: LayerContext, rank: number): boolean =>
  rank === 4 && config.number('dropout', 0) === 0 && !flagOf(call, 'return_attention_scores');

/** Softmax over the last `axes` axes together. */
function softmax({ tf }: LayerContext, { axes }: Plan, scores: Tensor): Tensor {
  if (axes === 1) return tf.softmax(scores);
  const lead = scores.shape.slice(0, scores.rank - axes);
  return tf.reshape(tf.softmax(tf.reshape(scores, [...lead, -1])), scores.shape);
}
