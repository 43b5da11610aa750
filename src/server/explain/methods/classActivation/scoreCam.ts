import * as l10n from '@vscode/l10n';
import { fail } from '../../../../shared/errors';
import { resizeMap } from '../../../../shared/maps/displayMap';
import { inputValue, type MethodContext, numberOption, type RawMap } from '../../method';
import { blend, type CellLayout } from '../../perturbation/masks';
import { layoutAt } from '../../places';
import { topIndices } from '../../ranking';
import { weightedSum } from '../../support/channelWeights';
import { activationMap } from '../../support/layerMap';
import { channelAt, channelCount, type LayerValues } from '../../support/layerValues';

/**
 * Score-CAM: each channel, scaled to 0..1 and resized to the input (bilinear, half-pixel centres), masks the input; its weight is
 * the score of the masked input less that of the blank one (zeros). A channel that is the same everywhere masks all and has weight 0.
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Wang et al., "Score-CAM", CVPR workshops 2020.
 */
export const scoreCam = activationMap(
  'score-cam',
  async (at, _, ctx) => {
    const inputs = await maskedInputs(ctx, at);
    const used = usedChannels(ctx, at);
    const scores = await ctx.scores({
      at: inputs.map(({ ref }) => ref),
      count: used.length + 1,
      values: (i) => inputs.map((input) => underMask(input, at, used[i - 1])),
    });
    const weights = new Float64Array(at.channels);
    const [blank = Number.NaN] = scores;
    for (const [i, channel] of used.entries()) weights[channel] = (scores[i + 1] ?? Number.NaN) - blank;
    return weightedSum(at, weights);
  },
  {
    comparesScores: true,
    cost: (ctx) => ({ forward: chosenCount(ctx, channelCount(ctx)) + 1, backward: 0 }),
  },
);

interface MaskedInput {
  readonly ref: LayerValues['ref'];
  readonly spatial: readonly number[];
  readonly cells: CellLayout;
  readonly value: RawMap;
}

/** The inputs with as many axes of space or time as the layer; others stay as they are. */
async function maskedInputs(ctx: MethodContext, at: LayerValues): Promise<MaskedInput[]> {
  const found: MaskedInput[] = [];
  for (const { ref } of ctx.places) {
    const { spatial, channel } = layoutAt(ctx.trace, ref);
    if (!at.hasExtent || channel === null || spatial.length !== at.shape.length) continue;
    const value = await inputValue(ctx, ref);
    const cells = spatial.reduce((a, b) => a * b, 1);
    const channels = value.values.length / Math.max(1, cells);
    found.push({ ref, spatial, value, cells: { cells, channels, channelsFirst: channel === 0 } });
  }
  if (found.length > 0) return found;
  return fail(
    'not-applicable',
    l10n.t(
      'Score-CAM masks an input by layer "{0}", and no input has its axes of space or time.',
      at.ref.node,
    ),
    {
      subject: at.ref.node,
      remedy: l10n.t('Choose Ablation-CAM, or a layer that keeps all axes of an input.'),
    },
  );
}

/** Those that vary; of them the strongest by variance where fewer are asked for. */
function usedChannels(ctx: MethodContext, at: LayerValues): number[] {
  const variances = Float64Array.from({ length: at.channels }, (_, c) => variance(channelAt(at, c)));
  return topIndices(variances, chosenCount(ctx, at.channels)).filter((c) => variances[c] !== 0);
}

/** The option `channels`: 0 for all. */
const chosenCount = (ctx: MethodContext, channels: number): number =>
  Math.min(channels, numberOption(ctx, 'channels') || channels);

function variance(values: Float32Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/** The input under a channel, scaled to 0..1; the blank input without one. */
function underMask(
  { spatial, cells, value }: MaskedInput,
  at: LayerValues,
  channel: number | undefined,
): Float32Array {
  const zeros = new Float32Array(value.values.length);
  if (channel === undefined) return zeros;
  const own = channelAt(at, channel);
  const min = own.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = own.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const scaled = own.map((one) => (max > min ? (one - min) / (max - min) : 0));
  return blend(value.values, zeros, resizeMap({ shape: at.shape, values: scaled }, spatial).values, cells);
}
