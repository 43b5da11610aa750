import { type Operation, ofOne } from './operation';

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
