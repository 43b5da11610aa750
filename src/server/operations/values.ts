import type { Shape } from '../../shared/model';
import type { Tensor } from '../layers/kind';
import { asFloat, type Operation, ofOne, operandAt } from './operation';

/** The kinds of numbers that TF.js has. */
export type NumberKind = 'float32' | 'int32' | 'bool';

/** How a dtype of any framework is computed here: all floats in float32, all integers in int32. */
export function numberKind(dtype: string): NumberKind | null {
  if (/^(bfloat16|float\d*|double|half)$/.test(dtype)) return 'float32';
  if (/^u?int\d*$/.test(dtype)) return 'int32';
  return /^bool(ean)?$/.test(dtype) ? 'bool' : null;
}

/** `keras.ops.cast`. The gradient passes from float to float, and nowhere else. */
export function cast(to: NumberKind): Operation {
  return ofOne({
    ...(to === 'int32' && { handsOn: true }),
    isPassThrough: to === 'float32',
    shape: (operand) => operand,
    value: ({ tf }, x) => {
      if (x.dtype === to) return tf.clone(x);
      // Not 0 is true; int32 cuts towards 0.
      return to === 'bool' ? tf.notEqual(asFloat(tf, x), 0) : tf.cast(x, to);
    },
    ...(to === 'float32' && { gradient: ({ tf }, gradient) => tf.clone(gradient) }),
  });
}

/** Hands its operand on. */
export function identity(): Operation {
  return ofOne({
    handsOn: true,
    isPassThrough: true,
    shape: (operand) => operand,
    value: ({ tf }, x) => tf.clone(x),
    gradient: ({ tf }, gradient) => tf.clone(gradient),
  });
}

/** `keras.ops.stop_gradient`: hands its operand on, and no gradient back. */
export function stopGradient(): Operation {
  return ofOne({ shape: (operand) => operand, value: ({ tf }, x) => tf.clone(x) });
}

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
