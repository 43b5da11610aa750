import type { AxisPlacement } from '../../../shared/explanation';
import type { RawMap } from '../method';
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

/** Half-open, in positions of the input: one range per spatial axis. */
export type Region = readonly (readonly [start: number, end: number])[];

/**
 * The pointing game on a map of a layer: whether the centre of its strongest cell, on the input, is inside one of the regions.
 * @param placement where the cells are on the input, one per axis of the map
 */
export function pointsIntoRegion(
  { shape, values }: RawMap,
  placement: readonly AxisPlacement[],
  regions: readonly Region[],
): boolean {
  const isInside = (cell: number): boolean => {
    const centres = new Array<number>(shape.length).fill(0);
    let rest = cell;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] ?? 1;
      const { centre, stride } = placement[axis] ?? { centre: 0.5, stride: 1 };
      centres[axis] = centre + stride * (rest % length);
      rest = Math.floor(rest / length);
    }
    return regions.some((region) =>
      region.every(([start, end], axis) => {
        const at = centres[axis] ?? Number.NaN;
        return start <= at && at < end;
      }),
    );
  };
  const [strongest = 0] = topIndices(values, 1);
  return values.some((value) => value !== values[strongest]) && isInside(strongest);
}
