/** Coalitions of up to this many groups are enumerated: 2,048 of them. */
export const MAX_EXACT_GROUPS = 11;

/**
 * Exact Shapley values.
 * Shapley, "A Value for n-Person Games", 1953; Lundberg and Lee, "A Unified Approach to Interpreting Model Predictions", NeurIPS 2017.
 * @param scores of all 2^n coalitions: bit g of the index says whether group g is in
 * @returns one value per group; they add up to the score of all minus the score of none
 */
export function shapleyValues(groups: number, scores: ArrayLike<number>): Float64Array {
  // Of a coalition of k others among n groups: k! (n - k - 1)! / n!.
  const weights = [1 / Math.max(1, groups)];
  for (let k = 1; k < groups; k++) weights.push(((weights[k - 1] ?? 0) * k) / (groups - k));
  const values = new Float64Array(groups);
  for (let coalition = 0; coalition < 2 ** groups; coalition++) {
    const weight = weights[bitCount(coalition)] ?? 0;
    for (let group = 0; group < groups; group++) {
      const bit = 1 << group;
      if ((coalition & bit) !== 0) continue;
      const gain = (scores[coalition | bit] ?? Number.NaN) - (scores[coalition] ?? Number.NaN);
      values[group] = (values[group] ?? 0) + weight * gain;
    }
  }
  return values;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest > 0; rest &= rest - 1) count++;
  return count;
}
