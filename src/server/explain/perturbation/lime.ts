import { at, matrixOf } from '../../operations/linearAlgebra/matrix';
import { columns, type NormalEquations, solveSymmetric } from './normalEquations';

const MAX_SWEEPS = 10_000;
const TOLERANCE = 1e-10;
/** Relative to the sum of squares, a smaller variation of the scores is the rounding of float32. */
const ROUNDING = 1e-13;

/** How large coefficients are held down: their squares (ridge) or their absolute values (lasso), as scikit-learn scales both. */
export interface Penalty {
  readonly kind: 'ridge' | 'lasso';
  readonly alpha: number;
}

/** A linear model of the score around one input. */
export interface Surrogate {
  /** What each group adds to the score when it is kept. */
  readonly coefficients: Float64Array;
  readonly intercept: number;
  /** The share of the scores' weighted variance that the linear model explains; NaN if they do not vary. */
  readonly rSquared: number;
}

/**
 * The weight of a coalition by its cosine distance d from the whole input: sqrt(exp(-d^2 / width^2)).
 * Ribeiro et al., "Why Should I Trust You?", KDD 2016, in the form of the authors' package.
 */
export function proximity(coalition: Uint8Array, width: number): number {
  const kept = coalition.reduce((sum, value) => sum + value, 0);
  const distance = 1 - Math.sqrt(kept / coalition.length);
  return Math.sqrt(Math.exp(-(distance ** 2) / width ** 2));
}

/** 1 for each group that is kept, with a chance of a half. */
export const limeCoalition = (groups: number, uniform: () => number): Uint8Array =>
  Uint8Array.from({ length: groups }, () => (uniform() < 0.5 ? 1 : 0));

/** Weighted least squares with an intercept, which is not held down. */
export function fitSurrogate(equations: NormalEquations, penalty: Penalty): Surrogate {
  const { size, weight, score, square, z, zScore, zz } = equations;
  // Centred by the weighted means.
  const mean = (group: number): number => (z[group] ?? 0) / weight;
  const covariance = (i: number, j: number): number => (zz[i * size + j] ?? 0) - weight * mean(i) * mean(j);
  const withScore = Float64Array.from(zScore, (value, group) => value - mean(group) * score);
  const coefficients =
    penalty.kind === 'ridge'
      ? ridge(size, covariance, withScore, penalty.alpha)
      : lasso(
          size,
          (i, j) => covariance(i, j) / weight,
          withScore.map((value) => value / weight),
          penalty.alpha,
        );
  const explained = coefficients.reduce((sum, value, i) => {
    const fitted = coefficients.reduce((total, other, j) => total + other * covariance(i, j), 0);
    return sum + value * (2 * (withScore[i] ?? 0) - fitted);
  }, 0);
  const variation = square - (score * score) / weight;
  return {
    coefficients,
    intercept: score / weight - coefficients.reduce((sum, value, group) => sum + value * mean(group), 0),
    rSquared: variation > ROUNDING * square ? explained / variation : Number.NaN,
  };
}

function ridge(
  size: number,
  covariance: (i: number, j: number) => number,
  withScore: Float64Array,
  alpha: number,
): Float64Array {
  const a = matrixOf(size, size, (i, j) => covariance(i, j) + (i === j ? alpha : 0));
  const solved = solveSymmetric(a, columns(withScore));
  return Float64Array.from({ length: size }, (_, i) => at(solved, i, 0));
}

/** Coordinate descent on half the mean weighted square plus alpha times the sum of absolute values. */
function lasso(
  size: number,
  covariance: (i: number, j: number) => number,
  withScore: Float64Array,
  alpha: number,
): Float64Array {
  const coefficients = new Float64Array(size);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let [largest, change] = [0, 0];
    for (let i = 0; i < size; i++) {
      const own = covariance(i, i);
      const before = coefficients[i] ?? 0;
      let pull = (withScore[i] ?? 0) + own * before;
      for (let j = 0; j < size; j++) pull -= covariance(i, j) * (coefficients[j] ?? 0);
      const after = own > 0 ? (Math.sign(pull) * Math.max(0, Math.abs(pull) - alpha)) / own : 0;
      coefficients[i] = after;
      largest = Math.max(largest, Math.abs(after));
      change = Math.max(change, Math.abs(after - before));
    }
    if (change <= TOLERANCE * largest) break;
  }
  return coefficients;
}
