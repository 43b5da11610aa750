import { spearman } from '../../../shared/maps/rankCorrelation';

/** A ranking at least this reliable counts as stable. */
export const STABLE = 0.95;

/**
 * How far the ranking would agree with that of as many other samples: the rank correlation of the estimates from two halves of
 * the samples, corrected for their size (Spearman and Brown, 1910). 0 for halves that do not agree at all, NaN for a constant estimate.
 */
export function reliability(half: ArrayLike<number>, other: ArrayLike<number>): number {
  const correlation = spearman(half, other);
  return correlation <= 0 ? 0 : (2 * correlation) / (1 + correlation);
}

/**
 * Standard errors by the jackknife.
 * @param estimates each made without one of as many blocks of the samples
 */
export function jackknifeErrors(estimates: readonly ArrayLike<number>[]): Float64Array {
  const blocks = estimates.length;
  return Float64Array.from({ length: estimates[0]?.length ?? 0 }, (_, i) => {
    const values = estimates.map((estimate) => estimate[i] ?? 0);
    const mean = values.reduce((a, b) => a + b, 0) / blocks;
    return Math.sqrt((values.reduce((sum, value) => sum + (value - mean) ** 2, 0) * (blocks - 1)) / blocks);
  });
}
