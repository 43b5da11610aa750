import type { Tensor, TF } from '../../layers/kind';
import { normalizeAxes, normalizeAxis, type Operation, singleOperand } from '../operation';

/** `keras.ops.flip`: reversed along each of the axes, all for `null`. */
export function flip(axes: readonly number[] | null): Operation {
  const value = (tf: TF, x: Tensor): Tensor => {
    const at = normalizeAxes(axes, x.rank);
    return at.length === 0 ? tf.clone(x) : tf.reverse(x, at);
  };
  return singleOperand({
    isPassThrough: true,
    shape(operand) {
      normalizeAxes(axes, operand.length);
      return operand;
    },
    value: ({ tf }, x) => value(tf, x),
    gradient: ({ tf }, gradient) => value(tf, gradient),
  });
}

/** `keras.ops.roll`: values shifted beyond the end re-enter at the start; over the flattened tensor for `null`. */
export function roll(shifts: readonly number[], axes: readonly number[] | null): Operation {
  const value = (tf: TF, x: Tensor, direction: 1 | -1): Tensor => {
    if (axes === null)
      return tf.reshape(rollAxis(tf, tf.reshape(x, [x.size]), 0, direction * (shifts[0] ?? 0)), x.shape);
    return axes.reduce(
      (y, axis, i) => rollAxis(tf, y, normalizeAxis(axis, x.rank), direction * (shifts[i] ?? shifts[0] ?? 0)),
      x,
    );
  };
  return singleOperand({
    isPassThrough: true,
    shape: (operand) => {
      for (const axis of axes ?? []) normalizeAxis(axis, operand.length);
      return operand;
    },
    value: ({ tf }, x) => tf.clone(value(tf, x, 1)),
    gradient: ({ tf }, gradient) => tf.clone(value(tf, gradient, -1)),
  });
}

function rollAxis(tf: TF, x: Tensor, axis: number, shift: number): Tensor {
  const size = x.shape[axis] ?? 0;
  const by = size === 0 ? 0 : ((shift % size) + size) % size;
  if (by === 0) return x;
  const [front, back] = tf.split(x, [size - by, by], axis);
  return tf.concat([back ?? x, front ?? x], axis);
}
