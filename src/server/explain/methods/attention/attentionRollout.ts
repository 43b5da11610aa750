import * as l10n from '@vscode/l10n';
import { fail } from '../../../../shared/errors';
import type { Tensor } from '../../../layers/kind';
import { withFallback } from '../../../run/backends/fallback';
import { checkpoint } from '../../../run/control';
import { tidy } from '../../../run/tidy';
import { ancestors } from '../../layerChoice';
import { type Method, type MethodContext, toRawMap } from '../../method';
import {
  type AttentionLayer,
  attentionLayers,
  attentionScores,
  chosenAttention,
  isSelfAttention,
  lastAttention,
} from '../../support/attentionLayers';
import { attentionMap } from '../../support/attentionMap';

/**
 * Attention rollout: (A + I) / 2 of each self-attention layer up to the explained one, its heads averaged, multiplied with the
 * later layers on the left. Raw map of shape [positions, positions]: how much of each position of the input sequence reaches
 * each position of the layer. Drawn is the mean over the latter.
 * Abnar and Zuidema, "Quantifying Attention Flow in Transformers", ACL 2020.
 */
export const attentionRollout: Method = {
  mapsAt: 'layer',
  defaultLayer: lastAttention,
  emptyNotice: l10n.t('None of the positions that are drawn is attended to.'),
  async attribute(ctx) {
    const last = chosenAttention(ctx);
    const layers = chainTo(ctx, last);
    let product: Tensor | null = null;
    for (const [i, layer] of layers.entries()) {
      await checkpoint(ctx.control, i / layers.length, l10n.t('Attention of {0}', layer.node.path));
      const scores = await attentionScores(ctx.trace, layer, (each) => ctx.tf.mean(each, 0));
      const next = rolled(ctx, scores, product);
      product?.dispose();
      scores.dispose();
      product = next;
    }
    if (product === null) return fail('internal', l10n.t('A rollout over no layer.'));
    const [first = last] = layers;
    const map = await attentionMap(
      'attention-rollout',
      ctx,
      { ...last, key: first.key },
      await toRawMap(product),
    );
    const names = layers.map(({ node }) => node.path).join(', ');
    return {
      ...map,
      notices: [
        layers.length === 1
          ? l10n.t('Rolled out over one layer: {0}.', names)
          : l10n.t('Rolled out over {0} layers: {1}.', layers.length, names),
        ...(map.notices ?? []),
      ],
    };
  },
};

/** (A + I) / 2 times the product of the layers before. */
function rolled({ tf, trace }: MethodContext, scores: Tensor, product: Tensor | null): Tensor {
  const [positions = 1] = scores.shape;
  return withFallback(trace.runtime, () =>
    tidy(tf, () => {
      const step = tf.div(tf.add(scores, tf.eye(positions)), 2);
      return product === null ? step : tf.matMul(step, product);
    }),
  );
}

/** The layers from the first to `last`. @throws Failure `not-applicable` unless all of them attend within one sequence. */
function chainTo({ trace }: MethodContext, last: AttentionLayer): AttentionLayer[] {
  const { graph } = trace;
  const layers = attentionLayers(graph, { node: last.node.path, output: 0 });
  const lengthOf = ({ node, output }: AttentionLayer['query']): number => {
    const shape = trace.at(node).outputs[output]?.shape ?? [];
    return shape.slice(1, -1).reduce((a, b) => a * b, 1);
  };
  const length = lengthOf(last.query);
  for (const [i, layer] of layers.entries()) {
    const { path } = layer.node;
    const next = layers[i + 1];
    if (lengthOf(layer.query) !== length || lengthOf(layer.key) !== length)
      refuse(
        path,
        l10n.t(
          'Attention rollout needs self-attention layers one after the other, but "{0}" attends from {1} to {2} positions, and "{3}" from {4}.',
          path,
          lengthOf(layer.query),
          lengthOf(layer.key),
          last.node.path,
          length,
        ),
      );
    if (!isSelfAttention(graph, layer))
      refuse(
        path,
        l10n.t(
          'Attention rollout needs self-attention layers one after the other, but "{0}" attends to another sequence than its own.',
          path,
        ),
      );
    if (next && !ancestors(graph, next.query).has(path))
      refuse(
        path,
        l10n.t(
          'Attention rollout needs self-attention layers one after the other, but "{0}" is not on the way to "{1}".',
          path,
          next.node.path,
        ),
      );
  }
  return layers;
}

const refuse = (path: string, why: string): never =>
  fail('not-applicable', why, {
    subject: path,
    remedy: l10n.t('Choose an earlier layer, or the method Attention, which shows one layer.'),
  });
