import { shuffled } from '../../../shared/random';
import type { RawMap } from '../method';

/** Blocks per axis of a sequence, an image and a volume: 64 in all, so that what belongs together stays together. */
const BLOCKS = [64, 8, 4] as const;

/**
 * A map with the values of another one in other places, and so of the same sparsity. Blocks of neighbours move together, because
 * the score reacts differently to scattered positions than to an area; a map of fewer cells than blocks is shuffled cell by cell.
 * @param isDiscrete neighbours have nothing in common (columns, tokens): single cells move.
 */
export function randomMap(map: RawMap, isDiscrete: boolean, uniform: () => number): RawMap {
  const blocks = blocksOf(map.shape, isDiscrete);
  const order = shuffled(blocks.length, uniform);
  const from = Array.from(order).flatMap((block) => blocks[block] ?? []);
  const values = new Float32Array(map.values.length);
  // Blocks at the far edges may be smaller: the values of the others then move on by some cells.
  for (const [i, cell] of blocks.flat().entries()) values[cell] = map.values[from[i] ?? 0] ?? 0;
  return { shape: map.shape, values };
}

/** The cells of each block, in reading order. */
export function blocksOf(shape: readonly number[], isDiscrete: boolean): number[][] {
  const perAxis = isDiscrete ? Number.POSITIVE_INFINITY : (BLOCKS[shape.length - 1] ?? 1);
  const sizes = shape.map((length) => Math.max(1, Math.ceil(length / perAxis)));
  const counts = shape.map((length, axis) => Math.ceil(length / (sizes[axis] ?? 1)));
  const blocks: number[][] = Array.from({ length: counts.reduce((a, b) => a * b, 1) }, () => []);
  const cells = shape.reduce((a, b) => a * b, 1);
  for (let cell = 0; cell < cells; cell++) {
    let [rest, block, scale] = [cell, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] ?? 1;
      block += Math.floor((rest % length) / (sizes[axis] ?? 1)) * scale;
      scale *= counts[axis] ?? 1;
      rest = Math.floor(rest / length);
    }
    blocks[block]?.push(cell);
  }
  return blocks;
}
