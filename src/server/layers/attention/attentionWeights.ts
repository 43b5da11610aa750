import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerContext, Tensor, TF } from '../kind';

/** 1 where query i may attend to key j, that is j <= i: float32 [queries, keys]. */
export function causalMask(tf: TF, queries: number, keys: number): Tensor {
  const [rows, columns] = positions(tf, queries, keys);
  return tf.cast(tf.greaterEqual(rows, columns), 'float32');
}

/** 1 where query i and key j are less than `window` apart: float32 [queries, keys]. */
export function windowMask(tf: TF, queries: number, keys: number, window: number): Tensor {
  const [rows, columns] = positions(tf, queries, keys);
  return tf.cast(tf.less(tf.abs(tf.sub(rows, columns)), window), 'float32');
}

const positions = (tf: TF, queries: number, keys: number): [Tensor, Tensor] => [
  tf.reshape(tf.range(0, queries, 1, 'float32'), [queries, 1]),
  tf.reshape(tf.range(0, keys, 1, 'float32'), [1, keys]),
];

/** Scores [batch, heads, ...queries, ...keys] as [batch, heads, queries, keys]. @param axes of the queries, and of the keys */
export function plainScores({ tf, config }: LayerContext, scores: Tensor, axes: number): Tensor {
  const { rank, shape } = scores;
  if (rank !== 2 + 2 * axes) {
    return fail('not-applicable', l10n.t('Layer "{0}" attends along some of its axes only.', config.path), {
      subject: config.path,
      remedy: l10n.t('Choose an attention layer whose positions are all in one sequence.'),
    });
  }
  const [batch = 1, heads = 1] = shape;
  const count = (from: number): number => shape.slice(from, from + axes).reduce((a, b) => a * b, 1);
  return tf.reshape(scores, [batch, heads, count(2), count(2 + axes)]);
}

/** The gradient before a softmax over the last `axes` axes together. @param weights output of the softmax. */
export function softmaxBack(tf: TF, weights: Tensor, gradient: Tensor, axes: number): Tensor {
  const over = Array.from({ length: axes }, (_, i) => weights.rank - 1 - i);
  const weighted = tf.mul(gradient, weights);
  return tf.sub(weighted, tf.mul(weights, tf.sum(weighted, over, true)));
}
