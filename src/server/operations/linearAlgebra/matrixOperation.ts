import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import { broadcastShapes } from '../broadcast';
import { type HostArray, hostOperation, zerosLike } from '../hostOperation';
import { type Operation, operandAt, product, refuse, shapeText } from '../operation';
import { type Matrix, zeros } from './matrix';

/** Costs grow with the cube of a side; a larger matrix would block the server for minutes. */
export const MAX_SIDE = 512;

/** Rows and columns, `null` where they are unknown. */
export interface Sides {
  readonly rows: number | null;
  readonly columns: number | null;
}

/** A function of one matrix per operand; the axes before the last two are a batch, which is broadcast. */
export interface MatrixRule {
  /** The last axes of each output. @throws Refusal. */
  trailingShapes(operands: readonly Sides[]): readonly Shape[];
  /** Elementary steps for each matrix, as the cube of its larger side times this. */
  readonly effort: number;
  /** One matrix per output, its values in the order of the output's last axes. */
  forward(operands: readonly Matrix[]): readonly Matrix[];
  /** dScore/dOperand, one per operand; gradients are zeros where the score does not depend on an output. */
  backward?(
    operands: readonly Matrix[],
    outputs: readonly Matrix[],
    gradients: readonly Matrix[],
  ): readonly Matrix[];
  /** Outputs that are whole numbers. */
  readonly integers?: readonly number[];
}

function sidesOf(shape: Shape): Sides {
  if (shape.length < 2)
    return refuse(l10n.t('a tensor of shape {0} contains no matrices.', shapeText(shape)));
  const [rows = null, columns = null] = shape.slice(-2);
  for (const side of [rows, columns]) {
    if (side !== null && side > MAX_SIDE) {
      refuse(
        l10n.t(
          'its matrices are of {0}, and at most {1} are computed.',
          shapeText(shape.slice(-2)),
          MAX_SIDE,
        ),
        'too-large',
      );
    }
  }
  return { rows, columns };
}

/** Both sides of a square matrix. @throws Refusal. */
export function squareSide({ rows, columns }: Sides): number | null {
  if (rows !== null && columns !== null && rows !== columns)
    refuse(l10n.t('its matrix of {0} x {1} is not square.', rows, columns));
  return rows ?? columns;
}

export function matrixOperation(rule: MatrixRule): Operation {
  const { backward, integers = [] } = rule;
  const layout = (shapes: readonly Shape[]): { batch: Shape; tails: readonly Shape[] } => ({
    tails: rule.trailingShapes(shapes.map(sidesOf)),
    batch: broadcastShapes(shapes.map((shape) => shape.slice(0, -2))),
  });
  return hostOperation({
    outputShapes(operands) {
      const { batch, tails } = layout(operands);
      return tails.map((tail) => [...batch, ...tail]);
    },
    work(operands) {
      const { batch } = layout(operands);
      const sides = operands.flatMap((shape) => shape.slice(-2));
      const largest = sides.includes(null) ? null : Math.max(...sides.map((side) => side ?? 0));
      return times(...batch, rule.effort, largest, largest, largest);
    },
    forward(operands) {
      const { batch, tails } = layout(operands.map(({ shape }) => shape));
      const count = product(batch.map((size) => size ?? 1));
      const outputs = tails.map((tail) => {
        const shape = [...batch, ...tail].map((size) => size ?? 0);
        return { shape, values: zerosLike({ shape }) };
      });
      for (let i = 0; i < count; i++) {
        const results = rule.forward(operands.map((operand) => matrixIn(operand, batch, i)));
        for (const [k, { values }] of results.entries()) outputs[k]?.values.set(values, i * values.length);
      }
      return outputs.map((output, k) => ({ ...output, dtype: integers.includes(k) ? 'int32' : 'float32' }));
    },
    ...(backward && {
      backward(
        operands: readonly HostArray[],
        outputs: readonly HostArray[],
        gradients: readonly HostArray[],
      ) {
        const { batch, tails } = layout(operands.map(({ shape }) => shape));
        const count = product(batch.map((size) => size ?? 1));
        const sums = operands.map(zerosLike);
        const outputAt = (array: HostArray, k: number, i: number): Matrix => partAt(array, tails[k] ?? [], i);
        for (let i = 0; i < count; i++) {
          const parts = backward(
            operands.map((operand) => matrixIn(operand, batch, i)),
            outputs.map((output, k) => outputAt(output, k, i)),
            gradients.map((gradient, k) => outputAt(gradient, k, i)),
          );
          for (const [k, { values }] of parts.entries()) {
            const [sum, operand] = [sums[k], operandAt(operands, k)];
            const start = startOf(operand, batch, i);
            for (const [j, value] of values.entries()) {
              if (sum) sum[start + j] = (sum[start + j] ?? 0) + value;
            }
          }
        }
        return sums;
      },
    }),
  });
}

/** The offset of the matrix at `index` of the broadcast batch. */
function startOf({ shape }: HostArray, batch: Shape, index: number): number {
  const own = shape.slice(0, -2);
  let rest = index;
  let place = 0;
  let stride = product(shape.slice(-2));
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    const size = batch[axis] ?? 1;
    const ownSize = own[axis - batch.length + own.length] ?? 1;
    if (ownSize !== 1) place += (rest % size) * stride;
    rest = Math.floor(rest / size);
    stride *= ownSize;
  }
  return place;
}

function matrixIn(operand: HostArray, batch: Shape, index: number): Matrix {
  const [rows = 0, columns = 0] = operand.shape.slice(-2);
  return copyMatrix(operand, startOf(operand, batch, index), rows, columns);
}

/** A vector as a column, a number as a matrix of one. */
function partAt(array: HostArray, tail: Shape, index: number): Matrix {
  const [rows = 1, columns = 1] = array.shape.slice(array.shape.length - tail.length);
  return copyMatrix(array, index * rows * columns, rows, columns);
}

function copyMatrix({ values }: HostArray, start: number, rows: number, columns: number): Matrix {
  const matrix = zeros(rows, columns);
  for (let i = 0; i < matrix.values.length; i++) matrix.values[i] = values[start + i] ?? 0;
  return matrix;
}
