import type { MaybeShape } from './model';

/**
 * A shape as Keras writes it: `(None, 14, 14, 512)`, `(3,)`.
 * @param unknown text for a shape of unknown rank
 */
export function kerasShape(shape: MaybeShape, unknown: string): string {
  if (shape === null) return unknown;
  const sizes = shape.map((size) => size ?? 'None');
  return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`;
}
