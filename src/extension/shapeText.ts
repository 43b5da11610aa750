import { kerasShape } from '../shared/kerasShape';
import type { MaybeShape } from '../shared/model';

/** A shape as Keras writes it: `(None, 14, 14, 512)`. */
export function shapeText(shape: MaybeShape): string {
  return kerasShape(shape, '(unknown)');
}
