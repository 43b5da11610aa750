import * as l10n from '@vscode/l10n';
import { fail } from '../../../../shared/errors';
import { type Method, type MethodContext, textOption, toRawMap } from '../../method';
import { attentionScores, chosenAttention, lastAttention } from '../../support/attentionLayers';
import { attentionMap } from '../../support/attentionMap';

/**
 * Attention: the weights that a layer's queries give to its keys, of one head or fused over the heads.
 * Raw map of shape [queries, keys]; drawn is the mean over queries, for each key.
 * Vaswani et al., "Attention Is All You Need", NIPS 2017.
 */
export const attention: Method = {
  mapsAt: 'layer',
  defaultLayer: lastAttention,
  emptyNotice: l10n.t('None of the positions that are drawn is attended to.'),
  async attribute(ctx) {
    const layer = chosenAttention(ctx);
    const { tf } = ctx;
    const fused = await attentionScores(ctx.trace, layer, (scores) => {
      switch (textOption(ctx, 'head')) {
        case 'mean':
          return tf.mean(scores, 0);
        case 'max':
          return tf.max(scores, 0);
        case 'min':
          return tf.min(scores, 0);
        default:
          return tf.squeeze(tf.slice(scores, headOf(ctx, layer.node.path, scores.shape[0] ?? 0), 1), [0]);
      }
    });
    return attentionMap('attention', ctx, layer, await toRawMap(fused));
  },
};

/** @throws Failure `bad-input` for a head that the layer lacks. */
function headOf(ctx: MethodContext, path: string, heads: number): number {
  const head = Number(textOption(ctx, 'head'));
  if (head < heads) return head;
  return fail('bad-input', l10n.t('Layer "{0}" has no head {1}.', path, head), {
    subject: 'head',
    remedy: l10n.t('Give the option "head" a number from 0 to {0}, or mean, max or min.', heads - 1),
  });
}
