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
export function channelSums({ positions, channels }: LayerValues, values: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(channels);
  // In loops of its own, here and in `weightedSum`, which take a third of the time of a call for each value.
  for (let p = 0, i = 0; p < positions; p++)
    for (let c = 0; c < channels; c++, i++) sums[c] = (sums[c] ?? 0) + (values[i] ?? Number.NaN);
  return sums;
}

/** Grad-CAM's weights: the mean of each channel's gradient. @param gradient [positions, channels] */
export const meanGradients = (at: LayerValues, gradient: Float32Array): Float64Array =>
  channelSums(at, gradient).map((sum) => sum / at.positions);

/** Added to denominators, as in the papers' own code. */
const EPSILON = 1e-6;

/** The paper's own first. */
export const PLUS_PLUS_FORMS = ['paper', 'xplique', 'tf-keras-vis'] as const;
export type PlusPlusForm = (typeof PLUS_PLUS_FORMS)[number];

/**
 * Grad-CAM++'s weights in the closed form of the paper: the sum over positions of alpha * relu(g), with
 * alpha = g^2 / (2 g^2 + sum(A) g^3 + 1e-6), where sum(A) is that of the channel.
 * @param form `xplique`: means over the positions in place of both sums (xplique/attributions/grad_cam_pp.py); `tf-keras-vis`: alpha,
 * whose denominator is 1 where it is 0, divided by its sum over the positions (tf_keras_vis/gradcam_plus_plus.py, without its factor exp(score))
 */
export function plusPlusWeights(
  at: LayerValues,
  gradient: Float32Array,
  form: PlusPlusForm = 'paper',
): Float64Array {
  const share = form === 'xplique' ? 1 / at.positions : 1;
  const sums = channelSums(at, at.values).map((sum) => sum * share);
  const alpha = (g: number, c: number): number => {
    const denominator = 2 * g ** 2 + (sums[c] ?? Number.NaN) * g ** 3;
    if (form === 'tf-keras-vis') return g ** 2 / (denominator === 0 ? 1 : denominator);
    return g ** 2 / (denominator + EPSILON);
  };
  const sumOver = (term: (g: number, c: number) => number): Float64Array =>
    perChannel(
      at,
      () => 0,
      (sum, i, c) => sum + term(gradient[i] ?? Number.NaN, c),
    );
  const weights = sumOver((g, c) => (g <= 0 ? 0 : g * alpha(g, c)));
  if (form !== 'tf-keras-vis') return weights.map((weight) => weight * share);
  const norms = sumOver(alpha);
  return weights.map((weight, c) => (weight === 0 ? 0 : weight / (norms[c] ?? Number.NaN)));
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
export function weightedSum(
  { positions, channels, values }: LayerValues,
  weights: ArrayLike<number>,
): Float32Array {
  const map = new Float32Array(positions);
  for (let p = 0, i = 0; p < positions; p++) {
    let sum = 0;
    for (let c = 0; c < channels; c++, i++) sum += (weights[c] ?? Number.NaN) * (values[i] ?? Number.NaN);
    map[p] = sum;
  }
  return map;
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
