import type { TensorStats } from '../../shared/model';

const BINS = 64;

/** Statistics of one value; NaN and infinities are counted, and left out of the rest. */
export function statsOf(values: ArrayLike<number>, shape: readonly number[]): TensorStats {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let [negative, zero, nan, infinite] = [0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
      if (value < 0) negative++;
      else if (value === 0) zero++;
      sum += value;
    }
  }
  const finite = values.length - nan - infinite;
  if (finite === 0) [min, max] = [0, 0];
  const mean = finite === 0 ? 0 : sum / finite;
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
  return {
    shape,
    count: values.length,
    min,
    max,
    mean,
    std: finite === 0 ? 0 : Math.sqrt(squares / finite),
    negative,
    zero,
    nan,
    infinite,
    histogram: { min, max, counts },
  };
}
