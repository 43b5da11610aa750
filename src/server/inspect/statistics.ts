import type { TensorStats } from '../../shared/model';

export const BINS = 64;

/**
 * Statistics of one value. NaN and infinities are counted; the smallest and the largest may be infinite, the mean, the
 * standard deviation and the histogram are those of the finite values, and NaN if there are none.
 */
export function statsOf(values: ArrayLike<number>, shape: readonly number[]): TensorStats {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let sum = 0;
  let [negative, zero, nan, positiveInfinite, negativeInfinite] = [0, 0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (value < 0) negative++;
    else if (value === 0) zero++;
    if (Number.isNaN(value)) nan++;
    else if (value === Number.POSITIVE_INFINITY) positiveInfinite++;
    else if (value === Number.NEGATIVE_INFINITY) negativeInfinite++;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
      sum += value;
    }
  }
  const finite = values.length - nan - positiveInfinite - negativeInfinite;
  if (finite === 0) [min, max] = [Number.NaN, Number.NaN];
  const mean = finite === 0 ? Number.NaN : sum / finite;
  const counts = new Array<number>(BINS).fill(0);
  const width = max > min ? BINS / (max - min) : 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    squares += (value - mean) ** 2;
    const bin = Math.min(BINS - 1, Math.floor((value - min) * width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const lowest = positiveInfinite > 0 && finite === 0 ? Number.POSITIVE_INFINITY : min;
  const highest = negativeInfinite > 0 && finite === 0 ? Number.NEGATIVE_INFINITY : max;
  return {
    shape,
    count: values.length,
    min: negativeInfinite > 0 ? Number.NEGATIVE_INFINITY : lowest,
    max: positiveInfinite > 0 ? Number.POSITIVE_INFINITY : highest,
    mean,
    std: finite === 0 ? Number.NaN : Math.sqrt(squares / finite),
    negative,
    zero,
    nan,
    infinite: positiveInfinite + negativeInfinite,
    histogram: { min, max, counts },
  };
}
