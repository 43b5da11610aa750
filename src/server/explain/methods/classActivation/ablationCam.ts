import { weightedSum } from '../../support/channelWeights';
import { activationMap } from '../../support/layerMap';
import { channelAt, channelCount, withoutChannel } from '../../support/layerValues';

/**
 * Ablation-CAM: each channel weighted by the share of the score that is lost when it is set to 0. The model is run from the layer
 * on, once for each channel that is not 0 everywhere.
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Ramaswamy and Desai, "Ablation-CAM", WACV 2020. Shares are of the score's size, so that a loss is a loss of a negative score, too.
 */
export const ablationCam = activationMap(
  'ablation-cam',
  async (at, _, ctx) => {
    const active = Array.from({ length: at.channels }, (__, c) => c).filter((c) =>
      channelAt(at, c).some((value) => value !== 0),
    );
    const scores = await ctx.scores({
      at: [at.ref],
      count: active.length,
      values: (i) => [withoutChannel(at, active[i] ?? 0)],
    });
    const weights = new Float64Array(at.channels);
    const size = Math.abs(ctx.score) || 1;
    for (const [i, channel] of active.entries())
      weights[channel] = (ctx.score - (scores[i] ?? Number.NaN)) / size;
    return weightedSum(at, weights);
  },
  { comparesScores: true, cost: (ctx) => ({ forward: channelCount(ctx), backward: 0 }) },
);
