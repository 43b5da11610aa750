import * as l10n from '@vscode/l10n';
import { baselinesAt } from '../../baseline';
import { completenessError, incompleteNotice } from '../../completeness';
import { inputValue, type Method, type MethodContext, numberOption } from '../../method';
import { Moments } from '../../moments';
import { blockNotices, noiseDeviation, sampleRandom, withNoise } from '../../noise';
import { Blocks, BYTES_PER_SAMPLED_VALUE } from '../../sampling';

/** Of the score's change; chance decides that much with few samples. */
const MAX_ERROR = 0.05;

/**
 * Expected gradients: the mean of (x - baseline) times the gradient at a random point between a random baseline and x, all inputs
 * together; GradientSHAP with noise on the baselines. The points are stratified: each has its own part of the path. Raw map of the
 * input's shape, channels included.
 * Erion et al., "Improving performance of deep learning models with axiomatic attribution priors and expected gradients", 2021.
 */
export const expectedGradients: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t('The score does not change on the way from the baselines to this input.'),
  bytesPerValue: BYTES_PER_SAMPLED_VALUE,
  cost(ctx) {
    const samples = numberOption(ctx, 'samples');
    return { forward: 2 * samples, backward: samples };
  },
  async attribute(ctx) {
    const samples = numberOption(ctx, 'samples');
    const at = ctx.places.map(({ ref }) => ref);
    const inputs = await inputsOf(ctx);
    const parts = inputs.map(
      ({ value }) =>
        new Blocks(
          () => new Moments(value.values.length),
          Moments.sum,
          (moments) => moments.map((mean) => mean),
        ),
    );
    const sampleAt = drawn(ctx, inputs);
    await ctx.gradients(
      {
        at,
        count: samples,
        values(index) {
          const { baselines, alpha } = sampleAt(index);
          return inputs.map(({ value }, place) =>
            value.values.map((x, i) => alpha * x + (1 - alpha) * (baselines[place]?.[i] ?? 0)),
          );
        },
      },
      (index, gradients) => {
        const { baselines } = sampleAt(index);
        for (const [place, gradient] of gradients.entries()) {
          const values = inputs[place]?.value.values;
          const products = gradient.map(
            (slope, i) => slope * ((values?.[i] ?? 0) - (baselines[place]?.[i] ?? 0)),
          );
          parts[place]?.block(index).add(products);
        }
      },
    );
    const scores = await ctx.scores({ at, count: samples, values: (index) => sampleAt(index).baselines });
    const mean = scores.reduce((sum, score) => sum + score / samples, 0);
    const maps = parts.map((blocks, place) => ({
      shape: inputs[place]?.value.shape ?? [],
      values: Float32Array.from(blocks.whole().map((value) => value)),
    }));
    const completeness = completenessError(
      maps.map(({ values }) => values),
      ctx.score - mean,
    );
    const sampled = parts.flatMap((blocks) => blockNotices(blocks, samples));
    return {
      maps,
      completeness,
      notices:
        completeness < MAX_ERROR
          ? sampled
          : [incompleteNotice(completeness, l10n.t('More samples make it smaller.')), ...sampled],
    };
  },
};

type Input = Awaited<ReturnType<typeof inputsOf>>[number];

/** The values at the places, their baselines, and the noise on these: none where a file has several. */
async function inputsOf(ctx: MethodContext) {
  const noise = numberOption(ctx, 'noise');
  const inputs = [];
  for (const place of ctx.places) {
    const value = await inputValue(ctx, place.ref);
    const baselines = await baselinesAt(ctx, place);
    const deviation = baselines.length > 1 ? 0 : noiseDeviation(value.values, noise);
    inputs.push({ value, baselines, deviation });
  }
  return inputs;
}

/** The sample of an index: a baseline of each place, and where between them and the inputs it is. */
function drawn(ctx: MethodContext, inputs: readonly Input[]) {
  const [samples, seed] = [numberOption(ctx, 'samples'), numberOption(ctx, 'seed')];
  return (index: number): { readonly baselines: readonly Float32Array[]; readonly alpha: number } => {
    const uniform = sampleRandom(seed, index);
    const alpha = (index + uniform()) / samples;
    const which = uniform();
    return {
      alpha,
      baselines: inputs.map(({ baselines, deviation }) => {
        const baseline = baselines[Math.floor(which * baselines.length)] ?? new Float32Array();
        return deviation === 0 ? baseline : withNoise(baseline, deviation, uniform);
      }),
    };
  };
}
