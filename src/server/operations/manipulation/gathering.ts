import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { Tensor, TF } from '../../layers/kind';
import { shapesMatch } from '../../layers/support/shapeMatching';
import { broadcastShapes } from '../broadcast';
import {
  asFloat,
  needsGradient,
  normalizeAxis,
  type Operation,
  operandAt,
  refuse,
  shapeText,
  singleOperand,
} from '../operation';
import { inversePermutation } from './reshaping';
import { splitAtAxis } from './tiling';

/**
 * Negative indices count from the end. Indices out of range are refused, as TensorFlow does on a CPU: the rows of all
 * examples are adjacent, and a backend would read a row of another example.
 */
function checkedIndices(tf: TF, indices: Tensor, size: number): Tensor {
  const whole = tf.cast(indices, 'int32');
  const outside = whole.dataSync().find((place) => place < -size || place >= size);
  if (outside !== undefined)
    refuse(l10n.t('an axis of {0} has no position {1}.', size, outside), 'bad-input');
  return tf.where(tf.less(whole, 0), tf.add(whole, tf.scalar(size, 'int32')), whole);
}

/**
 * `keras.ops.take` along one axis (TensorFlow's `gather`): operands x and integer indices of any shape, which replaces
 * the axis. `axis: null` takes from the flattened tensor. The gradients of values taken several times are summed.
 */
export function take(axis: number | null, batchDims = 0): Operation {
  const place = (rank: number): number => (axis === null ? 0 : normalizeAxis(axis, rank));
  return {
    outputShapes(operands) {
      const [x, indices] = [operandAt(operands, 0), operandAt(operands, 1)];
      if (axis === null) return [indices];
      const at = place(x.length);
      checkBatch(x, indices, at, batchDims);
      return [[...x.slice(0, at), ...indices.slice(batchDims), ...x.slice(at + 1)]];
    },
    forward({ tf }, operands) {
      const x = flatFor(tf, axis, operandAt(operands, 0));
      const at = place(x.rank);
      const indices = checkedIndices(tf, operandAt(operands, 1), x.shape[at] ?? 0);
      const shape = [...x.shape.slice(0, at), ...indices.shape.slice(batchDims), ...x.shape.slice(at + 1)];
      const flat = takeRows(tf, x, indices, at, batchDims);
      return [tf.reshape(flat, shape)];
    },
    backward({ tf }, step) {
      const { inputs } = step;
      const [gradient] = step.gradients;
      const given = operandAt(inputs, 0);
      if (!gradient || !needsGradient(step, 0)) return [null, null];
      const x = flatFor(tf, axis, given);
      const at = place(x.rank);
      const indices = checkedIndices(tf, operandAt(inputs, 1), x.shape[at] ?? 0);
      return [
        tf.reshape(takeRowsTransposed(tf, gradient, indices, x.shape, at, batchDims), given.shape),
        null,
      ];
    },
  };
}

/** The leading batch axes of both must agree: each batch entry has its own indices. */
function checkBatch(x: Shape, indices: Shape, axis: number, batchDims: number): void {
  if (batchDims < 0 || batchDims > axis || batchDims > indices.length)
    refuse(
      l10n.t(
        '{0} batch axes do not fit the shapes {1} and {2} and axis {3}.',
        batchDims,
        shapeText(x),
        shapeText(indices),
        axis,
      ),
    );
  if (!shapesMatch(x.slice(0, batchDims), indices.slice(0, batchDims)))
    refuse(
      l10n.t(
        'shapes {0} and {1} differ in their {2} batch axes.',
        shapeText(x),
        shapeText(indices),
        batchDims,
      ),
    );
}

const flatFor = (tf: TF, axis: number | null, x: Tensor): Tensor =>
  axis === null ? tf.reshape(x, [x.size]) : x;

/** [batch, between, size, inner] with indices [batch, count]: one row of indices per batch entry. */
function parts(shape: readonly number[], indices: Tensor, at: number, batchDims: number) {
  const { outer, size, inner } = splitAtAxis(shape, at);
  const batch = shape.slice(0, batchDims).reduce((a, b) => a * b, 1);
  return { batch, between: outer / batch, size, inner, count: indices.size / batch };
}

