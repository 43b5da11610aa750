import { asFloat, type Operation, singleOperand } from './operation';

/** The numeric dtypes of TF.js. */
export type ComputedDtype = 'float32' | 'int32' | 'bool';

/** The dtype in which a framework's dtype is computed: floats in float32, integers in int32; `null` if not numeric. */
export function computedDtype(dtype: string): ComputedDtype | null {
  if (/^(bfloat16|float\d*|double|half)$/.test(dtype)) return 'float32';
  if (/^u?int\d*$/.test(dtype)) return 'int32';
  return /^bool(ean)?$/.test(dtype) ? 'bool' : null;
}

/** `keras.ops.cast`. The gradient passes only from float to float. */
export function cast(to: ComputedDtype): Operation {
  return singleOperand({
    ...(to === 'int32' && { keepsValues: true }),
    isPassThrough: to === 'float32',
    shape: (operand) => operand,
    value: ({ tf }, x) => {
      if (x.dtype === to) return tf.clone(x);
      // Non-zero is true; int32 truncates towards 0.
      return to === 'bool' ? tf.notEqual(asFloat(tf, x), 0) : tf.cast(x, to);
    },
    ...(to === 'float32' && { gradient: ({ tf }, gradient) => tf.clone(gradient) }),
  });
}
