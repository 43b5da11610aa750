import type { LearnedPairs } from '../../../shared/asset';
import { mapInto } from '../../../shared/mapInto';

/**
 * The boundaries that an adapted `Discretization` of Keras 2 derives from its summary (`get_bin_boundaries` in
 * keras/layers/preprocessing/discretization.py, version 2.15).
 * @param summary ascending bins as keys, the number of values in each as values.
 */
export function learnedBoundaries({ keys, values }: LearnedPairs, bins: number): Float32Array {
  const learned = mapInto(new Float32Array(keys.length), keys, Number);
  const step = 1 / bins;
  if (learned.length * step < 1) return learned.slice(0, -1);
  const reached = mapInto(new Float32Array(values.length), values, Number);
  // As in NumPy: sums and quotients in float32, the interpolation in float64.
  for (let i = 1; i < reached.length; i++) reached[i] = (reached[i] ?? 0) + (reached[i - 1] ?? 0);
  const total = reached.at(-1) ?? 1;
  const fractions = reached.map((weight) => weight / total);
  const count = Math.ceil(1 / step) - 1;
  return Float32Array.from({ length: count }, (_, i) => interpolated(step + i * step, fractions, learned));
}

/** `numpy.interp` at `x`; `xs` must be ascending. */
function interpolated(x: number, xs: Float32Array, ys: Float32Array): number {
  const above = xs.findIndex((known) => known > x);
  if (above < 0) return ys.at(-1) ?? Number.NaN;
  const [x1 = 0, y1 = 0] = [xs[above], ys[above]];
  if (above === 0) return y1;
  const [x0 = 0, y0 = 0] = [xs[above - 1], ys[above - 1]];
  return ((y1 - y0) / (x1 - x0)) * (x - x0) + y0;
}
