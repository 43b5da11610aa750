import type { MaybeShape } from '../shared/model';

/** A shape as Keras writes it: `(None, 14, 14, 512)`. */
export function shapeText(shape: MaybeShape): string {
  if (shape === null) return '(unknown)';
  const sizes = shape.map((size) => size ?? 'None');
  return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`;
}
