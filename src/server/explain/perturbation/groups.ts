import { mapInto } from '../../../shared/mapInto';
import { sizeOf } from '../../../shared/model';
/** A partition of an input's cells into groups that are changed together: superpixels, tokens, time windows, columns. */
export interface Groups {
  readonly count: number;
  /** The group of each cell, 0 to count - 1. */
  readonly of: Int32Array;
}

/** Each cell by itself: tokens of a text, columns of a table. */
export const singleCells = (cells: number): Groups => ({
  count: cells,
  of: Int32Array.from({ length: cells }, (_, cell) => cell),
});

/**
 * Boxes of `size` cells per axis, in row-major order; the last box of an axis may be smaller. Windows of a sequence, squares of an
 * image, cubes of a volume.
 */
export function gridGroups(shape: readonly number[], size: readonly number[]): Groups {
  const boxes = shape.map((length, axis) => Math.ceil(length / Math.max(1, size[axis] ?? 1)));
  const of = new Int32Array(sizeOf(shape));
  for (let cell = 0; cell < of.length; cell++) {
    let rest = cell;
    let group = 0;
    let step = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] ?? 1;
      group += Math.floor((rest % length) / Math.max(1, size[axis] ?? 1)) * step;
      step *= boxes[axis] ?? 1;
      rest = Math.floor(rest / length);
    }
    of[cell] = group;
  }
  return { count: sizeOf(boxes), of };
}

/** A box size, alike along every axis as far as the shape allows, that divides a shape into about `count` boxes. */
export function boxSize(shape: readonly number[], count: number): number[] {
  const cells = sizeOf(shape);
  let side = Math.max(1, Math.round((cells / Math.max(1, count)) ** (1 / Math.max(1, shape.length))));
  const boxes = (): number => sizeOf(shape.map((length) => Math.ceil(length / side)));
  while (boxes() > count && side < Math.max(...shape)) side++;
  return shape.map((length) => Math.min(length, side));
}

/** Groups by any whole numbers, in ascending order of them: what a file of groups holds. */
export function groupsByValue(values: ArrayLike<number>): Groups {
  const distinct = [...new Set(Array.from(values))].sort((a, b) => a - b);
  const places = new Map(distinct.map((value, place) => [value, place]));
  return {
    count: distinct.length,
    of: mapInto(new Int32Array(values.length), values, (value) => places.get(value) ?? 0),
  };
}

/** The mask over the cells that keeps the groups for which `isKept` holds. */
export const groupMask = ({ of }: Groups, isKept: (group: number) => boolean): Float32Array =>
  mapInto(new Float32Array(of.length), of, (group) => (isKept(group) ? 1 : 0));

/** One value per group, written to each of its cells. */
export const spread = ({ of }: Groups, values: ArrayLike<number>): Float32Array =>
  mapInto(new Float32Array(of.length), of, (group) => values[group] ?? 0);
