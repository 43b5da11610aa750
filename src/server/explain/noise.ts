import { mulberry32, normal } from '../../shared/random';
import { inputValue, type MethodContext, numberOption, type RawMap } from './method';
import { Moments } from './moments';
import { Blocks, MIN_SAMPLES, samplingNotices } from './sampling';

/** The generator of one sample: samples can be drawn in any order, and again. */
export const sampleRandom = (seed: number, index: number): (() => number) =>
  mulberry32(seed ^ Math.imul(index + 1, 0x9e3779b1));

/** Standard deviation of the noise on a value: a share of its range. */
export function noiseDeviation(values: Float32Array, share: number): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high > low ? share * (high - low) : 0;
}

/** A new array of `values` plus Gaussian noise. */
export function withNoise(values: Float32Array, deviation: number, uniform: () => number): Float32Array {
  const gaussian = normal(uniform);
  return values.map((value) => value + deviation * gaussian());
}

/**
 * What a function of the moments of the gradients says when noise is added to all inputs at once, by the options `samples`, `noise` and `seed`.
 * @param statistic of the mean and the (biased) variance of the gradients at a value.
 */
export async function noisyGradients(
  ctx: MethodContext,
  statistic: (mean: number, variance: number) => number,
): Promise<{ readonly maps: readonly RawMap[]; readonly notices: readonly string[] }> {
  const samples = numberOption(ctx, 'samples');
  const [noise, seed] = [numberOption(ctx, 'noise'), numberOption(ctx, 'seed')];
  const inputs: RawMap[] = [];
  for (const { ref } of ctx.places) inputs.push(await inputValue(ctx, ref));
  const deviations = inputs.map(({ values }) => noiseDeviation(values, noise));
  const parts = inputs.map(
    ({ values }) =>
      new Blocks(
        () => new Moments(values.length),
        Moments.sum,
        (moments) => moments.map(statistic),
      ),
  );
  await ctx.gradients(
    {
      at: ctx.places.map(({ ref }) => ref),
      count: samples,
      values(index) {
        const uniform = sampleRandom(seed, index);
        return inputs.map(({ values }, i) => withNoise(values, deviations[i] ?? 0, uniform));
      },
    },
    (index, gradients) => {
      for (const [i, gradient] of gradients.entries()) parts[i]?.block(index).add(gradient);
    },
  );
  return {
    maps: parts.map((blocks, i) => ({
      shape: inputs[i]?.shape ?? [],
      values: Float32Array.from(blocks.whole().map(statistic)),
    })),
    notices: parts.flatMap((blocks) => blockNotices(blocks, samples)),
  };
}

/** How certain the values of a place are. */
export function blockNotices<T>(blocks: Blocks<T>, samples: number): string[] {
  if (samples < MIN_SAMPLES) return [];
  const errors = blocks.errors();
  return samplingNotices({ samples, errors, reliability: blocks.reliability(), what: 'values' });
}