/** The index of every taken row among the rows of [batch * between * size, inner]. */
function rowsOf(tf: TF, indices: Tensor, shape: readonly number[], at: number, batchDims: number): Tensor {
  const { batch, between, size, count } = parts(shape, indices, at, batchDims);
  const starts = tf.mul(tf.range(0, batch * between, 1, 'int32'), tf.scalar(size, 'int32'));
  const own = tf.reshape(indices, [batch, 1, count]);
  return tf.reshape(tf.add(tf.reshape(starts, [batch, between, 1]), own), [batch * between * count]);
}

function takeRows(tf: TF, x: Tensor, indices: Tensor, at: number, batchDims: number): Tensor {
  const { batch, between, size, inner } = parts(x.shape, indices, at, batchDims);
  const rows = tf.reshape(x, [batch * between * size, inner]);
  return tf.gather(rows, rowsOf(tf, indices, x.shape, at, batchDims));
}

/** The transpose of `taken`. By scattering, since wasm lacks the sum over segments that is TF.js's gradient of `gather`. */
function takeRowsTransposed(
  tf: TF,
  gradient: Tensor,
  indices: Tensor,
  shape: readonly number[],
  at: number,
  batchDims: number,
): Tensor {
  const { batch, between, size, inner } = parts(shape, indices, at, batchDims);
  const rows = rowsOf(tf, indices, shape, at, batchDims);
  return tf.reshape(
    tf.scatterND(tf.reshape(rows, [-1, 1]), tf.reshape(gradient, [rows.size, inner]), [
      batch * between * size,
      inner,
    ]),
    [...shape],
  );
}

/** `keras.ops.take_along_axis`: operands x and indices of the same rank. */
export function takeAlongAxis(axis: number | null): Operation {
  const rowsLast = (tf: TF, x: Tensor): { rows: Tensor; order: number[] } => {
    if (axis === null) return { rows: tf.reshape(x, [1, x.size]), order: [0] };
    const at = normalizeAxis(axis, x.rank);
    const order = [...x.shape.map((_, i) => i).filter((i) => i !== at), at];
    const moved = tf.transpose(x, order);
    return { rows: tf.reshape(moved, [-1, x.shape[at] ?? 1]), order };
  };
  const back = (tf: TF, rows: Tensor, shape: readonly number[], order: number[]): Tensor => {
    if (axis === null) return tf.reshape(rows, [...shape]);
    const moved = order.map((i) => shape[i] ?? 1);
    return tf.transpose(tf.reshape(rows, moved), inversePermutation(order));
  };
  /** The other axes of x and of the indices broadcast. */
  const spread = (tf: TF, tensor: Tensor, other: readonly number[]): Tensor => {
    if (axis === null) return tensor;
    const at = normalizeAxis(axis, tensor.rank);
    const times = tensor.shape.map((size, i) => (i !== at && size === 1 ? (other[i] ?? 1) : 1));
    return times.every((n) => n === 1) ? tensor : tf.tile(tensor, times);
  };
  const flatPlaces = (tf: TF, rows: Tensor, places: Tensor): Tensor => {
    const size = rows.shape[1] ?? 0;
    const starts = tf.mul(tf.range(0, rows.shape[0] ?? 0, 1, 'int32'), tf.scalar(size, 'int32'));
    return tf.reshape(tf.add(checkedIndices(tf, places, size), tf.reshape(starts, [-1, 1])), [places.size]);
  };
  return {
    outputShapes(operands) {
      const [x, indices] = [operandAt(operands, 0), operandAt(operands, 1)];
      if (axis === null) return [indices];
      if (x.length !== indices.length)
        refuse(l10n.t('shapes {0} and {1} differ in rank.', shapeText(x), shapeText(indices)));
      const at = normalizeAxis(axis, x.length);
      const wide = broadcastShapes(
        [x, indices].map((shape) => shape.map((size, i) => (i === at ? 1 : size))),
      );
      return [wide.map((size, i) => (i === at ? (indices[i] ?? null) : size))];
    },
    forward({ tf }, operands) {
      const x = operandAt(operands, 0);
      const indices = spread(tf, tf.cast(operandAt(operands, 1), 'int32'), x.shape);
      const { rows } = rowsLast(tf, spread(tf, x, indices.shape));
      const { rows: places, order } = rowsLast(tf, indices);
      const found = tf.gather(tf.reshape(rows, [rows.size]), flatPlaces(tf, rows, places));
      return [back(tf, found, indices.shape, order)];
    },
    backward({ tf }, step) {
      const { inputs } = step;
      const [gradient] = step.gradients;
      const x = operandAt(inputs, 0);
      if (!gradient || !needsGradient(step, 0)) return [null, null];
      const indices = spread(tf, tf.cast(operandAt(inputs, 1), 'int32'), x.shape);
      const wide = spread(tf, x, indices.shape);
      const { rows, order } = rowsLast(tf, wide);
      const { rows: places } = rowsLast(tf, indices);
      const { rows: dy } = rowsLast(tf, gradient);
      const flat = tf.reshape(flatPlaces(tf, rows, places), [-1, 1]);
      const dx = tf.scatterND(flat, tf.reshape(dy, [dy.size]), [rows.size]);
      const repeated = x.shape.flatMap((size, i) => (size === 1 && wide.shape[i] !== 1 ? [i] : []));
      const whole = back(tf, dx, wide.shape, order);
      return [repeated.length > 0 ? tf.sum(whole, repeated, true) : whole, null];
    },
  };
}

