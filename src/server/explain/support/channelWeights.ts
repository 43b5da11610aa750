import type { LayerValues } from './layerValues';

/** One number per channel, from its values and their gradients over all positions. */
export function perChannel(
  { positions, channels }: LayerValues,
  start: (channel: number) => number,
  add: (sum: number, index: number, channel: number) => number,
): Float64Array {
  const sums = Float64Array.from({ length: channels }, (_, c) => start(c));
  for (let p = 0; p < positions; p++)
    for (let c = 0; c < channels; c++) sums[c] = add(sums[c] ?? 0, p * channels + c, c);
  return sums;
}

/** Sum of each channel over the positions. @param values [positions, channels] */
export const channelSums = (at: LayerValues, values: ArrayLike<number>): Float64Array =>
  perChannel(
    at,
    () => 0,
    (sum, i) => sum + (values[i] ?? Number.NaN),
  );

/** Grad-CAM's weights: the mean of each channel's gradient. @param gradient [positions, channels] */
export const meanGradients = (at: LayerValues, gradient: Float32Array): Float64Array =>
  channelSums(at, gradient).map((sum) => sum / at.positions);

/** Added to denominators, as in the papers' own code. */
const EPSILON = 1e-6;

/**
 * Grad-CAM++'s weights in the closed form of the paper: the sum over positions of alpha * relu(g), with
 * alpha = g^2 / (2 g^2 + sum(A) g^3 + 1e-6), where sum(A) is that of the channel.
 */
export function plusPlusWeights(at: LayerValues, gradient: Float32Array): Float64Array {
  const sums = channelSums(at, at.values);
  return perChannel(
    at,
    () => 0,
    (weight, i, c) => {
      const g = gradient[i] ?? Number.NaN;
      if (g <= 0) return weight;
      return weight + g ** 3 / (2 * g ** 2 + (sums[c] ?? Number.NaN) * g ** 3 + EPSILON);
    },
  );
}

/** XGrad-CAM's weights: the sum of A * g over the positions, divided by the sum of A; 0 for a channel that is 0 everywhere. */
export function normalisedWeights(at: LayerValues, gradient: Float32Array): Float64Array {
  const products = channelSums(
    at,
    at.values.map((value, i) => value * (gradient[i] ?? Number.NaN)),
  );
  const sums = channelSums(at, at.values);
  return products.map((product, c) => (product === 0 ? 0 : product / (sums[c] ?? Number.NaN)));
}

/** The channels weighted and summed: [positions]. */
export function weightedSum(at: LayerValues, weights: ArrayLike<number>): Float32Array {
  return sumOfChannels(at, (i, c) => (weights[c] ?? Number.NaN) * (at.values[i] ?? Number.NaN));
}

/** The sum over channels of `term` at each position. */
export function sumOfChannels(
  { positions, channels }: LayerValues,
  term: (index: number, channel: number) => number,
): Float32Array {
  const map = new Float32Array(positions);
  for (let p = 0; p < positions; p++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += term(p * channels + c, c);
    map[p] = sum;
  }
  return map;
}
