import type { Tensor, TF } from '../../layers/kind';
import { axesIn, axisIn, type Operation, ofOne } from '../operation';

/** `keras.ops.flip`: backwards along each of the axes, all for `null`. */
export function flip(axes: readonly number[] | null): Operation {
  const value = (tf: TF, x: Tensor): Tensor => {
    const at = axesIn(axes, x.rank);
    return at.length === 0 ? tf.clone(x) : tf.reverse(x, at);
  };
  return ofOne({
    isPassThrough: true,
    shape(operand) {
      axesIn(axes, operand.length);
      return operand;
    },
    value: ({ tf }, x) => value(tf, x),
    gradient: ({ tf }, gradient) => value(tf, gradient),
  });
}

/** `keras.ops.roll`: what leaves at the end comes in at the start; over the flat tensor for `null`. */
export function roll(shifts: readonly number[], axes: readonly number[] | null): Operation {
  const value = (tf: TF, x: Tensor, direction: 1 | -1): Tensor => {
    if (axes === null)
      return tf.reshape(rolled(tf, tf.reshape(x, [x.size]), 0, direction * (shifts[0] ?? 0)), x.shape);
    return axes.reduce(
      (y, axis, i) => rolled(tf, y, axisIn(axis, x.rank), direction * (shifts[i] ?? shifts[0] ?? 0)),
      x,
    );
  };
  return ofOne({
    isPassThrough: true,
    shape: (operand) => {
      for (const axis of axes ?? []) axisIn(axis, operand.length);
      return operand;
    },
    value: ({ tf }, x) => tf.clone(value(tf, x, 1)),
    gradient: ({ tf }, gradient) => tf.clone(value(tf, gradient, -1)),
  });
}

function rolled(tf: TF, x: Tensor, axis: number, shift: number): Tensor {
  const size = x.shape[axis] ?? 0;
  const by = size === 0 ? 0 : ((shift % size) + size) % size;
  if (by === 0) return x;
  const [front, back] = tf.split(x, [size - by, by], axis);
  return tf.concat([back ?? x, front ?? x], axis);
}
