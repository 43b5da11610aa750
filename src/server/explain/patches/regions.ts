import type { AxisPlacement } from '../../../shared/explanation';
import { sizeOf } from '../../../shared/model';
import type { Box } from '../perturbation/occlusion';

/** A box of one size for each of some examples: beyond it, a value is that of the unchanged input. */
export interface Regions {
  /** Cells along each spatial axis. */
  readonly size: readonly number[];
  /** The first cell of each example's box. */
  readonly starts: readonly (readonly number[])[];
}

/** Output o of a layer sees the inputs from `o * stride + offset` on, as many as `window`. */
export interface AxisWindow {
  readonly stride: number;
  readonly offset: number;
  readonly window: number;
}

/** @returns `null` for a layer whose windows are not known, or do not lie on whole cells */
export function windowsOf(placement: readonly AxisPlacement[]): AxisWindow[] | null {
  const windows: AxisWindow[] = [];
  for (const { centre, stride, window } of placement) {
    if (window === null) return null;
    const offset = centre - (window - 1) / 2;
    if (![window, stride, offset].every(Number.isInteger) || stride < 1) return null;
    windows.push({ stride, offset, window });
  }
  return windows;
}

/** Boxes of equal size that hold the given ones and end at the borders. @param sizes cells along each axis */
export function covering(boxes: readonly Box[], sizes: readonly number[]): Regions {
  const size = sizes.map((length, axis) =>
    Math.min(
      length,
      boxes.reduce((most, box) => Math.max(most, lengthOf(box[axis])), 1),
    ),
  );
  const starts = boxes.map((box) =>
    size.map((length, axis) => Math.max(0, Math.min(box[axis]?.[0] ?? 0, (sizes[axis] ?? 1) - length))),
  );
  return { size, starts };
}

const lengthOf = ([start, end]: readonly [number, number] = [0, 0]): number => end - start;

/** Whether the boxes of every example are the same. */
export const areEqual = (a: Regions, b: Regions): boolean =>
  isSame(a.size, b.size) && a.starts.every((start, i) => isSame(start, b.starts[i] ?? []));

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((value, axis) => value === b[axis]);

/** The outputs of a layer that see a box of its input. @param sizes of the output */
export function affected(
  { size, starts }: Regions,
  windows: readonly AxisWindow[],
  sizes: readonly number[],
): Box[] {
  return starts.map((start) =>
    windows.map(({ stride, offset, window }, axis): readonly [number, number] => {
      const first = start[axis] ?? 0;
      const last = first + (size[axis] ?? 1) - 1;
      const from = Math.max(0, Math.ceil((first - offset - window + 1) / stride));
      return [from, Math.min(sizes[axis] ?? 1, Math.floor((last - offset) / stride) + 1)];
    }),
  );
}

/** What outputs in some boxes see of the input; it may begin before the input, and end behind it. */
export function seenBy({ size, starts }: Regions, windows: readonly AxisWindow[]): Regions {
  return {
    size: windows.map(({ stride, window }, axis) => ((size[axis] ?? 1) - 1) * stride + window),
    starts: starts.map((start) =>
      windows.map(({ stride, offset }, axis) => (start[axis] ?? 0) * stride + offset),
    ),
  };
}

/** The smallest boxes around those of several lists, example by example. */
export function hull([first = [], ...others]: readonly (readonly Box[])[]): readonly Box[] {
  return others.reduce(
    (all, boxes) =>
      all.map((box, i) =>
        box.map(([start, end], axis): readonly [number, number] => {
          const [from, to] = boxes[i]?.[axis] ?? [start, end];
          return [Math.min(start, from), Math.max(end, to)];
        }),
      ),
    first,
  );
}

/** The place of each cell of a box among the cells of `sizes`, in row-major order; -1 outside. */
export function cellsIn(
  size: readonly number[],
  start: readonly number[],
  sizes: readonly number[],
): Int32Array {
  const cells = new Int32Array(sizeOf(size));
  let count = 0;
  const walk = (axis: number, place: number): void => {
    if (axis === size.length) {
      cells[count] = place;
      count += 1;
      return;
    }
    const length = sizes[axis] ?? 1;
    for (let i = 0; i < (size[axis] ?? 1); i++) {
      const at = (start[axis] ?? 0) + i;
      walk(axis + 1, place < 0 || at < 0 || at >= length ? -1 : place * length + at);
    }
  };
  walk(0, 0);
  return cells;
}
