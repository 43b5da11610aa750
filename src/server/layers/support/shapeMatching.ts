import type { Shape } from '../../../shared/model';

/** Whether two sizes may be the same: nothing speaks against one that is not known. */
export const sizesMatch = (a: number | null | undefined, b: number | null | undefined): boolean =>
  typeof a !== 'number' || typeof b !== 'number' || a === b;

/** Whether two shapes may be the same. */
export const shapesMatch = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => sizesMatch(size, b[axis]));

/** Whether a tensor of this shape broadcasts to another one as NumPy does it: its axes are aligned from the last one on. */
export const broadcastsTo = (shape: Shape, whole: Shape): boolean =>
  shape.length <= whole.length &&
  shape.every((size, axis) => size === 1 || sizesMatch(size, whole[axis + whole.length - shape.length]));

/** `[None, 4, 3]`, as messages write a shape. */
export const shapeText = (shape: Shape): string => `[${shape.map((size) => size ?? 'None').join(', ')}]`;
