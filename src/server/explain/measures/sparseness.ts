import { mapInto } from '../../../shared/mapInto';
/** How concentrated a map is; both measures take absolute values. */

/**
 * The Gini index: 0 for a map that is the same everywhere, 1 - 1/n for a single value.
 * Chalasani et al., "Concise Explanations of Neural Networks using Adversarial Training", ICML 2020.
 */
export function gini(map: ArrayLike<number>): number {
  const sorted = mapInto(new Float64Array(map.length), map, Math.abs).sort();
  const sum = sorted.reduce((a, b) => a + b, 0);
  if (sum === 0) return 0;
  const weighted = sorted.reduce((total, value, i) => total + (i + 1) * value, 0);
  return (2 * weighted) / (sorted.length * sum) - (sorted.length + 1) / sorted.length;
}

/**
 * Entropy of the map as a distribution, in nats: 0 for a single value, ln n for a map that is the same everywhere.
 * Bhatt et al., "Evaluating and Aggregating Feature-based Model Explanations", IJCAI 2020.
 */
export function entropy(map: ArrayLike<number>): number {
  const values = mapInto(new Float64Array(map.length), map, Math.abs);
  const sum = values.reduce((a, b) => a + b, 0);
  if (sum === 0) return Math.log(values.length);
  return values.reduce(
    (total, value) => (value > 0 ? total - (value / sum) * Math.log(value / sum) : total),
    0,
  );
}
