import { mapInto } from '../../../shared/mapInto';
import type { Masks } from './masks';

/** A box of cells: a half-open [start, end) per axis. */
export type Box = readonly (readonly [number, number])[];

/**
 * The positions of a window: it starts at multiples of the stride until it reaches the end of the axis, and the last one may be
 * cut off there, as in Captum.
 * @param shape of the input's cells, [h, w], [length] or [d, h, w]
 */
export function occlusionWindows(
  shape: readonly number[],
  window: readonly number[],
  stride: readonly number[],
): Box[] {
  const perAxis = shape.map((length, axis) => {
    const size = Math.min(length, Math.max(1, window[axis] ?? 1));
    const step = Math.max(1, stride[axis] ?? 1);
    return Array.from({ length: countAlong(length, size, step) }, (_, i): readonly [number, number] => [
      i * step,
      Math.min(i * step + size, length),
    ]);
  });
  return perAxis.reduce<Box[]>(
    (boxes, ranges) => boxes.flatMap((box) => ranges.map((range) => [...box, range])),
    [[]],
  );
}

/** The number of windows without listing them. */
export const windowCount = (
  shape: readonly number[],
  window: readonly number[],
  stride: readonly number[],
): number =>
  shape.reduce((count, length, axis) => {
    const size = Math.min(length, Math.max(1, window[axis] ?? 1));
    return count * countAlong(length, size, Math.max(1, stride[axis] ?? 1));
  }, 1);

/** Steps that are longer than the window may pass over the end of the axis: no window starts there. */
const countAlong = (length: number, size: number, step: number): number =>
  Math.min(Math.ceil((length - size) / step) + 1, Math.ceil(length / step));

/** Masks that each remove one window. */
export const occlusionMasks = (shape: readonly number[], boxes: readonly Box[]): Masks => ({
  count: boxes.length,
  at(index) {
    const mask = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1);
    forEachCell(shape, boxes[index] ?? [], (cell) => {
      mask[cell] = 0;
    });
    return mask;
  },
});

/**
 * The loss of score under each window: its mean over the windows that cover a cell, as in Captum, or its sum, as in PAIR's saliency;
 * 0 for a cell that none covers.
 * Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014.
 * @param score of the whole input
 * @param occluded scores, one per box
 */
export function lossUnder(
  shape: readonly number[],
  boxes: readonly Box[],
  score: number,
  occluded: ArrayLike<number>,
  overlap: 'mean' | 'sum' = 'mean',
): Float32Array {
  const cells = shape.reduce((a, b) => a * b, 1);
  const sums = new Float64Array(cells);
  const counts = new Int32Array(cells);
  for (const [i, box] of boxes.entries()) {
    const loss = score - (occluded[i] ?? Number.NaN);
    forEachCell(shape, box, (cell) => {
      sums[cell] = (sums[cell] ?? 0) + loss;
      counts[cell] = (counts[cell] ?? 0) + 1;
    });
  }
  return mapInto(new Float32Array(sums.length), sums, (sum, cell) =>
    overlap === 'sum' || counts[cell] === 0 ? sum : sum / (counts[cell] ?? 1),
  );
}

function forEachCell(shape: readonly number[], box: Box, visit: (cell: number) => void): void {
  const walk = (axis: number, offset: number): void => {
    const [start, end] = box[axis] ?? [0, 1];
    for (let i = start; i < end; i++) {
      const place = offset * (shape[axis] ?? 1) + i;
      if (axis + 1 < shape.length) walk(axis + 1, place);
      else visit(place);
    }
  };
  walk(0, 0);
}
