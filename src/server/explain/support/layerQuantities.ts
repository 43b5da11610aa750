import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Control } from '../../run/control';
import { GRADIENT } from '../../run/rectifierRules';
import type { Trace } from '../../run/trace';
import { type ExplainRequest, pictureOf, scoredPlace, scoresOf } from '../explain';
import { defaultLayer, resolveLayer } from '../layerChoice';
import { gradientAt, inputValue, type RawMap } from '../method';
import { chooseTarget } from '../target';
import { meanGradients } from './channelWeights';
import { type LayerValues, layerGradient, layerValues } from './layerValues';
import { type Walks, walkOf } from './scoreWalk';

/** What the class activation maps at a layer are computed from, by the names that the papers give them. */
export interface LayerQuantities {
  readonly layer: string;
  /** A, the output of the layer; its shape is that of the tensor without the batch axis. */
  readonly output: RawMap;
  /** dScore/dA, of the same shape. */
  readonly gradient: RawMap;
  /** [channels]: Grad-CAM's weights, the mean of each channel's gradient over all positions. */
  readonly weights: Float32Array;
  /** The output by position and channel, whatever the order in the tensor. */
  readonly at: LayerValues;
  /** `gradient` in the same order: [positions, channels]. */
  readonly slopes: Float32Array;
}

/**
 * The quantities of the chosen layer, or of the default one, for the chosen score.
 * @throws Failure `not-applicable`, `no-such-layer`, `no-such-target`, `unknown-layer`, `cancelled`.
 */
export async function layerQuantities(
  trace: Trace,
  walks: Walks,
  { layer, target: choice, labels }: Pick<ExplainRequest, 'layer' | 'target' | 'labels'>,
  control: Control,
): Promise<LayerQuantities> {
  const { ctx, ref } = await layerContextOf(trace, walks, { layer, target: choice, labels }, control);
  const at = await layerValues(ctx, l10n.t('the gradient'));
  const slopes = await layerGradient(ctx, at);
  return {
    layer: ref.node,
    output: await inputValue(ctx, ref),
    gradient: await gradientAt(ctx, GRADIENT, ref),
    weights: Float32Array.from(meanGradients(at, slopes)),
    at,
    slopes,
  };
}

/** What is needed to read the chosen layer, or the default one, and the gradient of the chosen score at it. */
export async function layerContextOf(
  trace: Trace,
  walks: Walks,
  { layer, target: choice, labels }: Pick<ExplainRequest, 'layer' | 'target' | 'labels'>,
  control: Control,
) {
  const path = layer === 'auto' ? defaultLayer(trace.graph, scoredPlace(trace, choice)) : layer;
  if (path === null) {
    return fail(
      'not-applicable',
      l10n.t(
        'The model has no layer with an extent in space or time: there is no output, gradient or weight of such a layer.',
      ),
      { remedy: l10n.t('Choose a layer.') },
    );
  }
  const scores = await scoresOf(trace, choice);
  const { target, score } = chooseTarget(scores, choice, labels, pictureOf(trace));
  const ref = resolveLayer(trace.graph, path);
  const ctx = {
    trace,
    walk: (rule: typeof GRADIENT) => walkOf(trace, walks, choice, [{ scores, target, score }], rule),
    layer: ref.node,
    layerOutput: ref.output,
    control,
  };
  return { ctx, ref, scores, target };
}
