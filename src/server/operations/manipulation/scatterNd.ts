import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { Tensor, TF } from '../../layers/kind';
import {
  type ComputeContext,
  needsGradient,
  type Operation,
  operandAt,
  product,
  refuse,
  shapeText,
} from '../operation';

/** How many axes each row of `indices` [..., depth] indexes. */
function depthOf(indices: Shape): number {
  const depth = indices.at(-1);
  return depth === null || depth === undefined
    ? refuse(l10n.t('the length of its indices is unknown.'))
    : depth;
}

/** @throws Refusal for an index out of range: TF.js's kernels would access memory outside of the tensor. */
function checkIndices(indices: Tensor, shape: readonly number[]): void {
  const depth = shape.length;
  for (const [i, position] of indices.dataSync().entries()) {
    const size = shape[i % depth] ?? 0;
    if (position >= 0 && position < size) continue;
    refuse(l10n.t('one of its indices is {0}, on an axis of {1}.', position, size));
  }
}

/** [..., depth] -> [count, depth], int32. */
const rowsOf = (tf: TF, indices: Tensor): Tensor =>
  tf.reshape(tf.cast(indices, 'int32'), [-1, indices.shape.at(-1) ?? 1]);

/** Sums rows of updates [count, ...rest] at their indices in zeros of `shape`. */
function scattered(tf: TF, rows: Tensor, updates: Tensor, shape: readonly number[]): Tensor {
  const [count = 0, depth = 0] = rows.shape;
  const rest = shape.slice(depth);
  // Without an indexed axis all rows are added together.
  if (depth === 0) return tf.reshape(tf.sum(tf.reshape(updates, [count, ...rest]), 0), [...shape]);
  return tf.scatterND(rows, tf.reshape(updates, [count, ...rest]), [...shape]);
}

/**
 * TensorFlow's `GatherNd`: operands params and indices [..., depth]; each row of indices names a value, or a slice where
 * it is shorter than the rank of params. The gradients of values taken several times are summed.
 */
export function gatherNd(batchDims = 0): Operation {
  if (batchDims !== 0) refuse(l10n.t('it has batch axes.'));
  return {
    outputShapes(operands) {
      const [params, indices] = [operandAt(operands, 0), operandAt(operands, 1)];
      const depth = depthOf(indices);
      if (depth > params.length)
        refuse(l10n.t('its indices are longer than {0} has axes.', shapeText(params)));
      return [[...indices.slice(0, -1), ...params.slice(depth)]];
    },
    forward({ tf }, operands) {
      const [params, indices] = [operandAt(operands, 0), operandAt(operands, 1)];
      const depth = indices.shape.at(-1) ?? 0;
      const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
      const rows = rowsOf(tf, indices);
      checkIndices(rows, params.shape.slice(0, depth));
      if (product(shape) === 0) return [tf.zeros(shape, params.dtype)];
      if (depth === 0)
        return [tf.tile(tf.expandDims(params, 0), [rows.shape[0] ?? 1, ...params.shape.map(() => 1)])];
      return [tf.reshape(tf.gatherND(params, rows), shape)];
    },
    backward({ tf }, step) {
      const [gradient] = step.gradients;
      if (!gradient || !needsGradient(step, 0)) return [null, null];
      const params = operandAt(step.inputs, 0);
      if (gradient.size === 0) return [tf.zerosLike(params), null];
      return [scattered(tf, rowsOf(tf, operandAt(step.inputs, 1)), gradient, params.shape), null];
    },
  };
}

/** TensorFlow's `ScatterNd` into zeros of `shape`: operands indices [..., depth] and updates [..., rest]. */
export function scatterNd(shape: readonly (number | null)[]): Operation {
  return {
    outputShapes: () => [shape],
    forward({ tf }, operands) {
      const sizes = shape.map((size) => size ?? 0);
      const [indices, updates] = [operandAt(operands, 0), operandAt(operands, 1)];
      const rows = rowsOf(tf, indices);
      checkIndices(rows, sizes.slice(0, rows.shape[1]));
      return [rows.shape[0] === 0 ? tf.zeros(sizes, updates.dtype) : scattered(tf, rows, updates, sizes)];
    },
    backward({ tf }, step) {
      const [gradient] = step.gradients;
      const updates = operandAt(step.inputs, 1);
      if (!gradient || !needsGradient(step, 1)) return [null, null];
      const rows = rowsOf(tf, operandAt(step.inputs, 0));
      return [
        null,
        updates.size === 0 ? tf.zerosLike(updates) : tf.reshape(tf.gatherND(gradient, rows), updates.shape),
      ];
    },
  };
}

