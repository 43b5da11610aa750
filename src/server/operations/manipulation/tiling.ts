import type { Shape } from '../../../shared/model';
import type { Tensor, TF } from '../../layers/kind';
import { axisIn, type Operation, ofOne, product, refuse } from '../operation';

/** `keras.ops.tile`: the whole, `times` times along each axis; missing axes are added in front. */
export function tile(times: readonly (number | null)[]): Operation {
  const aligned = (shape: Shape): { sizes: Shape; by: (number | null)[] } => {
    const rank = Math.max(shape.length, times.length);
    if (times.some((n) => n !== null && n < 0)) refuse('nothing can be repeated a negative number of times.');
    return {
      sizes: [...new Array<number>(rank - shape.length).fill(1), ...shape],
      by: [...new Array<number>(rank - times.length).fill(1), ...times],
    };
  };
  return ofOne({
    isPassThrough: true,
    shape(operand) {
      const { sizes, by } = aligned(operand);
      return sizes.map((size, axis) => {
        const n = by[axis] ?? null;
        return size === null || n === null ? null : size * n;
      });
    },
    value({ tf }, x) {
      const { sizes, by } = aligned(x.shape);
      return tf.tile(tf.reshape(x, numbersOf(sizes)), numbersOf(by));
    },
    gradient({ tf }, gradient, x) {
      const { sizes, by } = aligned(x.shape);
      // One axis after the other, since not every kernel takes an axis more for each of them.
      const summed = by.reduce<Tensor>((g, n, axis) => sumOfCopies(tf, g, axis, n ?? 1), gradient);
      return tf.reshape(summed, sizes.length === x.rank ? x.shape : [...x.shape]);
    },
  });
}

export const numbersOf = (sizes: readonly (number | null)[]): number[] => sizes.map((size) => size ?? 1);

/** Along `axis` lie `n` copies one behind the other: their sum. */
function sumOfCopies(tf: TF, x: Tensor, axis: number, n: number): Tensor {
  if (n === 1) return x;
  const { outer, size, inner } = around(x.shape, axis);
  const sum = tf.sum(tf.reshape(x, [outer, n, size / n, inner]), 1);
  return tf.reshape(
    sum,
    x.shape.map((length, i) => (i === axis ? size / n : length)),
  );
}

/** A tensor seen as [outer, size of `axis`, inner]. */
export function around(
  shape: readonly number[],
  axis: number,
): { outer: number; size: number; inner: number } {
  return {
    outer: product(shape.slice(0, axis)),
    size: shape[axis] ?? 1,
    inner: product(shape.slice(axis + 1)),
  };
}

/** `keras.ops.repeat` with one number of times: every value along `axis` that often, one behind the other. */
export function repeat(times: number, axis: number): Operation {
  if (!Number.isSafeInteger(times) || times < 0) refuse(`nothing can be repeated ${times} times.`);
  return ofOne({
    isPassThrough: true,
    shape(operand) {
      const at = axisIn(axis, operand.length);
      return operand.map((size, i) => (i === at && size !== null ? size * times : size));
    },
    value({ tf }, x) {
      const at = axisIn(axis, x.rank);
      const { outer, size, inner } = around(x.shape, at);
      const copies = tf.tile(tf.reshape(x, [outer * size, 1, inner]), [1, times, 1]);
      return tf.reshape(
        copies,
        x.shape.map((length, i) => (i === at ? length * times : length)),
      );
    },
    gradient({ tf }, gradient, x) {
      const { outer, size, inner } = around(x.shape, axisIn(axis, x.rank));
      return tf.reshape(tf.sum(tf.reshape(gradient, [outer * size, times, inner]), 1), x.shape);
    },
  });
}
