import type { TensorStats } from '../../shared/model';
import { inBlocks, NO_TICK, partOf, type Tick } from './ticks';

export const BINS = 64;

/**
 * Statistics of one value. NaN and infinities are counted; the smallest and the largest may be infinite, the mean, the
 * standard deviation and the histogram are those of the finite values, and NaN if there are none.
 */
export function statsOf(
  values: ArrayLike<number>,
  shape: readonly number[],
  tick: Tick = NO_TICK,
): TensorStats {
  const counted: Counts = { ...NOTHING };
  inBlocks(values.length, 1, partOf(tick, 0, 0.5), (from, to) => count(values, from, to, counted));
  const { negative, zero, nan, positiveInfinite, negativeInfinite } = counted;
  const finite = values.length - nan - positiveInfinite - negativeInfinite;
  const [min, max] = finite === 0 ? [Number.NaN, Number.NaN] : [counted.min, counted.max];
  const mean = finite === 0 ? Number.NaN : counted.sum / finite;
  const counts = new Array<number>(BINS).fill(0);
  let squares = 0;
  inBlocks(values.length, 1, partOf(tick, 0.5, 1), (from, to) => {
    squares += squaresOf(values, from, to, { min, max, mean, counts });
  });
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

/** `min`, `max` and `sum` are those of the finite values. */
interface Counts {
  min: number;
  max: number;
  sum: number;
  negative: number;
  zero: number;
  nan: number;
  positiveInfinite: number;
  negativeInfinite: number;
}

const NOTHING: Readonly<Counts> = {
  ...{ min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, sum: 0 },
  ...{ negative: 0, zero: 0, nan: 0, positiveInfinite: 0, negativeInfinite: 0 },
};

/** Adds a block of values; with variables of its own, because properties in the innermost loop would be several times slower. */
function count(values: ArrayLike<number>, from: number, to: number, all: Counts): void {
  let { min, max, sum, negative, zero } = all;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? Number.NaN;
    if (value < 0) negative++;
    else if (value === 0) zero++;
    // False for infinities and NaN.
    if (value - value === 0) {
      if (value < min) min = value;
      if (value > max) max = value;
      sum += value;
    } else if (Number.isNaN(value)) all.nan++;
    else if (value > 0) all.positiveInfinite++;
    else all.negativeInfinite++;
  }
  Object.assign(all, { min, max, sum, negative, zero });
}

/** The squared distances from the mean of a block's finite values, which are also put into the histogram. */
function squaresOf(
  values: ArrayLike<number>,
  from: number,
  to: number,
  {
    min,
    max,
    mean,
    counts,
  }: {
    readonly min: number;
    readonly max: number;
    readonly mean: number;
    readonly counts: number[];
  },
): number {
  const width = max > min ? BINS / (max - min) : 0;
  let squares = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    const difference = value - mean;
    squares += difference * difference;
    const bin = Math.min(BINS - 1, Math.floor((value - min) * width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return squares;
}