/** TensorFlow's `TensorScatterUpdate`: operands tensor, indices [..., depth] and the values to write there. */
export function tensorScatterUpdate(): Operation {
  const kept = ({ tf }: ComputeContext, rows: Tensor, shape: readonly number[]): Tensor => {
    const depth = rows.shape[1] ?? 0;
    const outer = shape.slice(0, depth);
    const hits = scattered(tf, rows, tf.ones([rows.shape[0] ?? 0]), outer);
    return tf.reshape(tf.cast(tf.equal(hits, 0), 'float32'), [...outer, ...shape.slice(depth).map(() => 1)]);
  };
  return {
    outputShapes: (operands) => [operandAt(operands, 0)],
    forward(ctx, operands) {
      const { tf } = ctx;
      const [x, indices, updates] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)];
      const rows = rowsOf(tf, indices);
      checkIndices(rows, x.shape.slice(0, rows.shape[1]));
      if (updates.size === 0) return [tf.clone(x)];
      const other = scattered(tf, rows, updates, x.shape);
      return [tf.cast(tf.where(broadcast(tf, kept(ctx, rows, x.shape), x), x, other), x.dtype)];
    },
    backward(ctx, step) {
      const { tf } = ctx;
      const [gradient] = step.gradients;
      const [x, indices, updates] = [0, 1, 2].map((i) => operandAt(step.inputs, i));
      if (!gradient || !x || !indices || !updates) return [null, null, null];
      const rows = rowsOf(tf, indices);
      if (updates.size === 0) return [needsGradient(step, 0) ? tf.clone(gradient) : null, null, null];
      return [
        needsGradient(step, 0) ? tf.mul(gradient, kept(ctx, rows, x.shape)) : null,
        null,
        needsGradient(step, 2) ? tf.reshape(tf.gatherND(gradient, rows), updates.shape) : null,
      ];
    },
  };
}

const broadcast = (tf: TF, mask: Tensor, x: Tensor): Tensor => tf.cast(tf.broadcastTo(mask, x.shape), 'bool');

/**
 * TensorFlow's `SparseToDense` of `shape`: operands indices (a number, [count] or [count, rank]), values (one for all, or
 * [count]) and the default value.
 */
export function sparseToDense(shape: readonly (number | null)[]): Operation {
  const rank = shape.length;
  const rows = (tf: TF, indices: Tensor): Tensor => tf.reshape(tf.cast(indices, 'int32'), [-1, rank]);
  return {
    outputShapes: () => [shape],
    forward({ tf }, operands) {
      const sizes = shape.map((size) => size ?? 0);
      const [indices, values, rest] = [
        operandAt(operands, 0),
        operandAt(operands, 1),
        operandAt(operands, 2),
      ];
      const at = rows(tf, indices);
      checkIndices(at, sizes);
      const count = at.shape[0] ?? 0;
      const background = tf.fill(sizes, rest.dataSync()[0] ?? 0, values.dtype as 'float32');
      if (count === 0) return [background];
      const number = values.dtype === 'bool' ? tf.cast(values, 'int32') : values;
      const placed = scattered(tf, at, tf.broadcastTo(number, [count]), sizes);
      const hits = scattered(tf, at, tf.ones([count]), sizes);
      return [tf.where(tf.greater(hits, 0), tf.cast(placed, values.dtype), background)];
    },
    backward({ tf }, step) {
      const [gradient] = step.gradients;
      const [indices, values] = [operandAt(step.inputs, 0), operandAt(step.inputs, 1)];
      if (!gradient) return [null, null, null];
      const at = rows(tf, indices);
      const taken = at.shape[0] === 0 ? tf.zeros([0]) : tf.gatherND(gradient, at);
      return [
        null,
        needsGradient(step, 1) ? (values.rank === 0 ? tf.sum(taken) : taken) : null,
        needsGradient(step, 2) ? tf.sub(tf.sum(gradient), tf.sum(taken)) : null,
      ];
    },
  };
}

/** TensorFlow's `Where` of one operand: the indices of non-zero values, [count, rank] in row-major order. */
export function nonzeroIndices(): Operation {
  return {
    outputShapes: (operands) => [[null, operandAt(operands, 0).length]],
    forward({ tf }, operands) {
      const x = operandAt(operands, 0);
      const strides = x.shape.map((_, axis) => product(x.shape.slice(axis + 1)));
      const found: number[] = [];
      for (const [flat, value] of x.dataSync().entries()) {
        if (!value) continue;
        for (const [axis, stride] of strides.entries()) {
          found.push(Math.floor(flat / stride) % (x.shape[axis] ?? 1));
        }
      }
      const count = x.rank === 0 ? Number(x.dataSync()[0] !== 0) : found.length / x.rank;
      return [tf.tensor(found, [count, x.rank], 'int32')];
    },
  };
}
