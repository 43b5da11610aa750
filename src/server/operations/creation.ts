import type { Shape } from '../../shared/model';
import type { Tensor } from '../layers/kind';
import type { NumberKind } from './dtypes';
import { type Operation, ofOne, operandAt, product, sizeOf } from './operation';

/** `keras.ops.zeros_like`, `ones_like`, `full_like`: one number in the operand's shape, of its dtype unless one is given. */
export function filledLike(value: number, dtype: NumberKind | null): Operation {
  return ofOne({
    shape: (operand) => operand,
    value: ({ tf }, x) => tf.cast(tf.fill(x.shape, value), dtype ?? (x.dtype as NumberKind)),
  });
}

/** A tensor that needs no operand. @param make called inside a `tf.tidy`. */
export function constant(
  shape: Shape,
  make: (tf: Parameters<Operation['forward']>[0]['tf']) => Tensor,
): Operation {
  return { outputShapes: () => [shape], forward: ({ tf }) => [make(tf)] };
}

/** `keras.ops.shape`: the operand's sizes as int32; static as far as they are known. */
export function shapeOf(): Operation {
  return {
    outputShapes: (operands) => [[operandAt(operands, 0).length]],
    staticValues: (operands) => [operandAt(operands, 0).shape],
    forward: ({ tf }, operands) => [tf.tensor1d(operandAt(operands, 0).shape, 'int32')],
  };
}

/** `keras.ops.size`. */
export const countOf = (): Operation => ({
  outputShapes: () => [[]],
  staticValues: (operands) => [[sizeOf(operandAt(operands, 0).shape)]],
  forward: ({ tf }, operands) => [tf.scalar(product(operandAt(operands, 0).shape), 'int32')],
});
