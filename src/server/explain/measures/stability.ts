/** How much a map changes under small changes of its input. */
export interface RelativeChange {
  readonly max: number;
  readonly mean: number;
}

/**
 * ||changed - map|| / ||map||, Euclidean, over several maps of slightly changed inputs. Infinite for a map of zeros that changes, NaN for one that does not.
 * Yeh et al., "On the (In)fidelity and Sensitivity of Explanations", NeurIPS 2019 (max-sensitivity; the mean is Bhatt et al. 2020).
 */
export function relativeChange(
  map: ArrayLike<number>,
  changed: readonly ArrayLike<number>[],
): RelativeChange {
  const norm = length(map.length, (i) => map[i] ?? 0);
  const changes = changed.map((other) => length(map.length, (i) => (other[i] ?? 0) - (map[i] ?? 0)) / norm);
  return {
    max: changes.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    mean: changes.reduce((a, b) => a + b, 0) / changes.length,
  };
}

function length(count: number, component: (index: number) => number): number {
  let square = 0;
  for (let i = 0; i < count; i++) square += component(i) ** 2;
  return Math.sqrt(square);
}

/** The values, each moved by a uniform random number from -radius to radius. */
export const jittered = (values: Float32Array, radius: number, uniform: () => number): Float32Array =>
  values.map((value) => value + radius * (2 * uniform() - 1));
