import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import type { Tensor, TF } from '../../layers/kind';
import { broadcastShapes, expandTo, sumTo } from '../broadcast';
import {
  asFloat,
  type ComputeContext,
  needsGradient,
  type Operation,
  operandAt,
  product,
  refuse,
  shapeText,
} from '../operation';

/** Whether an operand's last two axes are exchanged first (TensorFlow's `transpose_a`, `transpose_b`). */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** The right-hand side is a weight that is not used as one in another shape. */
  readonly isByWeight?: boolean;
}

/**
 * `keras.ops.matmul`: the last two axes are matrices, the others broadcast; a vector is a row on the left and a column on
 * the right.
 */
export function matmul({
  transposeA = false,
  transposeB = false,
  isByWeight = false,
}: MatmulOptions = {}): Operation {
  const turned = (shape: Shape, isTurned: boolean): Shape =>
    isTurned && shape.length > 1
      ? [...shape.slice(0, -2), shape.at(-1) ?? null, shape.at(-2) ?? null]
      : shape;
  return {
    outputShapes(operands) {
      const [first, second] = [operandAt(operands, 0), operandAt(operands, 1)];
      if (first.length === 0 || second.length === 0) refuse(l10n.t('a single number is not a matrix.'));
      const a = turned(first, transposeA);
      const b = turned(second, transposeB);
      const [left, right] = [a.at(-1) ?? null, b.length === 1 ? (b[0] ?? null) : (b.at(-2) ?? null)];
      if (left !== null && right !== null && left !== right) {
        refuse(
          l10n.t('matrices of shapes {0} and {1} cannot be multiplied.', shapeText(a), shapeText(b)),
          'wrong-shape',
        );
      }
      const batch = broadcastShapes([a.slice(0, -2), b.slice(0, -2)]);
      return [[...batch, ...a.slice(-2, -1), ...(b.length === 1 ? [] : b.slice(-1))]];
    },
    multiplyAdds(operands) {
      const a = turned(operandAt(operands, 0), transposeA);
      const b = turned(operandAt(operands, 1), transposeB);
      const batch = broadcastShapes([a.slice(0, -2), b.slice(0, -2)]);
      return times(...batch, ...a.slice(-2), b.length === 1 ? 1 : b.at(-1));
    },
    forward(ctx, operands) {
      const { tf } = ctx;
      const [a, b] = matrices(tf, operands);
      const y = batchedMatmul(tf, a, isByWeight ? b : asRightOperand(ctx, b), transposeA, transposeB);
      return [dropVectors(tf, y, operands)];
    },
    backward(ctx, step) {
      const { tf } = ctx;
      const { inputs } = step;
      const [gradient] = step.gradients;
      if (!gradient) return inputs.map(() => null);
      const [a, b] = matrices(tf, inputs);
      const dy = raiseVectors(tf, gradient, inputs);
      // With A' the operand as it is multiplied: dA' = dy B'^T and dB' = A'^T dy, each turned back.
      const toA = (): Tensor =>
        transposeA
          ? batchedMatmul(tf, b, asRightOperand(ctx, dy), transposeB, true)
          : batchedMatmul(tf, dy, asRightOperand(ctx, b), false, !transposeB);
      const toB = (): Tensor =>
        transposeB
          ? batchedMatmul(tf, dy, asRightOperand(ctx, a), true, transposeA)
          : batchedMatmul(tf, a, asRightOperand(ctx, dy), !transposeA, false);
      const back = (i: number, matrix: Tensor, part: () => Tensor): Tensor | null =>
        needsGradient(step, i)
          ? tf.reshape(sumTo(tf, part(), matrix.shape), operandAt(inputs, i).shape)
          : null;
      return [back(0, a, toA), back(1, b, toB)];
    },
  };
}

/** A copy on wasm, which caches a prepared right-hand side by the identity of its data, ignoring the shape. */
const asRightOperand = ({ tf, backend }: ComputeContext, x: Tensor): Tensor =>
  backend === 'wasm' ? tf.mul(x, 1) : x;

/** Vectors as matrices, integers as float32. */
function matrices(tf: TF, operands: readonly Tensor[]): [Tensor, Tensor] {
  const a = asFloat(tf, operandAt(operands, 0));
  const b = asFloat(tf, operandAt(operands, 1));
  return [a.rank === 1 ? tf.expandDims(a, 0) : a, b.rank === 1 ? tf.expandDims(b, 1) : b];
}

function dropVectors(tf: TF, y: Tensor, operands: readonly Tensor[]): Tensor {
  const isRow = operandAt(operands, 0).rank === 1;
  const isColumn = operandAt(operands, 1).rank === 1;
  const tail = [...(isRow ? [] : y.shape.slice(-2, -1)), ...(isColumn ? [] : y.shape.slice(-1))];
  const result = tf.reshape(y, [...y.shape.slice(0, -2), ...tail]);
  return operands.every((operand) => operand.dtype !== 'float32') ? tf.cast(result, 'int32') : result;
}

function raiseVectors(tf: TF, gradient: Tensor, operands: readonly Tensor[]): Tensor {
  const row = operandAt(operands, 0).rank === 1 ? 1 : 0;
  const column = operandAt(operands, 1).rank === 1 ? 1 : 0;
  const batch = gradient.shape.slice(0, gradient.rank - (2 - row - column));
  const rest = gradient.shape.slice(batch.length);
  return tf.reshape(gradient, [
    ...batch,
    row === 1 ? 1 : (rest[0] ?? 1),
    column === 1 ? 1 : (rest.at(-1) ?? 1),
  ]);
}

/** Products of the last two axes, the others broadcast. Rank 3 is what every backend's kernels take. */
function batchedMatmul(tf: TF, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const shared = b.rank === 2 && !transposeA;
  if (shared) {
    const rows = product(a.shape.slice(0, -1));
    const y = tf.matMul(tf.reshape(a, [rows, a.shape.at(-1) ?? 1]), b, false, transposeB);
    return tf.reshape(y, [...a.shape.slice(0, -1), y.shape[1] ?? 1]);
  }
  const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]).map((size) => size ?? 1);
  const stacked = (x: Tensor): Tensor =>
    tf.reshape(expandTo(tf, x, [...batch, ...x.shape.slice(-2)]), [product(batch), ...x.shape.slice(-2)]);
  const y = tf.matMul(stacked(a), stacked(b), transposeA, transposeB);
  return tf.reshape(y, [...batch, ...y.shape.slice(-2)]);
}
