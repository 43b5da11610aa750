import { type Operation, singleOperand } from './operation';

/** Returns its operand. */
export function identity(): Operation {
  return singleOperand({
    keepsValues: true,
    isPassThrough: true,
    shape: (operand) => operand,
    value: ({ tf }, x) => tf.clone(x),
    gradient: ({ tf }, gradient) => tf.clone(gradient),
  });
}

/** `keras.ops.stop_gradient`: returns its operand, without a gradient. */
export function stopGradient(): Operation {
  return singleOperand({ shape: (operand) => operand, value: ({ tf }, x) => tf.clone(x) });
}
