import { shuffled } from '../../../shared/random';
import { at, matrixOf } from '../../operations/linearAlgebra/matrix';
import { columns, type NormalEquations, solveSymmetric } from './normalEquations';

/** Keeps the equations solvable while some pairs of groups have always been together. */
const RIDGE = 1e-9;

/**
 * The relative probability of each coalition size from 0 to n - 1 under the Shapley kernel: (n - 1) / (k (n - k)). The empty and the full
 * coalition are constraints and are not drawn.
 */
export const sizeWeights = (groups: number): Float64Array =>
  Float64Array.from({ length: groups }, (_, size) =>
    size === 0 ? 0 : (groups - 1) / (size * (groups - size)),
  );

/**
 * Coalitions drawn from the Shapley kernel, so that each has the same weight in the fit, each followed by its complement.
 * Covert and Lee, "Improving KernelSHAP", AISTATS 2021.
 * @returns 1 for each group that is in; `pairs` times 2 rows
 */
export function pairedCoalitions(groups: number, pairs: number, uniform: () => number): Uint8Array[] {
  const weights = sizeWeights(groups);
  const total = weights.reduce((a, b) => a + b, 0);
  return Array.from({ length: pairs }, () => {
    let left = uniform() * total;
    let size = 1;
    while (size < groups - 1 && left >= (weights[size] ?? 0)) {
      left -= weights[size] ?? 0;
      size++;
    }
    const coalition = new Uint8Array(groups);
    for (const group of shuffled(groups, uniform).subarray(0, size)) coalition[group] = 1;
    return [coalition, coalition.map((kept) => 1 - kept)];
  }).flat();
}

/**
 * The values that fit the sampled coalitions best among those that add up to `whole - none`.
 * @param equations sums over the coalitions, of their scores minus `none`
 * @param total the score of all groups minus that of none
 */
export function constrainedFit(equations: NormalEquations, total: number): Float64Array {
  const { size, zz, zScore, weight } = equations;
  const a = matrixOf(size, size, (i, j) => (zz[i * size + j] ?? 0) / weight + (i === j ? RIDGE : 0));
  const b = zScore.map((value) => value / weight);
  const solved = solveSymmetric(a, columns(b, new Float64Array(size).fill(1)));
  let [fit, ones] = [0, 0];
  for (let i = 0; i < size; i++) {
    fit += at(solved, i, 0);
    ones += at(solved, i, 1);
  }
  const shift = (fit - total) / ones;
  return Float64Array.from({ length: size }, (_, i) => at(solved, i, 0) - shift * at(solved, i, 1));
}
