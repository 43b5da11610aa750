import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { Tensor, TF } from '../../layers/kind';
import { normalizeAxis, type Operation, product, refuse, singleOperand } from '../operation';

/** `keras.ops.tile`: repeats the tensor `times` times along each axis; missing axes are added in front. */
export function tile(times: readonly (number | null)[]): Operation {
  const aligned = (shape: Shape): { sizes: Shape; by: (number | null)[] } => {
    const rank = Math.max(shape.length, times.length);
    if (times.some((n) => n !== null && n < 0))
      refuse(l10n.t('nothing can be repeated a negative number of times.'));
    return {
      sizes: [...new Array<number>(rank - shape.length).fill(1), ...shape],
      by: [...new Array<number>(rank - times.length).fill(1), ...times],
    };
  };
  return singleOperand({
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
      return tf.tile(tf.reshape(x, knownSizes(sizes)), knownSizes(by));
    },
    gradient({ tf }, gradient, x) {
      const { sizes, by } = aligned(x.shape);
      // One axis at a time, since not every kernel supports twice the rank.
      const summed = by.reduce<Tensor>((g, n, axis) => sumOfCopies(tf, g, axis, n ?? 1), gradient);
      return tf.reshape(summed, sizes.length === x.rank ? x.shape : [...x.shape]);
    },
  });
}

export const knownSizes = (sizes: readonly (number | null)[]): number[] => sizes.map((size) => size ?? 1);

/** The sum of `n` consecutive copies along `axis`. */
function sumOfCopies(tf: TF, x: Tensor, axis: number, n: number): Tensor {
  if (n === 1) return x;
  const { outer, size, inner } = splitAtAxis(x.shape, axis);
  const sum = tf.sum(tf.reshape(x, [outer, n, size / n, inner]), 1);
  return tf.reshape(
    sum,
    x.shape.map((length, i) => (i === axis ? size / n : length)),
  );
}

/** A tensor seen as [outer, size of `axis`, inner]. */
export function splitAtAxis(
  shape: readonly number[],
  axis: number,
): { outer: number; size: number; inner: number } {
  return {
    outer: product(shape.slice(0, axis)),
    size: shape[axis] ?? 1,
    inner: product(shape.slice(axis + 1)),
  };
}

/** `keras.ops.repeat` with one count: repeats every value along `axis` `times` times. */
export function repeat(times: number, axis: number): Operation {
  if (!Number.isSafeInteger(times) || times < 0) refuse(l10n.t('nothing can be repeated {0} times.', times));
  return singleOperand({
    isPassThrough: true,
    shape(operand) {
      const at = normalizeAxis(axis, operand.length);
      return operand.map((size, i) => (i === at && size !== null ? size * times : size));
    },
    value({ tf }, x) {
      const at = normalizeAxis(axis, x.rank);
      const { outer, size, inner } = splitAtAxis(x.shape, at);
      const copies = tf.tile(tf.reshape(x, [outer * size, 1, inner]), [1, times, 1]);
      return tf.reshape(
        copies,
        x.shape.map((length, i) => (i === at ? length * times : length)),
      );
    },
    gradient({ tf }, gradient, x) {
      const { outer, size, inner } = splitAtAxis(x.shape, normalizeAxis(axis, x.rank));
      return tf.reshape(tf.sum(tf.reshape(gradient, [outer * size, times, inner]), 1), x.shape);
    },
  });
}
