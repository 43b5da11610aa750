import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { steps } from '../arithmetic/formulaSteps';
import { reduction } from '../arithmetic/reductions';
import { formula } from '../compound';
import { flatIndex, gatherByMap, sourcesFor } from '../indexMap';
import { elementCount, normalizeAxis, type Operation, operandAt, refuse } from '../operation';
import { reshape } from './reshaping';

/** A config may ask for a diagonal with an offset of a billion. */
const MAX_OFFSET = 100_000;

function checkedOffset(offset: number): number {
  return Math.abs(offset) <= MAX_OFFSET
    ? offset
    : refuse(l10n.t('the diagonal {0} is not computed.', offset));
}

const diagonalLength = (rows: number, columns: number, offset: number): number =>
  Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));

/** `keras.ops.diagonal`: of the matrices along two axes, as a new last axis. */
export function diagonal(offset: number, axis1: number, axis2: number): Operation {
  checkedOffset(offset);
  const axesOf = (rank: number): [number, number] => {
    const pair: [number, number] = [normalizeAxis(axis1, rank), normalizeAxis(axis2, rank)];
    return pair[0] === pair[1] ? refuse(l10n.t('a matrix has two axes.')) : pair;
  };
  const shape = (operand: Shape): Shape => {
    const [a, b] = axesOf(operand.length);
    const [rows = null, columns = null] = [operand[a], operand[b]];
    const rest = operand.filter((_, axis) => axis !== a && axis !== b);
    return [...rest, rows === null || columns === null ? null : diagonalLength(rows, columns, offset)];
  };
  return gatherByMap(
    shape,
    (operand) => {
      const [a, b] = axesOf(operand.length);
      const sizes = shape(operand).map((size) => size ?? 0);
      const places = sourcesFor(sizes, (at) => {
        const along = at.at(-1) ?? 0;
        let next = 0;
        const from = operand.map((_, axis) => {
          if (axis === a) return along - Math.min(offset, 0);
          return axis === b ? along + Math.max(offset, 0) : (at[next++] ?? 0);
        });
        return flatIndex(operand, from);
      });
      return { shape: sizes, sources: places };
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

/** The matrix with a vector on a diagonal. */
function diagonalMatrix(offset: number): Operation {
  const side = (size: number): number => size + Math.abs(offset);
  return gatherByMap(
    ([size = null]) => (size === null ? [null, null] : [side(size), side(size)]),
    ([size = 0]) => {
      const sizes = [side(size), side(size)];
      const places = sourcesFor(sizes, ([row = 0, column = 0]) =>
        column - row === offset ? row + Math.min(offset, 0) : -1,
      );
      return { shape: sizes, sources: places };
    },
  );
}

/** `keras.ops.diag`: the matrix with a vector on a diagonal, or the diagonal of a matrix. */
export const diag = (offset: number): Operation =>
  formula((apply, operands) => {
    const x = operandAt(operands, 0);
    if (x.shape.length !== 1 && x.shape.length !== 2)
      refuse(l10n.t('its operand is neither a vector nor a matrix.'));
    const operation = x.shape.length === 1 ? diagonalMatrix(checkedOffset(offset)) : diagonal(offset, 0, 1);
    return apply(operation, x)[0];
  });

/** `keras.ops.diagflat`. */
export const diagflat = (offset: number): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    return of(diagonalMatrix(checkedOffset(offset)), of(reshape([elementCount(x.shape) ?? -1]), x));
  });
