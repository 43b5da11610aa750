import { topIndices } from '../ranking';

/**
 * Focus: the share of the positive relevance that is inside the target region, such as the tiles of a mosaic that show
 * the target class; NaN for a map without positive values.
 * Arias-Duart et al., "Focus! Rating XAI Methods and Finding Biases", FUZZ-IEEE 2022.
 * @param region whether each cell belongs to the target
 */
export function focus(map: ArrayLike<number>, region: ArrayLike<number | boolean>): number {
  let [inside, all] = [0, 0];
  for (let cell = 0; cell < map.length; cell++) {
    const value = Math.max(0, map[cell] ?? 0);
    all += value;
    if (region[cell]) inside += value;
  }
  return inside / all;
}

/**
 * The pointing game: whether the strongest cell is inside the target region. Of equal cells the first counts; a map that is the same
 * everywhere points at nothing.
 * Zhang et al., "Top-down Neural Attention by Excitation Backprop", ECCV 2016.
 */
export function pointsInto(map: ArrayLike<number>, region: ArrayLike<number | boolean>): boolean {
  const [strongest] = topIndices(map, 1);
  if (strongest === undefined) return false;
  const value = map[strongest];
  for (let cell = 0; cell < map.length; cell++) {
    if (map[cell] !== value) return Boolean(region[strongest]);
  }
  return false;
}