/** Moves `axis` to the end for `work`, and back. */
function alongLast(tf: TF, x: Tensor, axis: number, work: (rows: Tensor) => Tensor): Tensor {
  const at = normalizeAxis(axis, x.rank);
  if (at === x.rank - 1) return work(x);
  const order = x.shape.map((_, i) => (i === at ? x.rank - 1 : i === x.rank - 1 ? at : i));
  return tf.transpose(work(tf.transpose(x, order)), order);
}

/** The indices that sort rows, stable in both directions, as in TensorFlow. */
function sortingIndices(tf: TF, rows: Tensor, descending: boolean): Tensor {
  const size = rows.shape[rows.rank - 1] ?? 0;
  const keys = asFloat(tf, rows);
  return tf.topk(descending ? keys : tf.neg(keys), size, true).indices;
}

/** `keras.ops.argsort`, ascending unless `descending`. */
export function argsort(axis: number, descending = false): Operation {
  return singleOperand({
    shape(operand) {
      normalizeAxis(axis, operand.length);
      return operand;
    },
    value: ({ tf }, x) => alongLast(tf, x, axis, (rows) => sortingIndices(tf, rows, descending)),
  });
}

/** `keras.ops.sort`, ascending unless `descending`; each gradient goes back to the source of its value. */
export function sort(axis: number, descending = false): Operation {
  const places = argsort(axis, descending);
  const along = takeAlongAxis(axis);
  return singleOperand({
    shape: (operand) => operandAt(places.outputShapes([operand]), 0),
    value: (ctx, x) => operandAt(along.forward(ctx, [x, ...places.forward(ctx, [x])]), 0),
    gradient(ctx, gradient, x, y) {
      const inputs = [x, ...places.forward(ctx, [x])];
      const [dx] = along.backward?.(ctx, { inputs, outputs: [y], gradients: [gradient] }) ?? [];
      return dx ?? ctx.tf.zerosLike(x);
    },
  });
}

/** `keras.ops.top_k` along the last axis: values, which carry the gradient, and int32 indices. */
export function topK(k: number): Operation {
  if (!Number.isSafeInteger(k) || k < 1) refuse(l10n.t('the {0} largest values cannot be taken.', k));
  const along = takeAlongAxis(-1);
  return {
    outputShapes(operands) {
      const shape = operandAt(operands, 0);
      const last = shape[normalizeAxis(-1, shape.length)] ?? null;
      if (last !== null && last < k) refuse(l10n.t('an axis of {0} has no {1} largest values.', last, k));
      const sizes = [...shape.slice(0, -1), k];
      return [sizes, sizes];
    },
    forward({ tf }, operands) {
      const { values, indices } = tf.topk(operandAt(operands, 0), k, true);
      return [values, indices];
    },
    backward(ctx, { inputs, outputs, gradients: [gradient] }) {
      const x = operandAt(inputs, 0);
      if (!gradient) return [null];
      const step = { inputs: [x, operandAt(outputs, 1)], outputs, gradients: [gradient] };
      return [along.backward?.(ctx, step)[0] ?? null];
    },
  };
}
