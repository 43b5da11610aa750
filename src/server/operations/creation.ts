import type { Shape } from '../../shared/model';
import type { Tensor } from '../layers/kind';
import type { ComputedDtype } from './dtypes';
import { elementCount, type Operation, operandAt, product, singleOperand } from './operation';

/** `keras.ops.zeros_like`, `ones_like`, `full_like`: one number in the operand's shape, of its dtype unless one is given. */
export function fullLike(value: number, dtype: ComputedDtype | null): Operation {
  return singleOperand({
    shape: (operand) => operand,
    value: ({ tf }, x) => tf.cast(tf.fill(x.shape, value), dtype ?? (x.dtype as ComputedDtype)),
  });
}

/** A tensor without operands. @param make called inside a `tf.tidy`. */
export function constant(
  shape: Shape,
  make: (tf: Parameters<Operation['forward']>[0]['tf']) => Tensor,
): Operation {
  return { outputShapes: () => [shape], forward: ({ tf }) => [make(tf)] };
}

/** `keras.ops.shape`: the operand's sizes as int32; static as far as known. */
export function shapeOperation(): Operation {
  return {
    outputShapes: (operands) => [[operandAt(operands, 0).length]],
    staticValues: (operands) => [operandAt(operands, 0).shape],
    forward: ({ tf }, operands) => [tf.tensor1d(operandAt(operands, 0).shape, 'int32')],
  };
}

/** `keras.ops.size`. */
export const sizeOperation = (): Operation => ({
  outputShapes: () => [[]],
  staticValues: (operands) => [[elementCount(operandAt(operands, 0).shape)]],
  forward: ({ tf }, operands) => [tf.scalar(product(operandAt(operands, 0).shape), 'int32')],
});
