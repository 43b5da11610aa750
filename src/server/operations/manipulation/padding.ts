import * as l10n from '@vscode/l10n';
import type { Tensor, TF } from '../../layers/kind';
import { type Operation, refuse, singleOperand } from '../operation';
import { inversePermutation } from './reshaping';

export type PadMode = 'constant' | 'reflect' | 'symmetric';

/** `keras.ops.pad`. @param widths [before, after] of every axis; `reflect` excludes the edge value, `symmetric` repeats it. */
export function pad(
  widths: readonly (readonly [number, number])[],
  mode: PadMode = 'constant',
  constant = 0,
): Operation {
  const of = (rank: number): [number, number][] => {
    const [all = [0, 0] as const] = widths;
    const given = widths.length === 1 ? new Array<readonly [number, number]>(rank).fill(all) : widths;
    if (given.length !== rank)
      refuse(l10n.t('{0} paddings do not fit {1} axes.', given.length, rank), 'wrong-shape');
    if (given.some((pair) => pair.some((n) => n < 0))) refuse(l10n.t('a padding is negative.'));
    return given.map(([before, after]) => [before, after]);
  };
  return singleOperand({
    shape: (operand) => {
      const added = of(operand.length);
      return operand.map((size, axis) => {
        const [before, after] = added[axis] ?? [0, 0];
        return size === null ? null : size + before + after;
      });
    },
    value({ tf }, x) {
      const added = of(x.rank);
      if (mode === 'constant') return tf.pad(x, added, constant);
      return mirroredAxes(added, mode).reduce<Tensor>(
        (y, { axis, places }) => gatherAlong(tf, y, axis, places(y.shape[axis] ?? 0)),
        x,
      );
    },
    gradient({ tf }, gradient, x) {
      const added = of(x.rank);
      if (mode === 'constant') {
        return tf.slice(
          gradient,
          added.map(([before]) => before),
          x.shape,
        );
      }
      return mirroredAxes(added, mode)
        .reverse()
        .reduce<Tensor>((g, { axis, places }) => {
          const size = x.shape[axis] ?? 0;
          return gatherAlongTransposed(tf, g, axis, places(size), size);
        }, gradient);
    },
  });
}

/** For each padded axis: the index in x of every index of the result. */
function mirroredAxes(
  added: readonly (readonly [number, number])[],
  mode: 'reflect' | 'symmetric',
): { axis: number; places: (size: number) => number[] }[] {
  const edge = mode === 'reflect' ? 0 : 1;
  return added.flatMap(([before, after], axis) => {
    if (before === 0 && after === 0) return [];
    const places = (size: number): number[] => {
      if (Math.max(before, after) > size - 1 + edge) {
        refuse(l10n.t('an axis of {0} cannot be mirrored by {1} and {2}.', size, before, after));
      }
      return Array.from({ length: before + size + after }, (_, i) => {
        const at = i - before;
        if (at < 0) return -at - edge;
        return at < size ? at : 2 * size - 2 - at + edge;
      });
    };
    return [{ axis, places }];
  });
}

const gatherAlong = (tf: TF, x: Tensor, axis: number, places: number[]): Tensor =>
  tf.gather(x, tf.tensor1d(places, 'int32'), axis);

/** The transpose of `gatherAlong`, as a product with one-hot indices: exact, and available on every backend. */
function gatherAlongTransposed(
  tf: TF,
  gradient: Tensor,
  axis: number,
  places: number[],
  size: number,
): Tensor {
  const moved = [axis, ...gradient.shape.map((_, i) => i).filter((i) => i !== axis)];
  const rows = tf.transpose(gradient, moved);
  const which = tf.oneHot(tf.tensor1d(places, 'int32'), size);
  const sums = tf.matMul(tf.cast(which, 'float32'), tf.reshape(rows, [places.length, -1]), true);
  return tf.transpose(tf.reshape(sums, [size, ...rows.shape.slice(1)]), inversePermutation(moved));
}
