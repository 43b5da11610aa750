import * as l10n from '@vscode/l10n';
import { fail } from '../../../../shared/errors';
import { GRADIENT } from '../../../run/rectifierRules';
import type { MethodContext } from '../../method';
import { weightedSum } from '../../support/channelWeights';
import { activationMap } from '../../support/layerMap';
import { pooledHead } from '../../support/pooledHead';

/**
 * CAM: the channels of the layer before global average pooling, weighted by the kernel of the Dense layer after it. The weights are
 * read as the gradient at the pooling, so that they also hold for a difference of classes or for a probability.
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016.
 */
export const cam = activationMap(
  'cam',
  async (at, _, ctx) => weightedSum(at, await poolingGradient(ctx, poolingAfter(ctx))),
  { defaultLayer: (graph, scored) => pooledHead(graph, scored)?.layers.at(-1) ?? null },
);

/** @throws Failure `not-applicable` unless the layer feeds global average pooling and one Dense layer. */
function poolingAfter({ trace, scored, layer }: MethodContext): string {
  const head = pooledHead(trace.graph, scored);
  if (head === null) {
    return fail(
      'not-applicable',
      l10n.t('CAM needs a model that ends in global average pooling and one Dense layer.'),
      {
        subject: scored.node,
        remedy: l10n.t('Choose Grad-CAM, which generalizes CAM to any model.'),
      },
    );
  }
  if (layer !== null && head.layers.includes(layer)) return head.pooling;
  return fail(
    'not-applicable',
    l10n.t('CAM weights the layer that feeds "{0}", not "{1}".', head.pooling, layer ?? ''),
    {
      subject: layer ?? head.pooling,
      remedy: l10n.t('Choose layer "{0}", or Grad-CAM for another one.', head.layers.at(-1) ?? ''),
    },
  );
}

/** dScore/dPooling: one number per channel; zeros where the score does not depend on it. */
async function poolingGradient({ walk, control }: MethodContext, path: string): Promise<Float32Array> {
  const gradient = await walk(GRADIENT).at(path, 0, control);
  return gradient ? gradient.data<'float32'>() : new Float32Array();
}
