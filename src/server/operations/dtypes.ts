import { asFloat, type Operation, ofOne } from './operation';

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
