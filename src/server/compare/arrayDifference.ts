/** Values of any numeric type, row-major. */
export type Values = ArrayLike<number>;

/** Sums over arrays of one layer, from which a relative change follows. */
export interface NormSums {
  /** Of the squares of the finite differences and of the finite values of A. */
  readonly difference: number;
  readonly a: number;
  /** Values that are NaN or infinite in one array, and not the same in the other. */
  readonly nonFinite: number;
}

export const NO_SUMS: NormSums = { difference: 0, a: 0, nonFinite: 0 };

/** Sums of two arrays of one length. NaN at the same place in both is no difference. */
export function normSums(a: Values, b: Values): NormSums {
  let difference = 0;
  let squares = 0;
  let nonFinite = 0;
  for (let i = 0; i < a.length; i++) {
    const [one = Number.NaN, other = Number.NaN] = [a[i], b[i]];
    if (Number.isFinite(one) && Number.isFinite(other)) {
      difference += (one - other) ** 2;
      squares += one ** 2;
    } else if (!Object.is(one, other)) nonFinite += 1;
  }
  return { difference, a: squares, nonFinite };
}

export const addSums = (one: NormSums, other: NormSums): NormSums => ({
  difference: one.difference + other.difference,
  a: one.a + other.a,
  nonFinite: one.nonFinite + other.nonFinite,
});

/** Norm of the difference relative to the norm of A: 0 for equal arrays, Infinity where A is 0 alone or a value is not finite in one. */
export function relativeNorm({ difference, a, nonFinite }: NormSums): number {
  if (nonFinite > 0) return Number.POSITIVE_INFINITY;
  if (difference === 0) return 0;
  return a === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(difference / a);
}

/**
 * The largest difference of two values relative to the largest absolute value of both arrays, from 0 to 2; Infinity where one of two
 * values is not finite and the other is not the same.
 */
export function relativeDifference(a: Values, b: Values): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const [one = Number.NaN, other = Number.NaN] = [a[i], b[i]];
    if (Number.isFinite(one) && Number.isFinite(other)) {
      difference = Math.max(difference, Math.abs(one - other));
      largest = Math.max(largest, Math.abs(one), Math.abs(other));
    } else if (!Object.is(one, other)) return Number.POSITIVE_INFINITY;
  }
  return difference === 0 ? 0 : difference / largest;
}
