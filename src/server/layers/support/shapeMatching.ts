import type { Shape } from '../../../shared/model';

/** Whether two sizes can be equal; an unknown size matches any. */
export const sizesMatch = (a: number | null | undefined, b: number | null | undefined): boolean =>
  typeof a !== 'number' || typeof b !== 'number' || a === b;

/** Whether two shapes can be equal. */
export const shapesMatch = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => sizesMatch(size, b[axis]));

/** Whether a shape broadcasts to another by NumPy's rules: axes are aligned from the last. */
export const broadcastsTo = (shape: Shape, whole: Shape): boolean =>
  shape.length <= whole.length &&
  shape.every((size, axis) => size === 1 || sizesMatch(size, whole[axis + whole.length - shape.length]));

/** A shape as text for messages: `[None, 4, 3]`. */
export const shapeText = (shape: Shape): string => `[${shape.map((size) => size ?? 'None').join(', ')}]`;
