import type { Shape } from '../../../shared/model';
import { steps } from '../arithmetic/formulaSteps';
import { reduction } from '../arithmetic/reductions';
import { formula } from '../compound';
import { byPlaces, placesFor, positionIn } from '../indexMap';
import { axisIn, type Operation, operandAt, refuse, sizeOf } from '../operation';
import { reshape } from './reshaping';

/** A config may ask for a diagonal a billion places away. */
const MAX_OFFSET = 100_000;

function bounded(offset: number): number {
  return Math.abs(offset) <= MAX_OFFSET ? offset : refuse(`no diagonal ${offset} is taken.`);
}

const diagonalLength = (rows: number, columns: number, offset: number): number =>
  Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));

/** `keras.ops.diagonal`: of the matrices that two axes are, as a last axis. */
export function diagonal(offset: number, axis1: number, axis2: number): Operation {
  bounded(offset);
  const axesOf = (rank: number): [number, number] => {
    const pair: [number, number] = [axisIn(axis1, rank), axisIn(axis2, rank)];
    return pair[0] === pair[1] ? refuse('a matrix has two axes.') : pair;
  };
  const shape = (operand: Shape): Shape => {
    const [a, b] = axesOf(operand.length);
    const [rows = null, columns = null] = [operand[a], operand[b]];
    const rest = operand.filter((_, axis) => axis !== a && axis !== b);
    return [...rest, rows === null || columns === null ? null : diagonalLength(rows, columns, offset)];
  };
  return byPlaces(
    shape,
    (operand) => {
      const [a, b] = axesOf(operand.length);
      const sizes = shape(operand).map((size) => size ?? 0);
      const places = placesFor(sizes, (at) => {
        const along = at.at(-1) ?? 0;
        let next = 0;
        const from = operand.map((_, axis) => {
          if (axis === a) return along - Math.min(offset, 0);
          return axis === b ? along + Math.max(offset, 0) : (at[next++] ?? 0);
        });
        return positionIn(operand, from);
      });
      return { shape: sizes, places };
    },
    { isPassThrough: true },
  );
}

/** `keras.ops.trace`. */
export const trace = (offset: number, axis1: number, axis2: number): Operation =>
  formula((apply, operands) => {
    const [values] = apply(diagonal(offset, axis1, axis2), operandAt(operands, 0));
    return apply(reduction('sum', { axes: [-1], keepdims: false }), values)[0];
  });

/** A matrix with the operand, a vector, on a diagonal. */
function onDiagonal(offset: number): Operation {
  const side = (size: number): number => size + Math.abs(offset);
  return byPlaces(
    ([size = null]) => (size === null ? [null, null] : [side(size), side(size)]),
    ([size = 0]) => {
      const sizes = [side(size), side(size)];
      const places = placesFor(sizes, ([row = 0, column = 0]) =>
        column - row === offset ? row + Math.min(offset, 0) : -1,
      );
      return { shape: sizes, places };
    },
  );
}

/** `keras.ops.diag`: the matrix with a vector on a diagonal, or the diagonal of a matrix. */
export const diag = (offset: number): Operation =>
  formula((apply, operands) => {
    const x = operandAt(operands, 0);
    if (x.shape.length !== 1 && x.shape.length !== 2) refuse('neither a vector nor a matrix.');
    const operation = x.shape.length === 1 ? onDiagonal(bounded(offset)) : diagonal(offset, 0, 1);
    return apply(operation, x)[0];
  });

/** `keras.ops.diagflat`. */
export const diagflat = (offset: number): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    return of(onDiagonal(bounded(offset)), of(reshape([sizeOf(x.shape) ?? -1]), x));
  });
